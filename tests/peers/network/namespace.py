"""A machine of its own for a test: network and files of a namespace, with a bus and the real NetworkManager.

The kit's side is one network namespace, everything beyond its interfaces is another, called the world.
Processes are shared with the test, since NetworkManager looks up in /proc who calls it. Whatever was started
here ends with the test, also when the test is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

LIMIT_S: Final = 60.0
_SET_UP = """
mount --make-rprivate /
# NetworkManager leaves devices alone until udev has named them, unless /sys cannot be written.
mount -t sysfs -o ro sysfs /sys
for folder in /run /etc/NetworkManager /var/lib/NetworkManager /usr/share/dbus-1/system-services; do
    mount -t tmpfs -o mode=0755 private "$folder"
done
mkdir -p /run/dbus /run/udev /run/netns /etc/NetworkManager/conf.d /etc/NetworkManager/system-connections
ip link set lo up
ip netns add world
ip -n world link set lo up
echo ready
exec cat
"""
_BUS = """
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""
CONFIGURATION: Final = """
[main]
plugins=keyfile
auth-polkit=false
no-auto-default=*
dhcp=internal
rc-manager=unmanaged
[connectivity]
uri=
[logging]
level=INFO
"""


class Namespace:
    """Enter it to have the machine and its bus; NetworkManager is started when it is asked for."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[str]] = []
        self._logs: dict[int, Path] = {}
        self._holder: subprocess.Popen[str] | None = None
        self.bus: subprocess.Popen[str]

    def __enter__(self) -> Self:
        words = ["unshare", "--net", "--mount", "--uts", "--ipc", "sh", "-ec", _SET_UP]
        self._holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "ready\n", "no namespaces here: root is needed"
        self.write("/run/bus.conf", _BUS)
        self.bus = self.start("dbus-daemon", "--config-file=/run/bus.conf", "--nofork", "--nopidfile")
        until(self.path("/run/dbus/system_bus_socket").exists)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._holder is not None
        for process in reversed(self._started):
            end(process, signal.SIGKILL)
        for process_id in self.processes() - {self._holder.pid}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        end(self._holder, signal.SIGKILL)

    @property
    def bus_address(self) -> str:
        """Where a process of the test itself reaches the bus."""
        return f"unix:path={self.path('/run/dbus/system_bus_socket')}"

    def path(self, inside: str) -> Path:
        """How a file of the machine is called outside."""
        assert self._holder is not None
        return Path(f"/proc/{self._holder.pid}/root{inside}")

    def write(self, inside: str, content: str, mode: int = 0o600) -> None:
        """Write a file of the machine."""
        path = self.path(inside)
        path.write_text(content, encoding="utf-8")
        path.chmod(mode)

    def entered(self, *command: str, world: bool = False) -> list[str]:
        """Return the command that runs ``command`` in the machine, or in the world."""
        assert self._holder is not None
        there = ["ip", "netns", "exec", "world"] if world else []
        enter = [
            "nsenter",
            f"--target={self._holder.pid}",
            "--net",
            "--mount",
            "--uts",
            "--ipc",
            f"--wdns={Path.cwd()}",
        ]
        return ["setpriv", "--pdeathsig=KILL", *enter, *there, *command]

    def start(
        self, *command: str, world: bool = False, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a program that runs until the test ends it, or ends itself."""
        log = self.path(f"/run/{len(self._started)}-{Path(command[0]).name}.log")
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                self.entered(*command, world=world),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, **(environment or {})},
            )
        self._started.append(process)
        self._logs[process.pid] = log
        return process

    def output(self, process: subprocess.Popen[str]) -> str:
        """Return what a started program has printed."""
        return self._logs[process.pid].read_text(encoding="utf-8")

    def run(self, script: str, *, world: bool = False, check: bool = True) -> str:
        """Run shell words to their end, and return what they print."""
        done = subprocess.run(
            self.entered("sh", "-ec", script, world=world),
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        assert done.returncode == 0 or not check, f"{script}: {done.stdout}{done.stderr}"
        return done.stdout

    def link(self, name: str, subnet: str | None = None, *options: str) -> None:
        """Put an interface into the kit, with ``world-<name>`` at its other end, which is up.

        ``subnet`` as ``192.168.7`` makes that end a router; ``options`` go to its dnsmasq.
        """
        far = f"world-{name}"
        self.run(f"ip link add {name} type veth peer name {far} netns world")
        self.run(f"ip link set {far} up", world=True)
        if subnet is not None:
            self.router(name, subnet, *options)

    def router(self, name: str, subnet: str, *options: str) -> subprocess.Popen[str]:
        """Begin to give addresses on an interface's other end."""
        far = f"world-{name}"
        self.run(f"ip address replace {subnet}.1/24 dev {far}", world=True)
        return self.start(
            *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--pid-file="),
            *("--port=0", "--bind-interfaces", f"--interface={far}", "--dhcp-authoritative", "--no-ping"),
            f"--dhcp-option=option:dns-server,{subnet}.1",
            *(f"--dhcp-range={subnet}.10,{subnet}.50,1h", f"--dhcp-leasefile=/run/{name}.leases", *options),
            world=True,
        )

    def network_manager(self, more: str = "") -> subprocess.Popen[str]:
        """Start NetworkManager, with ``more`` in its configuration, and wait until it answers."""
        self.write("/etc/NetworkManager/NetworkManager.conf", CONFIGURATION + more)
        process = self.start("NetworkManager", "--no-daemon")
        until(lambda: self.run("nmcli --get-values RUNNING general", check=False).strip() == "running")
        return process

    def keyfile(self, name: str, content: str) -> None:
        """Provision a profile; NetworkManager reads it at its start."""
        self.write(f"/etc/NetworkManager/system-connections/{name}.nmconnection", content)

    def processes(self) -> set[int]:
        """Return whatever runs in the machine or in the world, also what started programs left."""
        mine = {self._namespace(str(self._holder.pid) if self._holder else "self")}
        with contextlib.suppress(OSError):
            world = self.path("/run/netns/world").stat()
            mine.add(world.st_ino)
        processes = (entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return {int(process) for process in processes if self._namespace(process) in mine}

    @staticmethod
    def _namespace(process: str) -> int:
        try:
            return Path(f"/proc/{process}/ns/net").stat().st_ino
        except OSError:
            return 0


def until(condition: object, limit_s: float = LIMIT_S) -> None:
    """Wait for a condition, a callable without arguments."""
    assert callable(condition)
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def end(process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> None:
    """End a program and wait for it."""
    process.send_signal(how)
    process.wait(LIMIT_S)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def python(*words: str) -> list[str]:
    """Return the command of this interpreter."""
    return [sys.executable, *words]
