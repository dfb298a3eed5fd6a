"""A real Janus in a network namespace of its own.

Janus offers no loopback candidates, so it gets an address of its own at the end of a veth pair; the range is
the one that RFC 2544 sets aside for benchmarks. Needs root or sudo, as namespaces do.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterable, Mapping
from pathlib import Path

_LIBRARIES = Path("/usr/lib")
_AS_ROOT = () if os.geteuid() == 0 else ("sudo", "-n")
_ENDS_IN_S = 5.0
_numbers = itertools.count(os.getpid())


class JanusError(Exception):
    """Janus refused, or is not there."""


class JanusServer:
    """The process, its files and its network. Can be ended and started again at the same address."""

    def __init__(self, files: Mapping[str, str], modules: Iterable[tuple[str, str]]) -> None:
        """``files`` are configuration by name, with ``{folder}`` and ``{inside}`` to be filled in.

        ``modules`` are kind (``plugins``, ``transports``) and name of what is loaded.
        """
        number = next(_numbers) % (1 << 14)
        network = f"198.18.{number >> 6}.{{}}"
        self.outside, self.inside = network.format(number % 64 * 4 + 1), network.format(number % 64 * 4 + 2)
        self.namespace = self._link = f"room{number}"
        self.folder = Path(tempfile.mkdtemp(prefix="call-janus-"))
        self._files, self._modules = files, tuple(modules)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Make the namespace and start the process; it takes a moment until it listens."""
        await self._lay_out()
        await asyncio.to_thread(self._write)
        await self.run()

    async def run(self) -> None:
        """Start the process, once more after :meth:`end`."""
        self._process = await asyncio.create_subprocess_exec(
            *_AS_ROOT, "ip", "netns", "exec", self.namespace, "janus", "-F", str(self.folder),
            stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL,
        )  # fmt: skip

    async def end(self, *, kill: bool = False) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _ENDS_IN_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def narrow(self, kbps: int) -> None:
        """Let so much out of the namespace, with a queue of 400 ms; 0 lifts the limit."""
        what = ("tc", "-n", self.namespace, "qdisc")
        device = ("dev", f"{self._link}b", "root")
        if kbps:
            limit = ("tbf", "rate", f"{kbps}kbit", "burst", "5kb", "latency", "400ms")
            await _run(*what, "replace", *device, *limit)
        else:
            await _run(*what, "delete", *device)

    async def close(self) -> None:
        """End the process and take the namespace away."""
        await self.end()
        await _run("ip", "netns", "delete", self.namespace, check=False)
        await _run("ip", "link", "delete", f"{self._link}a", check=False)
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    async def _lay_out(self) -> None:
        near, far = f"{self._link}a", f"{self._link}b"
        inside = ("ip", "-n", self.namespace)
        await _run("ip", "netns", "add", self.namespace)
        await _run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", self.namespace)
        await _run("ip", "address", "add", f"{self.outside}/30", "dev", near)
        await _run("ip", "link", "set", near, "up")
        await _run(*inside, "address", "add", f"{self.inside}/30", "dev", far)
        await _run(*inside, "link", "set", far, "up")
        await _run(*inside, "link", "set", "lo", "up")
        await _run(*inside, "route", "add", "default", "via", self.outside)

    def _write(self) -> None:
        for name, text in self._files.items():
            filled = text.format(folder=self.folder, inside=self.inside)
            (self.folder / name).write_text(filled, encoding="utf-8")
        for kind, name in self._modules:
            found = next(_LIBRARIES.glob(f"*/janus/{kind}/{name}"), None)
            if found is None:
                raise JanusError(f"{name} is not installed")
            (self.folder / kind).mkdir(exist_ok=True)
            (self.folder / kind / name).symlink_to(found)


async def _run(*command: str, check: bool = True) -> None:
    process = await asyncio.create_subprocess_exec(*_AS_ROOT, *command, stdout=DEVNULL, stderr=PIPE)
    _, said = await process.communicate()
    if check and process.returncode:
        raise JanusError(f"{' '.join(command)}: {said.decode(errors='replace').strip()}")
