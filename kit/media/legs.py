"""The call's media legs: the one in use, and beside it the one that is to take its place.

Make before break: the leg in use goes on until media flows in the new one, and stays when that never comes
about. So a short outage heals by itself while a way around it is being sought.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from kit.media.ice import in_order
from kit.media.level import Block
from kit.media.stats import Counters
from kit.media.tracks import CameraTrack, MicrophoneTrack
from kit.meeting.room import IceServers, Leg, Refused, Room
from kit.visit.model import Refusal

CONNECT_S = 12.0
ATTEMPT_S = 4.0
"""A relay that has not connected by then is probably barred: the next one is tried."""
FLOW_S = 5.0
SILENT_S = 3.0
"""The path is there, but nothing comes: the other end of the leg is gone."""
WATCH_S, FLOW_WATCH_S = 0.25, 0.02
WEBRTC_FAILED = "#pex128"


class CallLeg(Leg, Protocol):
    """A leg as the call uses it, whatever the room is like."""

    @property
    def microphone(self) -> MicrophoneTrack:
        """What is said here."""

    @property
    def camera(self) -> CameraTrack:
        """What is seen here."""

    async def connected(self, limit_s: float) -> bool:
        """Wait for the connection; False when it failed or took longer."""

    @property
    def broken(self) -> bool:
        """Whether the connection has failed for good."""

    def pull(self, delay_s: float) -> Block | None:
        """Return 20 ms of received sound, heard in ``delay_s``; in the speaker's thread, by its clock."""

    @property
    def path_dead(self) -> bool:
        """Whether nothing comes from the other side, not even answers to checks of the path."""

    @property
    def silent_s(self) -> float | None:
        """Seconds since anything came from the other side; None before the first."""

    async def counters(self) -> Counters:
        """Return the totals since the leg was made."""

    async def close(self) -> None:
        """End the connection and everything that it fed. Never raises."""


class Stage(Protocol):
    """What legs need of the engine."""

    def make_leg(self, servers: IceServers) -> CallLeg:
        """Make a leg; it is fed from when :meth:`switched` was called with it."""

    def switched(self, leg: CallLeg | None) -> None:
        """From now on this leg is fed and heard; None: no one."""

    def counted(self, counters: Counters) -> None:
        """Take the totals of the present leg, several times a second."""


class Legs:
    """At most two at a time."""

    def __init__(self, stage: Stage, room: Callable[[], Room]) -> None:
        """``room`` says in which room they are."""
        self._stage = stage
        self._room = room
        self._works = 0
        """Which of the relays, in order, worked last."""
        self._had_media = False
        self._ending: dict[asyncio.Task[None], CallLeg] = {}
        self.current: CallLeg | None = None
        """What is fed and heard."""
        self.lost = False
        """The room has ended the present leg."""

    async def well(self) -> bool:
        """Whether the present leg carries media; also counts it."""
        leg = self.current
        if leg is None or leg.broken or self.lost:
            return False
        self._stage.counted(await leg.counters())
        silent = leg.silent_s
        if silent is None:
            return not self._had_media
        self._had_media = True
        return silent < SILENT_S and not leg.path_dead

    async def connect(self) -> None:
        """Connect a new leg and switch to it; SeatLost or Refused, with the former still in its place."""
        servers = in_order(self._room().servers)
        for number in range(len(servers)):
            relay = (self._works + number) % len(servers)
            last = number == len(servers) - 1
            leg = await self._attempt(servers[relay], CONNECT_S if last else ATTEMPT_S)
            if leg is not None:
                self._works = relay
                self._switch(leg)
                return
        raise Refused(Refusal.MEDIA_FAILED, WEBRTC_FAILED, passing=True)

    async def close(self) -> None:
        """End all media; the room is not told."""
        leg, self.current = self.current, None
        self._stage.switched(None)
        open_ = [*self._ending.values(), *([] if leg is None else [leg])]
        for task in tuple(self._ending):
            # It may not even have begun.
            task.cancel()
        await asyncio.gather(*(leg.close() for leg in open_))

    async def _attempt(self, servers: IceServers, limit_s: float) -> CallLeg | None:
        leg = self._stage.make_leg(servers)
        if self.current is None:
            # Nobody else is heard: this one from its first sound on.
            self._stage.switched(leg)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit_s):
                    await self._room().place(leg)
                    if await leg.connected(limit_s) and await self._flows(leg):
                        return leg
        except BaseException:
            self._end(leg)
            raise
        self._end(leg)
        return None

    async def _flows(self, leg: CallLeg) -> bool:
        """Whether media comes; a room may be silent from the start, only one that had media must have it."""
        if not self._had_media:
            return True
        for _ in range(int(FLOW_S / FLOW_WATCH_S)):
            if leg.silent_s is not None or leg.broken:
                break
            await asyncio.sleep(FLOW_WATCH_S)
        return leg.silent_s is not None

    def _switch(self, leg: CallLeg) -> None:
        former, self.current, self.lost = self.current, leg, False
        self._stage.switched(leg)
        if former is not None:
            self._end(former)

    def _end(self, leg: CallLeg) -> None:
        if self.current is None:
            self._stage.switched(None)
        task = asyncio.create_task(self._ended(leg))
        self._ending[task] = leg
        task.add_done_callback(self._ending.pop)

    async def _ended(self, leg: CallLeg) -> None:
        try:
            await self._room().remove(leg)
        finally:
            await leg.close()
