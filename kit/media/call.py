"""One call, from joining a room to leaving it: connects media, watches it, and comes back by itself.

A call is over when the room says so, when the room refuses for good, or when the agent wants to leave. Until
then it keeps trying: a new leg on the same seat first, a new seat when the old one is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from enum import Enum, auto
from typing import Any, Protocol

from kit.ipc import engine as ng
from kit.ipc.call import Participant
from kit.media.leg import MediaLeg
from kit.media.legs import WATCH_S, CallLeg, Legs
from kit.media.legs import Stage as LegStage
from kit.media.rtp.video_out import Content
from kit.media.telling import ASKED, question, told
from kit.meeting.room import (
    FloorChanged,
    LegLost,
    Over,
    Refused,
    Room,
    RoomEvent,
    RosterChanged,
    SeatGone,
    SeatLost,
    SlidesChanged,
    Transferred,
    WaitingChanged,
)
from kit.visit.model import Refusal

UNHEARD_S = 10.0
"""The event stream may be cut for this long while media is fine: nobody in the call would notice."""
MOVE_S = 6.0
"""A change of path may take this long before the call counts as interrupted."""
LEAVE_S = 1.0
RETRIES_S = (0.3, 0.5, 1.0, 2.0, 3.0, 5.0)
LATE_RETRY_S = 10.0
_LEGS_BEFORE_NEW_SEAT = 2


class Stage(LegStage, Protocol):
    """What the call needs of the engine."""

    def tell(self, event: ng.Event) -> None:
        """Send an event to the agent."""

    def media_gone(self) -> None:
        """Nothing is received any more: clear what is shown."""

    def presented(self, *, on: bool) -> None:
        """A presentation has begun, or has ended: clear it."""

    def floor_lost(self) -> None:
        """The kit shows nothing any more: somebody else does, or the room took the floor back."""


class Trouble(Enum):
    """What is wrong with a call."""

    PATH = auto()
    """Media has stopped, or the network under it has changed; the seat is still there as far as is known."""
    SEAT = auto()
    SERVER = auto()
    """The room's server is away, while media is well."""


class _Ended(Exception):  # noqa: N818 - it names what happened
    """The call is over; what there is to say has been said."""


