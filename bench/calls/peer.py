"""What a peer of a measured call can do and tells of it, and the kit as such a peer."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Literal, Protocol

import msgspec
import psutil

from kit.meeting.janus.leg import Fit

TIMEOUT_S = 30.0

Connection = Literal["call", "publish", "subscribe"]
"""A peer connection: both ways with the other side, or one way each with a selective forwarding unit."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a peer noted over the counted time; `change` is by how much its statistics grew."""

    pictures: list[tuple[float, float | None, int, int]]
    walls: list[float]
    sound: bytes
    """16 bit at 8 kHz."""
    change: dict[str, dict[str, float]]
    begun: float
    ended: float
    state: str


class Cost(msgspec.Struct, frozen=True):
    """What all processes of a peer together have used so far and hold now."""

    cpu_seconds: float
    rss_mb: float
    """Proportional set size: what processes share is counted once."""
    own_mb: float
    """Unique set size: what nobody shares, and so does not change when others come and go."""


class Peer(Protocol):
    """One side of a call."""

    async def start(self) -> None:
        """Get ready."""
        ...

    async def offer(self, name: Connection) -> str:
        """Make an offer, all candidates gathered."""
        ...

    async def answer(self, name: Connection, sdp: str) -> str:
        """Answer one."""
        ...

    async def accept(self, name: Connection, sdp: str) -> None:
        """Take the answer."""
        ...

    async def mark(self) -> None:
        """Begin the counted time."""
        ...

    async def collect(self) -> Report:
        """End the counted time."""
        ...

    async def fit(self) -> Fit:
        """Say how much of what a server forwards should come."""
        ...

    def cost(self) -> Cost:
        """Look at the processes."""
        ...

    async def close(self) -> None:
        """End."""
        ...


class KitPeer:
    """The kit's engine in a process."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()

    async def start(self) -> None:
        """Start the process."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.calls.side", self._codec,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
        )  # fmt: skip

    async def offer(self, name: Connection) -> str:
        """Make an offer."""
        return str(await self._ask("offer", name))

    async def answer(self, name: Connection, sdp: str) -> str:
        """Answer one."""
        return str(await self._ask("answer", name, sdp))

    async def accept(self, name: Connection, sdp: str) -> None:
        """Take the answer."""
        await self._ask("accept", name, sdp)

    async def mark(self) -> None:
        """Begin the counted time."""
        await self._ask("mark")

    async def collect(self) -> Report:
        """End the counted time."""
        return msgspec.convert(await self._ask("collect"), Report)

    async def fit(self) -> Fit:
        """Let it look at its way."""
        return Fit(int(await self._ask("fit")))

    def cost(self) -> Cost:
        """Look at the process and its children, encoders for one."""
        assert self._process is not None
        return cost([psutil.Process(self._process.pid)])

    async def close(self) -> None:
        """End the process."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _ask(self, *request: str) -> Any:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        async with self._asking:
            process.stdin.write(msgspec.json.encode(request) + b"\n")
            await process.stdin.drain()
            line = await asyncio.wait_for(process.stdout.readline(), TIMEOUT_S)
        return msgspec.json.decode(line)


def cost(roots: list[psutil.Process]) -> Cost:
    """Add up processes and all that they started."""
    cpu = held = own = 0.0
    for process in family(roots):
        try:
            times, memory = process.cpu_times(), process.memory_full_info()
        except psutil.Error:
            continue
        cpu += times.user + times.system
        held += memory.pss / (1 << 20)
        own += memory.uss / (1 << 20)
    return Cost(cpu, held, own)


def family(roots: list[psutil.Process]) -> set[psutil.Process]:
    """Return processes and all that they started."""
    return {*roots, *(child for root in roots for child in root.children(recursive=True))}
