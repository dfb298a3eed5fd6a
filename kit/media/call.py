"""One call, from joining a room to leaving it: connects media, watches it, and comes back by itself.

A call is over when the room says so, when the room refuses for good, or when the agent wants to leave. Until
then it keeps trying: a new leg on the same seat first, a new seat when the old one is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Protocol

from kit.ipc import engine as ng
from kit.ipc.state import Participant
from kit.media.leg import MediaLeg
from kit.media.stats import Counters
from kit.meeting.room import (
    IceServers,
    LegLost,
    Message,
    Over,
    PinNeeded,
    Refused,
    Room,
    RoomEvent,
    RosterChanged,
    SeatChanged,
    SeatGone,
    SeatLost,
    SlidesChanged,
    WaitingChanged,
)
from kit.visit.model import Refusal

CONNECT_S = 12.0
FIRST_MEDIA_S = 5.0
SILENT_S = 3.0
UNHEARD_S = 10.0
"""The event stream may be cut for this long while media is fine: nobody in the call would notice."""
WATCH_S = 0.25
LEAVE_S = 1.0
RETRIES_S = (0.3, 0.5, 1.0, 2.0, 3.0, 5.0)
LATE_RETRY_S = 10.0
_LEGS_BEFORE_NEW_SEAT = 2
_WEBRTC_FAILED = "#pex128"


class Stage(Protocol):
    """What the call needs of the engine."""

    def tell(self, event: ng.Event) -> None:
        """Send an event to the agent."""

    def make_leg(self, servers: IceServers) -> MediaLeg:
        """Make a leg; it is fed from when it is :attr:`Call.leg`."""

    def switched(self, leg: MediaLeg | None) -> None:
        """From now on this leg is heard; None: no one."""

    def media_gone(self) -> None:
        """Nothing is received any more: clear what is shown."""

    def presented(self, *, on: bool) -> None:
        """A presentation has begun, or has ended: clear it."""

    def counted(self, counters: Counters) -> None:
        """Take the totals of the present leg, several times a second."""


class _Ended(Exception):  # noqa: N818 - it names what happened
    """The call is over; what there is to say has been said."""


class Call:
    """Runs one call. :meth:`run` ends with the call; cancel it to leave."""

    def __init__(self, stage: Stage, make_room: Callable[[Callable[[RoomEvent], None]], Room]) -> None:
        """``make_room`` makes the room, given where its events go."""
        self._stage = stage
        self.room = make_room(self._heard)
        """For what needs no media: chat and statistics."""
        self.leg: MediaLeg | None = None
        """What is to be fed now."""
        self._over: asyncio.Future[Over] = asyncio.get_running_loop().create_future()
        self._seat: bytes | None = None
        self._leg_lost = self._seat_gone = False
        self._hurry = asyncio.Event()
        self._announced = self._recovering = self._said_end = False
        self._waiting = self._slides = self._had_media = False
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

    def hurry(self) -> None:
        """Somebody asks for the call again: try now; while all is well, say again where the call is."""
        self._hurry.set()
        if self._announced and not self._recovering:
            self._announce()

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
        leg, self.leg = self.leg, None
        self._stage.switched(None)
        self._stage.media_gone()
        partings = [live, self.room.leave(), *([leg.close()] if leg else [])]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                await asyncio.gather(*partings, return_exceptions=True)

    async def _live(self) -> None:
        if self._seat is None:
            await self._enter()
        else:
            await self._recover(server_told=False)
        while True:
            server = await self._trouble()
            self._stage.tell(ng.CallInterrupted(server))
            if not server:
                self._stage.media_gone()
            await self._recover(server_told=server)

    # getting in

    async def _enter(self) -> None:
        try:
            self._waiting = await self.room.join()
            await self._place()
        except SeatLost:
            self._end(ng.RoomRefused(Refusal.ROOM_ANSWER_INVALID))
        except PinNeeded as asked:
            self._end(ng.RoomPinAsked(asked.wrong))
        except Refused as refused:
            self._end(ng.RoomRefused(refused.reason, refused.support_code))
        if self.leg is None or not await self.leg.connected(CONNECT_S):
            self._end(ng.RoomRefused(Refusal.MEDIA_FAILED, _WEBRTC_FAILED))
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
        if self._slides:
            self._renegotiate()

    def _announce(self) -> None:
        self._stage.tell(ng.RoomJoined(self._waiting))
        self._stage.tell(ng.Roster(self._roster))

    # media

    async def _place(self) -> None:
        """Put a new leg in the place of the old one, which goes on until then: an outage may be short."""
        leg = self._stage.make_leg(self.room.servers)
        try:
            await self.room.place(leg)
        except BaseException:
            await leg.close()
            raise
        former, self.leg, self._leg_lost = self.leg, leg, False
        self._stage.switched(leg)
        if former is not None:
            self._start(former.close())

    async def _connect(self) -> None:
        """A new leg, in which media flows; Refused (MEDIA_FAILED, passing) when it does not."""
        await self._place()
        if self.leg is None or not await self.leg.connected(CONNECT_S) or not await self._flows():
            raise Refused(Refusal.MEDIA_FAILED, _WEBRTC_FAILED, passing=True)

    async def _flows(self) -> bool:
        if not self._had_media:
            # A room may be silent from the start; only one that had media must have it again.
            return True
        for _ in range(int(FIRST_MEDIA_S / WATCH_S)):
            if await self._silence() is not None:
                return True
            await asyncio.sleep(WATCH_S)
        return False

    async def _silence(self) -> float | None:
        if self.leg is None:
            return None
        self._stage.counted(await self.leg.counters())
        silent = self.leg.silent_s
        self._had_media = self._had_media or silent is not None
        return silent

    async def _media_is_well(self) -> bool:
        if self.leg is None or self.leg.broken or self._leg_lost:
            return False
        silent = await self._silence()
        return not self._had_media if silent is None else silent < SILENT_S

    # trouble and the way back

    async def _trouble(self) -> bool:
        """Wait until something is wrong; return whether it is the room's server, while media is well."""
        while True:
            await asyncio.sleep(WATCH_S)
            if self._seat_gone or not await self._media_is_well():
                return False
            if self.room.unheard_s > UNHEARD_S:
                return True

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
            except PinNeeded as asked:
                self._end(ng.RoomPinAsked(asked.wrong))
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
            await self._connect()
        elif self._seat_gone or failures >= _LEGS_BEFORE_NEW_SEAT:
            self._waiting = await self.room.join()
            self._seat_gone = False
            await self._connect()
        elif not await self._media_is_well():
            await self._connect()
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
            if number == 0 or self.room.unheard_s > 0:
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
            case LegLost():
                self._leg_lost = True
            case SlidesChanged(on):
                self._slides = on
                self._stage.presented(on=on)
                if self._announced:
                    self._renegotiate()
            case _:
                self._pass_on(event)

    def _pass_on(self, event: SeatChanged | RosterChanged | WaitingChanged | Message) -> None:
        match event:
            case SeatChanged(blob):
                self._stage.tell(ng.Session(blob))
            case Message(author, text):
                self._stage.tell(ng.ChatReceived(author, text))
            case RosterChanged(participants):
                self._roster = participants
                if self._announced:
                    self._stage.tell(ng.Roster(participants))
            case WaitingChanged(waiting):
                self._waiting = waiting
                if self._announced:
                    self._stage.tell(ng.RoomWaiting() if waiting else ng.RoomAdmitted())

    def _renegotiate(self) -> None:
        if self.leg is not None:
            self.leg.want_slides(self._slides)
            self._start(self._renegotiated(self.leg))

    async def _renegotiated(self, leg: MediaLeg) -> None:
        with contextlib.suppress(Refused, SeatLost):
            await self.room.renegotiate(leg)

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
