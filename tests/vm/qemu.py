"""One virtual machine under QEMU's own emulation: started, frozen, brought back, cut off.

KVM is not used: where tests run, machines are virtual themselves.
"""

from __future__ import annotations

import base64
import json
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

MEMORY_MB = 512
START_S = 300.0
LINE = "52:54:00:71:0a:01"
"""Hardware address of the only network card."""
_WIRE = ("-netdev", "user,id=line,ipv6=off", "-device", f"virtio-net-pci,netdev=line,mac={LINE},romfile=")
"""Leads to ports of the machine that emulates, and is the router's."""
_LOOK_EVERY_S = 5.0
LOOK_S = 0.3
"""Of a condition in the machine: to look is work for a processor that is emulated."""
# AVX is left out: QEMU 7.2 emulates it wrongly.
_MACHINE = (
    "setpriv", "--pdeathsig", "KILL",  # a test run that is killed takes its machines along
    "qemu-system-x86_64", "-M", "q35", "-cpu", "max,avx=off,avx2=off",
    "-display", "none", "-nodefaults", "-no-user-config", "-no-reboot",
)  # fmt: skip


class MachineFailed(Exception):  # noqa: N818 - it tells what happened
    """The machine ended, or did not answer in time."""


class NoAnswer(MachineFailed):
    """It did not answer in time."""


@dataclass(frozen=True)
class Hardware:
    """How the machine is emulated."""

    memory_mb: int = MEMORY_MB
    processors: tuple[str, ...] = ("-accel", "tcg,thread=multi", "-smp", "2")
    kernel: str = ""
    """More of the kernel's command line."""