class Call:
    """Runs one call. :meth:`run` ends with the call; cancel it to leave."""

    def __init__(self, stage: Stage, make_room: Callable[[Callable[[RoomEvent], None]], Room]) -> None:
        """``make_room`` makes the room, given where its events go."""
        self._stage = stage
        self.room = make_room(self._heard)
        """For what needs no media: chat and statistics."""
        self._legs = Legs(stage, lambda: self.room)
        self._over: asyncio.Future[Over] = asyncio.get_running_loop().create_future()
        self._seat: bytes | None = None
        self._seat_gone = False
        self._moved = asyncio.Event()
        self._hurry = asyncio.Event()
        self._announced = self._recovering = self._said_end = False
        self._waiting = self._slides = False
        self._shows: Content | None = None
        self._roster: tuple[Participant, ...] = ()
        self._switches = (False, False)
        self._jobs: set[asyncio.Task[None]] = set()

    async def run(self, seat: bytes | None) -> None:
        """Join, or take over ``seat``; return when the call is over. Leaves the room in every case."""
        self._seat = seat
        live = asyncio.create_task(self._live())
        try:
            racing: set[asyncio.Future[Any]] = {live, self._over}
            await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
            if not self._over.done():
                with contextlib.suppress(_Ended):
                    await live
        finally:
            await self._leave(live)
        if self._over.done():
            over = self._over.result()
            self._stage.tell(ng.CallEnded(over.reason, over.support_code))

    @property
    def ended(self) -> bool:
        """Whether the call is over, though it may still be leaving."""
        return self._said_end or self._over.done()

    @property
    def leg(self) -> CallLeg | None:
        """What is to be fed now."""
        return self._legs.current

    def hurry(self) -> None:
        """Somebody asks for the call again: try now; while all is well, say again where the call is."""
        self._hurry.set()
        if self._announced and not self._recovering:
            self._announce()

    def moved(self) -> None:
        """Another network carries the machine: take the call over to it, now."""
        self._moved.set()
        self._hurry.set()

    def show(self, content: Content | None) -> None:
        """Send what the leg's ``shared`` gets, on every leg from now on; None: no more."""
        if content is not self._shows:
            self._shows = content
            if self._announced:
                self._renegotiate()

    def switched(self, *, muted: bool, camera_off: bool) -> None:
        """Let the others know about microphone and camera."""
        self._switches = (muted, camera_off)
        if self._announced:
            self._start(self.room.tell(muted=muted, camera_off=camera_off))

    async def _leave(self, live: asyncio.Task[None]) -> None:
        """Silent at once, and out within :data:`LEAVE_S` whatever the room's server does."""
        self._announced = False
        for job in (live, *self._jobs):
            job.cancel()
        closing = asyncio.ensure_future(self._legs.close())
        self._stage.media_gone()
        partings = {live, asyncio.ensure_future(self.room.leave()), closing}
        # Before Python 3.11.3 asyncio.timeout ends a task that is being cancelled, as this one may be.
        _, late = await asyncio.wait(partings, timeout=LEAVE_S)
        for parting in late:
            parting.cancel()
        await asyncio.gather(*partings, return_exceptions=True)
        # A picture may have been under way when the first was cleared.
        self._stage.media_gone()

    async def _live(self) -> None:
        if self._seat is None:
            await self._enter()
        else:
            await self._recover(server_told=False)
        while True:
            trouble = await self._trouble()
            if trouble is Trouble.PATH and await self._move():
                continue
            server = trouble is Trouble.SERVER
            self._stage.tell(ng.CallInterrupted(server))
            if not server:
                self._stage.media_gone()
            await self._recover(server_told=server)

    # getting in

    async def _enter(self) -> None:
        try:
            self._waiting = await self.room.join()
            await self._legs.connect()
        except SeatLost:
            self._end(ng.RoomRefused(Refusal.ROOM_ANSWER_INVALID))
        except ASKED as asked:
            self._end(question(asked))
        except Refused as refused:
            self._end(ng.RoomRefused(refused.reason, refused.support_code))
        self._settle()

    def _end(self, event: ng.Event) -> None:
        self._said_end = True
        self._stage.tell(event)
        raise _Ended

    def _settle(self) -> None:
        """In the room, with media: say so, and tell the room what it must know."""
        first, self._announced = not self._announced, True
        if first:
            self._announce()
        self._start(self.room.tell(muted=self._switches[0], camera_off=self._switches[1]))
        if self._slides or self._shows is not None:
            self._renegotiate()

    def _announce(self) -> None:
        self._stage.tell(ng.RoomJoined(self._waiting))
        self._stage.tell(ng.Roster(self._roster))

    # trouble and the way back

    async def _trouble(self) -> Trouble:
        """Wait until something is wrong."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCH_S):
                    await self._moved.wait()
            if self._seat_gone:
                return Trouble.SEAT
            if self._moved.is_set() or not await self._legs.well():
                return Trouble.PATH
            if self.room.unheard_s > UNHEARD_S:
                return Trouble.SERVER

    async def _move(self) -> bool:
        """Take the call over to another path, the present one kept until then; False: it is interrupted."""
        self._stage.tell(ng.PathChanging(on=True))
        try:
            async with asyncio.timeout(MOVE_S):
                moved = await self._moved_over()
        except TimeoutError:
            # The new network may let no media through: then the call stays where it is.
            moved = await self._legs.well()
        except SeatLost:
            moved = False
        if moved:
            self._settle()
            self._stage.tell(ng.PathChanging(on=False))
        return moved

    async def _moved_over(self) -> bool:
        async for _ in self._attempts():
            try:
                await self._renew()
            except Refused as refused:
                if not refused.passing:
                    return False
            else:
                return True
        return False

    async def _renew(self) -> None:
        """Connect a new leg; given up when the present one comes back, unless another network carries now."""
        wanted = self._moved.is_set()
        while not await self._connected(wanted=wanted):
            wanted = True
            self.room.reconnect()

    async def _connected(self, *, wanted: bool) -> bool:
        """Make one attempt; False: another network carries meanwhile, and what began before leads nowhere."""
        self._moved.clear()
        connecting = asyncio.create_task(self._legs.connect())
        moving = asyncio.create_task(self._moved.wait())
        try:
            while not connecting.done():
                racing: set[asyncio.Task[Any]] = {connecting, moving}
                await asyncio.wait(racing, timeout=WATCH_S, return_when=asyncio.FIRST_COMPLETED)
                if connecting.done():
                    break
                if moving.done():
                    return False
                if not wanted and await self._legs.well():
                    return True
            connecting.result()
            return True
        finally:
            moving.cancel()
            connecting.cancel()
            # What it has begun must be ended before another one begins.
            await asyncio.wait({connecting}, timeout=WATCH_S)

    async def _recover(self, *, server_told: bool) -> None:
        """Try until media and signalling are back. ``server_told``: the agent knows that it is the server."""
        self._recovering = True
        waited, failures, told = self._waiting, 0, server_told
        async for _ in self._attempts():
            try:
                await self._mend(failures)
                break
            except SeatLost:
                self._seat_gone = True
                self._hurry.set()
            except ASKED as asked:
                self._end(question(asked))
            except Refused as refused:
                if not refused.passing:
                    self._end(ng.RoomRefused(refused.reason, refused.support_code))
                failures += refused.reason is Refusal.MEDIA_FAILED
                if refused.reason is Refusal.ROOM_UNREACHABLE and not told:
                    told = True
                    self._stage.tell(ng.CallInterrupted(server=True))
        self._recovering = False
        self._settle()
        self._stage.tell(ng.CallRestored())
        if self._waiting or waited:
            self._stage.tell(ng.RoomWaiting() if self._waiting else ng.RoomAdmitted())

    async def _mend(self, failures: int) -> None:
        """Make one attempt at what is wrong now; SeatLost, PinNeeded or Refused."""
        seat, self._seat = self._seat, None
        if seat is not None:
            self._waiting = await self._resumed(seat)
            await self._legs.connect()
        elif self._seat_gone or failures >= _LEGS_BEFORE_NEW_SEAT:
            self._waiting = await self.room.join()
            self._seat_gone = False
            await self._legs.connect()
        elif not await self._legs.well():
            await self._renew()
        elif self.room.unheard_s > 0:
            raise Refused(Refusal.ROOM_UNREACHABLE, passing=True)

    async def _resumed(self, seat: bytes) -> bool:
        try:
            return await self.room.resume(seat)
        except Refused:
            # The seat may still be good when the room answers again.
            self._seat = seat
            raise

    async def _attempts(self) -> AsyncIterator[None]:
        """The first at once, then further and further apart; :meth:`hurry` makes the next one now."""
        self._hurry.clear()
        for number in itertools.count():
            if number == 0 or self._moved.is_set() or self.room.unheard_s > 0:
                self.room.reconnect()
            yield
            delay = RETRIES_S[number] if number < len(RETRIES_S) else LATE_RETRY_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._hurry.wait()
            self._hurry.clear()

    # what the room says

    def _heard(self, event: RoomEvent) -> None:
        match event:
            case Over():
                if not self._over.done():
                    self._over.set_result(event)
            case SeatGone():
                self._seat_gone = True
            case Transferred():
                self._seat_gone = True
                self._stage.tell(ng.RoomChanged())
            case LegLost():
                self._legs.lost = True
            case SlidesChanged(on):
                self._slides = on
                self._stage.presented(on=on)
                if self._announced:
                    self._renegotiate()
            case _:
                self._pass_on(event)

    def _pass_on(self, event: RoomEvent) -> None:
        if (word := told(event)) is not None:
            self._stage.tell(word)
        match event:
            case RosterChanged(participants):
                self._roster = participants
                if self._announced:
                    self._stage.tell(ng.Roster(participants))
            case WaitingChanged(waiting):
                self._waiting = waiting
                if self._announced:
                    self._stage.tell(ng.RoomWaiting() if waiting else ng.RoomAdmitted())
            case FloorChanged(mine) if not mine:
                self._stage.floor_lost()

    def _renegotiate(self) -> None:
        leg = self._legs.current
        if leg is not None:
            leg.want_slides(self._slides)
            if isinstance(leg, MediaLeg):
                leg.show(self._shows)
            self._start(self._renegotiated(leg))

    async def _renegotiated(self, leg: CallLeg) -> None:
        with contextlib.suppress(Refused, SeatLost):
            await self.room.renegotiate(leg)

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
