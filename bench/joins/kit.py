"""The kit as the one who joins: the real engine process, and the bench in the agent's place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.joins import WITHIN_S, Times
from bench.joins.meetings import KIT, Meeting
from kit.ipc import engine as ng
from kit.ipc.pictures import PictureClient, Stream, picture_socket
from tests.peers.media.kit import Kit, write_config
from tests.peers.media.pulse import Pulse

LOOK_S = 0.005
AGAIN_S = 0.05

T = TypeVar("T")
Silence = tuple[float, float]
"""Unix milliseconds at which it began and ended."""


class Line(msgspec.Struct):
    """What is used of a line of ``--measure``."""

    silences_ms: list[Silence]
    sounds_ms: list[float]
    heard_ms: float
    tasks: int


class Held(msgspec.Struct, frozen=True):
    """What the engine's process holds."""

    rss_mb: float
    descriptors: int
    threads: int


class Engine:
    """``async with Engine(...)``: a process, its speaker a simulated card, its camera a generated one."""

    def __init__(self, folder: Path, ca: Path, host: str, pulse: Pulse) -> None:
        """``folder`` is its own; ``host`` is the only one that it may call."""
        folder.mkdir(exist_ok=True)
        config = write_config(folder, ca=ca, host=host)
        self._measured = folder / "measured.jsonl"
        self._measured.unlink(missing_ok=True)
        self.kit = Kit(config, pulse.environment, "--measure", str(self._measured))
        self._pictures = PictureClient(picture_socket(folder / "run"))
        self.events: list[ng.Event] = []
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Engine:
        await self.kit.__aenter__()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
        await self.kit.__aexit__()

    async def join(self, meeting: Meeting) -> float:
        """Order the kit into the room; return the unix time in ms of the order."""
        self.events.clear()
        began = time.time() * 1000
        await self.kit.order(ng.JoinRoom(meeting.invitation, KIT))
        return began

    async def seen_ms(self) -> float:
        """Unix time in ms of the first picture that is found in shared memory."""
        async with asyncio.timeout(WITHIN_S):
            while (picture := self._pictures.latest(Stream.REMOTE)) is None:
                self._refusal()
                await asyncio.sleep(LOOK_S)
        return picture.captured_us / 1000

    async def times(self, meeting: Meeting) -> Times:
        """Join, see, hear and leave."""
        began = await self.join(meeting)
        seen = await self.seen_ms()
        heard = await self.heard_ms(began)
        await self.leave(meeting)
        return Times(seen - began, heard - began)

    async def heard_ms(self, since_ms: float) -> float:
        """Unix time in ms at which the card was given the first sound after ``since_ms``."""

        async def first() -> float | None:
            return next((at for line in self.lines() for at in line.sounds_ms if at > since_ms), None)

        return await until(first)

    async def leave(self, meeting: Meeting) -> None:
        """Give the seat back; returns when the room knows."""
        await self.kit.order(ng.LeaveRoom())

        async def gone() -> bool:
            return not await meeting.kits() and self._pictures.latest(Stream.REMOTE) is None

        await until(gone)

    async def told(self, kind: type[ng.Event]) -> None:
        """Wait for an event, since the join or since it was last waited for."""

        async def there() -> bool:
            self._refusal()
            return any(isinstance(event, kind) for event in self.events)

        await until(there)
        self.events.clear()

    def silences(self) -> list[Silence]:
        """All that have ended."""
        return [silence for line in self.lines() for silence in line.silences_ms]

    def lines(self) -> list[Line]:
        """What the engine measured, so far."""
        if not self._measured.exists():
            return []
        return [msgspec.json.decode(line, type=Line) for line in self._measured.read_bytes().splitlines()]

    def held(self) -> Held:
        """Look at the process."""
        of = Path("/proc") / str(self.kit.pid)
        status = dict(line.split(":", 1) for line in (of / "status").read_text().splitlines())
        return Held(
            rss_mb=int(status["VmRSS"].split()[0]) / 1024,
            descriptors=len(list((of / "fd").iterdir())),
            threads=int(status["Threads"]),
        )

    def _refusal(self) -> None:
        for event in self.events:
            if isinstance(event, ng.RoomRefused | ng.CallEnded):
                raise TimeoutError(f"no call: {event}")

    async def _read(self) -> None:
        assert self.kit.link is not None
        async for event in self.kit.link:
            self.events.append(event)


async def until(found: Callable[[], Awaitable[T | None]], limit_s: float = WITHIN_S) -> T:
    """Ask again and again until there is an answer; TimeoutError when there never is one."""
    async with asyncio.timeout(limit_s):
        while not (answer := await found()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(AGAIN_S)
    return answer
