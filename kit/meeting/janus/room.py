"""A seat in a room of Janus' VideoRoom: joined, kept, taken over and given back."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from kit.ipc.call import Capabilities
from kit.meeting.janus import chat
from kit.meeting.janus.berth import SETTLE_S, Berth
from kit.meeting.janus.hearing import Hearing
from kit.meeting.janus.leg import Fit, ForwardingLeg
from kit.meeting.janus.lines import Wanted, wanted
from kit.meeting.janus.messages import Id, Incoming
from kit.meeting.janus.people import ME, People
from kit.meeting.janus.seating import Seating
from kit.meeting.janus.session import Session
from kit.meeting.janus.wire import NONSENSE
from kit.meeting.room import (
    CapabilitiesChanged,
    IceServers,
    Leg,
    LegLost,
    PicturesChanged,
    PinNeeded,
    Refused,
    RoomEvent,
    SeatChanged,
    SeatGone,
    SeatLost,
)
from kit.visit.model import Invitation, Refusal

PATH = "/janus-ws"
"""Where the region's servers put Janus' WebSocket, which has no address of its own behind a TLS proxy."""
LOOK_S = 0.25
_TELL_AGAIN_S = 2.0
"""Who has just come hears of our switches when they have had time to subscribe."""


class Seat(Struct, frozen=True):
    """What another process needs to take over."""

    host: str
    alias: str
    session: int
    handles: tuple[int, ...]


class JanusRoom:
    """One room, and at most one seat in it. Implements :class:`kit.meeting.room.Room`."""

    def __init__(
        self,
        invitation: Invitation,
        display_name: str,
        tls: ssl.SSLContext,
        emit: Callable[[RoomEvent], None],
        servers: IceServers,
    ) -> None:
        """``emit`` is called from the event loop and must not block."""
        self._invitation, self._name, self._tls = invitation, display_name, tls
        self._emit = emit
        self._servers = servers
        self._session: Session | None = None
        self._spare: Berth | None = None
        """Joined, and without a leg yet."""
        self._berths: dict[Leg, Berth] = {}
        """Oldest first."""
        self._people = People(display_name)
        self._seating = Seating()
        self._hearing = Hearing(self._people, emit, self._changed)
        self._pinned = ""
        self._fit = Fit.ALL
        self._shown: tuple[str, ...] = ()
        self._told: tuple[tuple[str, ...], bool] = ((), False)
        self._switches = (False, False)
        self._listening: set[Id] = set()
        """Those who take part with sound, picture or data, and so hear of our switches."""
        self._jobs: set[asyncio.Task[None]] = set()
        self._placing = asyncio.Lock()

    async def join(self) -> bool:
        """Nobody waits in a VideoRoom: it lets in or it does not."""
        await self._drop()
        session = self._begin()
        await session.create()
        self._emit(CapabilitiesChanged(Capabilities()))
        self._spare = await self._enter()
        return False

    async def resume(self, seat: bytes) -> bool:
        """The session is claimed; what the former process had of media in it is given back."""
        await self._drop()
        try:
            former = msgspec.msgpack.decode(seat, type=Seat)
        except msgspec.MsgspecError:
            raise SeatLost from None
        if (former.host, former.alias) != (self._invitation.host, self._invitation.alias):
            raise SeatLost
        session = self._begin()
        await session.claim(former.session)
        await session.detach(*former.handles)
        self._emit(CapabilitiesChanged(Capabilities()))
        self._spare = await self._enter()
        return False

    @property
    def servers(self) -> IceServers:
        """As configured: Janus names none."""
        return self._servers

    async def place(self, leg: Leg) -> None:
        """A handle to send with, another to receive with."""
        if not isinstance(leg, ForwardingLeg):
            raise TypeError("a VideoRoom needs a leg that sends and receives apart")
        async with self._placing:
            try:
                berth, self._spare = self._spare or await self._enter(), None
                self._berths[leg] = berth
                self._hold()
                leg.hear_text(self._text)
                await berth.receive(leg, self._wanted(), self._show, self._lost(berth))
                await berth.publish(leg)
                self._hearing.published(berth.sound)
                await berth.settled(SETTLE_S)
            except PinNeeded:
                # It let us in with this very PIN: the room is another one now.
                raise Refused(Refusal.MEETING_ENDED) from None
        self._start(self._tell_switches(_TELL_AGAIN_S))

    async def remove(self, leg: Leg) -> None:
        """Others are told by the room."""
        berth = self._berths.pop(leg, None)
        if berth is not None:
            self._hold()
            await berth.leave()

    async def renegotiate(self, leg: Leg) -> None:
        """Nothing is asked for in the kit's offer; what it receives is offered by the room."""

    async def tell(self, *, muted: bool, camera_off: bool) -> None:
        """VideoRoom knows no such flags; clients tell each other."""
        self._switches = (muted, camera_off)
        self._roster()
        await self._tell_switches(0.0)

    async def say(self, text: str) -> bool:
        """By the data channel, as other clients of VideoRoom do."""
        leg = self._leg
        return leg is not None and leg.send_text(chat.message(text))

    async def present(self, *, on: bool) -> bool:  # noqa: ARG002
        """Not in these rooms."""
        return False

    async def raise_hand(self, *, on: bool) -> None:
        """Not in these rooms."""

    async def captions(self, *, on: bool) -> None:
        """Not in these rooms."""

    def pin(self, uuid: str) -> None:
        """Takes effect at once."""
        self._pinned = uuid
        self._arrange()
        self._tell_shown()

    def measured(self, statistics: Mapping[str, Mapping[str, float | str]]) -> None:
        """Janus asks for none."""

    @property
    def unheard_s(self) -> float:
        """By the socket."""
        return 0.0 if self._session is None else self._session.unheard_s

    def reconnect(self) -> None:
        """The session is taken over to a new socket."""
        if self._session is not None:
            self._session.reconnect()

    async def leave(self) -> None:
        """Destroys the session: with it go all handles."""
        await self._drop()

    # the seat

    def _begin(self) -> Session:
        host, token = self._invitation.host, self._invitation.token
        session = self._session = Session(f"wss://{host}{PATH}", self._tls, token)
        session.heard, session.gone, session.reclaimed = self._heard, self._gone, self._resynchronise
        # Who was shown in a former seat is told again when they are.
        self._show(Wanted())
        self._listening = set()
        self._start(self._look())
        return session

    async def _enter(self) -> Berth:
        if self._session is None:
            raise SeatLost
        berth, said = await Berth.enter(self._session, self._invitation, self._name)
        self._people.mine(berth.feed)
        self._people.only([*said.attendees, *said.publishers])
        self._changed()
        return berth

    def _hold(self) -> None:
        session = self._session
        if session is None or not session.id:
            return
        handles = tuple(handle for berth in self._all for handle in berth.handles)
        seat = Seat(self._invitation.host, self._invitation.alias, session.id, handles)
        self._emit(SeatChanged(msgspec.msgpack.encode(seat)))

    async def _drop(self) -> None:
        """End what belongs to a former seat."""
        session, self._session = self._session, None
        jobs = tuple(self._jobs)
        for job in jobs:
            job.cancel()
        for berth in self._all:
            berth.stop()
        self._spare = None
        self._berths.clear()
        self._people.clear()
        if session is not None:
            await session.end()

    @property
    def _all(self) -> list[Berth]:
        return [*self._berths.values(), *([] if self._spare is None else [self._spare])]

    @property
    def _leg(self) -> ForwardingLeg | None:
        newest = next(reversed(self._berths.values()), None)
        return None if newest is None else newest.leg

    # what the server says

    def _heard(self, message: Incoming) -> None:
        if message is NONSENSE:
            self._hearing.misfits.add()
            return
        for berth in self._all:
            if message.sender == berth.handle:
                if message.janus in {"hangup", "detached"}:
                    self._lost(berth)()
                else:
                    self._hearing.hear(message)
            elif berth.subscriber is not None and message.sender == berth.subscriber.handle:
                if message.janus in {"hangup", "detached"}:
                    self._lost(berth)()
                else:
                    berth.subscriber.hear(message)

    def _lost(self, berth: Berth) -> Callable[[], None]:
        def tell() -> None:
            # Of a leg that is being left it is no news.
            if berth.leg is not None and berth.leg is self._leg:
                self._emit(LegLost())

        return tell

    def _gone(self) -> None:
        self._emit(SeatGone())

    def _resynchronise(self) -> None:
        """Who came meanwhile, and what they publish, is told in full only to one who joins."""
        self._start(self._compare())

    async def _compare(self) -> None:
        session, berth = self._session, next(reversed(self._all), None)
        if session is None or berth is None:
            return
        with contextlib.suppress(Refused, PinNeeded, SeatLost):
            room = {"room": berth.room}
            said, _ = await session.request(berth.handle, {"request": "listparticipants", **room})
            there = {p.id for p in said.participants if not self._people.is_me(p.id)}
            if berth.feed not in {p.id for p in said.participants} or there != {
                other.id for other in self._people.others
            }:
                self._emit(LegLost())

    def _text(self, sender: str, text: str) -> None:
        known = self._people.known(sender)
        if known is None:
            return
        said = chat.read(text)
        if isinstance(said, str):
            self._hearing.said(known, said)
        elif said is not None:
            self._people.switched(known.id, said)
            self._changed()

    # who is seen where

    def _changed(self) -> None:
        self._roster()
        self._arrange()
        there = {other.id for other in self._people.others if other.streams}
        if there - self._listening:
            self._start(self._tell_switches(_TELL_AGAIN_S))
        self._listening = there

    def _roster(self) -> None:
        self._hearing.tell_roster(*self._switches)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            leg = self._leg
            self._fit = Fit.ALL if leg is None else leg.fit(time.monotonic())
            self._arrange()

    def _arrange(self) -> None:
        others = self._people.others
        films = [other.id for other in others if other.video is not None]
        talking = {other.id for other in others if other.talking}
        pinned = self._people.known(self._pinned)
        self._seating.arrange(time.monotonic(), films, talking, None if pinned is None else pinned.id)
        want = self._wanted()
        for berth in self._berths.values():
            if berth.subscriber is not None:
                berth.subscriber.want(want)
        if not films:
            self._show(want)

    def _wanted(self) -> Wanted:
        return wanted(self._people.others, self._seating.places, self._fit)

    def _show(self, want: Wanted) -> None:
        self._shown = tuple(str(key.feed) for key in want.shown if key is not None)
        self._tell_shown()

    def _tell_shown(self) -> None:
        pinned = bool(self._pinned) and self._shown[:1] == (self._pinned,)
        if (self._shown, pinned) != self._told:
            self._told = (self._shown, pinned)
            self._emit(PicturesChanged(self._shown, pinned))

    async def _tell_switches(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        newest = next(reversed(self._berths.values()), None)
        if newest is not None and newest.leg is not None:
            muted, camera_off = self._switches
            newest.leg.send_text(chat.switches(newest.feed, muted=muted, camera_off=camera_off))

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)


__all__ = ["ME", "PATH", "JanusRoom"]