@dataclass(frozen=True)
class Frozen:
    """A machine at rest: what its memory held, and what its disk held at that moment."""

    memory: Path
    disk: Path

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Where it is kept in a folder."""
        return cls(folder / "memory", folder / "disk.raw")


@dataclass(frozen=True)
class Done:
    """What a script in the machine gave."""

    code: int
    output: str


class Machine:
    """A running machine; ends with its context whatever happens.

    ``disk`` is written to. ``memory`` is what :meth:`freeze` left, with the disk as it was then.
    ``wired``: with the router's line out; a machine that starts without its router takes it for a cable.
    """

    def __init__(
        self,
        folder: Path,
        disk: Path,
        kernel: Path,
        initramfs: Path,
        *,
        memory: Path | None = None,
        wired: bool = True,
        hardware: Hardware = Hardware(),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._memory = folder, memory
        # A socket's path has at most 107 bytes (unix(7)), and a test's folder is named like the test.
        self._sockets = tempfile.TemporaryDirectory(prefix="kit-vm-")
        self._console = Path(self._sockets.name) / "console"
        self._monitor = Path(self._sockets.name) / "monitor"
        self.disk = disk
        self._command = [
            *_MACHINE,
            *hardware.processors, "-m", str(hardware.memory_mb),
            "-kernel", str(kernel), "-initrd", str(initramfs), "-append",
            f"root=/dev/vda rw console=ttyS0 quiet systemd.show_status=0 mitigations=off {hardware.kernel}",
            # What the machine has written is in the file at once, and stays when QEMU is killed.
            "-drive", f"file={disk},if=virtio,format=raw,cache=writeback,discard=unmap",
            "-serial", f"file:{folder / 'serial'}",
            "-qmp", f"unix:{self._monitor},server=on,wait=off",
            "-device", "virtio-serial-pci", "-device", "virtio-rng-pci",
            "-chardev", f"socket,id=rig,path={self._console},server=on,wait=off",
            "-device", "virtserialport,chardev=rig,name=rig",
            *(_WIRE if wired else ()),
        ]  # fmt: skip
        if memory is not None:
            self._command += ["-incoming", f"exec:cat {shlex.quote(str(memory))}"]
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._rest = b""
        self._number = 0

    def __enter__(self) -> Self:
        with (self._folder / "qemu").open("wb") as said:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        try:
            if self._memory is not None:
                self._resume()
            self._answer()
        except BaseException:
            self.cut()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()

    def run(self, script: str, *, timeout_s: float = 60.0) -> Done:
        """Run ``script`` by bash in the machine, as root. Output is both of its streams."""
        self._send(script, timeout_s)
        deadline = time.monotonic() + timeout_s + START_S
        while True:
            answer = self._read(deadline)
            if answer["number"] == self._number:
                return Done(answer["code"], answer["output"])

    def check(self, script: str, *, timeout_s: float = 60.0) -> str:
        """Run ``script`` and return its output; MachineFailed where it fails."""
        done = self.run(script, timeout_s=timeout_s)
        if done.code != 0:
            raise MachineFailed(f"{script}\nended with {done.code}:\n{done.output}")
        return done.output

    def wait(self, condition: str, *, timeout_s: float = 120.0) -> None:
        """Wait until the script ``condition`` succeeds."""
        script = f"until {{ {condition}\n}} >/dev/null 2>&1; do sleep {LOOK_S}; done"
        if self.run(script, timeout_s=timeout_s).code != 0:
            raise MachineFailed(f"in {timeout_s:.0f} s it did not come to this: {condition}")

    def put(self, path: str, content: str) -> None:
        """Write a file; below /run nothing may be run by its own name."""
        coded = base64.b64encode(content.encode()).decode()
        self.check(f'mkdir -p "$(dirname {path})"; base64 -d <<<{coded} >{path}')

    def freeze(self, frozen: Frozen) -> None:
        """Stop, and keep memory and disk. The machine has ended then."""
        frozen.memory.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + START_S
        with self._control(deadline) as monitor:
            monitor.ask("stop")
            monitor.ask("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
            monitor.ask("migrate", uri=f"exec:cat >{shlex.quote(str(frozen.memory))}")
            while (status := monitor.ask("query-migrate").get("status")) != "completed":
                if status == "failed" or time.monotonic() > deadline:
                    raise MachineFailed(f"its memory could not be kept: {status}")
                time.sleep(0.05)
        self.cut()
        copy(self.disk, frozen.disk)

    def wait_for_end(self, timeout_s: float) -> None:
        """Wait until it has switched itself off."""
        assert self._process is not None
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise MachineFailed(f"it did not switch itself off in {timeout_s:.0f} s") from None

    def cut(self) -> None:
        """Power off at once, as a battery that is torn out."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._sockets.cleanup()

    def _resume(self) -> None:
        """Let the machine go on when its memory is read: it comes back as it was frozen, which is stopped."""
        deadline = time.monotonic() + START_S
        with self._control(deadline) as monitor:
            while monitor.ask("query-status")["status"] == "inmigrate":
                self._refuse_late(deadline)
                time.sleep(0.02)
            monitor.ask("cont")

    def _control(self, deadline: float) -> _Monitor:
        return _Monitor(connected(self._monitor, lambda: self._refuse_late(deadline)))

    def _answer(self) -> None:
        """Connect, and wait until the console in the machine answers, or says that it has started."""
        deadline = time.monotonic() + START_S
        self._line = connected(self._console, lambda: self._refuse_late(deadline))
        while True:
            self._refuse_late(deadline)
            if self._memory is not None:
                self._send("true", START_S)
            try:
                while self._read(time.monotonic() + _LOOK_EVERY_S)["number"] != self._number:
                    pass
            except NoAnswer:
                continue
            return

    def _send(self, script: str, timeout_s: float) -> None:
        self._number += 1
        order = {"number": self._number, "script": script, "timeout_s": timeout_s}
        assert self._line is not None
        self._line.settimeout(START_S)
        self._line.sendall(json.dumps(order).encode() + b"\n")

    def _refuse_late(self, deadline: float) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            raise MachineFailed((self._folder / "qemu").read_text(errors="replace")[-2000:])
        if time.monotonic() > deadline:
            raise MachineFailed((self._folder / "serial").read_text(errors="replace")[-2000:])

    def _read(self, deadline: float) -> dict[str, Any]:
        """Return the next answer."""
        assert self._line is not None
        while b"\n" not in self._rest:
            self._line.settimeout(max(deadline - time.monotonic(), 0.01))
            try:
                read = self._line.recv(65536)
            except TimeoutError:
                raise NoAnswer("the machine does not answer") from None
            if not read:
                raise MachineFailed("the machine has ended")
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer


def copy(disk: Path, to: Path) -> None:
    """Copy a disk without writing what is empty in it."""
    if shutil.disk_usage(to.parent).free < disk.stat().st_size * 2:
        raise MachineFailed(f"too little room in {to.parent}")
    subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(disk), str(to)], check=True)


def connected(path: Path, refuse_late: Callable[[], None]) -> socket.socket:
    """Return a connection as soon as QEMU accepts one: its path is there a little before.

    ``refuse_late`` is asked between two attempts, and raises when it has taken too long.
    """
    while True:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            line.close()
            refuse_late()
            time.sleep(0.02)
        except BaseException:
            line.close()
            raise
        else:
            return line


class _Monitor:
    """QEMU's own control connection (QMP)."""

    def __init__(self, line: socket.socket) -> None:
        self._socket = line
        self._socket.settimeout(START_S)
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        self._lines.readline()
        self.ask("qmp_capabilities")
        return self

    def __exit__(self, *_error: object) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, what: str, **arguments: object) -> dict[str, Any]:
        """Return the answer; MachineFailed where it is an error."""
        order = {"execute": what, "arguments": arguments}
        self._socket.sendall(json.dumps(order).encode() + b"\n")
        while line := self._lines.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise MachineFailed(f"{what}: {answer['error'].get('desc')}")
            if "return" in answer:
                told: dict[str, Any] = answer["return"]
                return told
        raise MachineFailed("the machine has ended")
