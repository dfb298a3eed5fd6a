"""A seat in a Pexip virtual meeting room: joined, kept, resumed and given back."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from kit.meeting.login import Logins
from kit.meeting.pexip import nodes, sdp
from kit.meeting.pexip.able import at_first
from kit.meeting.pexip.api import Api
from kit.meeting.pexip.door import Door
from kit.meeting.pexip.events import EventStream
from kit.meeting.pexip.hearing import Hearing
from kit.meeting.pexip.messages import Placed, Seat, Token, turn_servers, yes
from kit.meeting.pexip.token import TokenKeeper
from kit.meeting.pexip.wishes import Wish, Wishes, mutes_itself
from kit.meeting.room import (
    FloorChanged,
    IceServers,
    Leg,
    Refused,
    RoomEvent,
    SeatChanged,
    SeatGone,
    SeatLost,
    Transferred,
)
from kit.visit.model import Invitation, Refusal

RECEIVE_BPS = 2_500_000
"""How much video the kit asks for."""
_SYNC_S = 3.0
_RELEASE_S = 1.0
_LEAVES, _TRANSFERRED = "User initiated disconnect", "Transfer"

Emit = Callable[[RoomEvent], None]
Statistics = Mapping[str, Mapping[str, float | str]]


class PexipRoom:
    """One room, and at most one seat in it. Implements :class:`kit.meeting.room.Room`."""

    def __init__(
        self,
        invitation: Invitation,
        display_name: str,
        tls: ssl.SSLContext,
        emit: Emit,
        *,
        allowed: Sequence[str] = (),
        logins: Logins | None = None,
        resolve: nodes.Resolve = nodes.srv,
    ) -> None:
        """``emit`` is called from the event loop and must not block; ``allowed``: the region's hosts."""
        self._invitation = invitation
        self._emit = emit
        self._alias = invitation.alias
        self._one_time = invitation.ring_token
        self._referred: tuple[str, str | None] | None = None
        self._hearing = Hearing(emit, self)
        self._api = Api(invitation.host, invitation.alias, tls)
        find = partial(nodes.candidates, invitation.host, allowed, resolve)
        self._door = Door(self._api, invitation, display_name, find, logins, emit)
        self._wishes = Wishes(self._api, lambda: self._seat)
        self._seat: Seat | None = None
        self._keeper: TokenKeeper | None = None
        self._events: EventStream | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._negotiation = asyncio.Lock()
        self._calls: dict[Leg, str] = {}
        """Legs of this process and the node's names for their calls, oldest first."""
        self._statistics: Statistics = {}
        self._trickles = False

    async def join(self) -> bool:
        """Take a new seat; what was left of an old one is given back if the node answers in time."""
        await self._drop()
        node, granted = await self._door.enter(self._alias, self._one_time)
        self._one_time = None
        self._api.token = granted.token
        self._hearing.able = at_first(granted)
        self._trickles = yes(granted.trickle_ice_enabled)
        self._wishes.seated()
        self._take(
            Seat(
                home=self._home,
                node=node,
                alias=self._alias,
                token=granted.token,
                participant_uuid=granted.participant_uuid,
                version_id=granted.version.version_id,
                servers=granted.servers,
                statistics_ms=granted.client_stats_update_interval,
            ),
            granted.expires_s,
        )
        self._hearing.waiting = granted.waiting
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SYNC_S):
                await self._stream.connected.wait()
        return granted.waiting

    async def resume(self, seat: bytes) -> bool:
        """Take over the seat of the process before."""
        await self._drop()
        try:
            former = msgspec.msgpack.decode(seat, type=Seat)
        except msgspec.MsgspecError:
            raise SeatLost from None
        if former.home != self._home:
            raise SeatLost
        self._alias = former.alias
        self._api.at(former.node, former.alias)
        self._api.token = former.token
        token = await self._api.refresh_token()
        self._api.token = token.token
        self._wishes.resumed()
        self._take(msgspec.structs.replace(former, token=token.token), token.expires_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SYNC_S):
                await self._hearing.synced.wait()
        if self._hearing.synced.is_set() and self._hearing.book.waiting is None:
            raise SeatLost
        self._hearing.waiting = bool(self._hearing.book.waiting)
        return self._hearing.waiting

    @property
    def servers(self) -> IceServers:
        """As the node gave them with the token, or with its answer to the last leg."""
        return IceServers() if self._seat is None else self._seat.servers

    async def place(self, leg: Leg) -> None:
        """Media starts when the node has been told that its answer is in place (``ack``)."""
        async with self._negotiation:
            seat = self._holding()
            if seat.call_uuid is not None and seat.call_uuid not in self._calls.values():
                # Of a process that died.
                with contextlib.suppress(Refused):
                    await self._api.command(_call_path(seat, seat.call_uuid, "disconnect"))
            offer = await self._offer(leg)
            placed = await self._api.place_call(seat.participant_uuid, offer)
            if not placed.sdp or placed.call_uuid is None:
                raise Refused(Refusal.ROOM_ANSWER_INVALID, passing=True)
            self._calls[leg] = placed.call_uuid
            self._placed(placed)
            await self._answer(leg, placed.sdp)
            await self._api.acknowledge(seat.participant_uuid, placed.call_uuid)
        if self._trickles:
            self._start(self._end_candidates(seat, placed.call_uuid))

    async def remove(self, leg: Leg) -> None:
        """``disconnect``, with its own call's name."""
        call, seat = self._calls.pop(leg, None), self._seat
        if call is None or seat is None:
            return
        newest = next(reversed(self._calls.values()), None)
        self._hearing.call_uuid = newest or ""
        self._hold(msgspec.structs.replace(seat, call_uuid=newest))
        with contextlib.suppress(Refused, SeatLost):
            await self._api.command(_call_path(seat, call, "disconnect"))

    async def renegotiate(self, leg: Leg) -> None:
        """``update`` with a new offer, then ``ack``."""
        async with self._negotiation:
            me, call = self._holding().participant_uuid, self._calls.get(leg)
            if call is None:
                raise Refused(Refusal.ROOM_ANSWER_INVALID)
            offer = await self._offer(leg)
            await self._answer(leg, await self._api.update_call(me, call, offer))
            await self._api.acknowledge(me, call)

    async def tell(self, *, muted: bool, camera_off: bool) -> None:
        """Roster flags; what could not be said is said after the next token refresh."""
        self._wishes.want(Wish.MUTED, on=muted)
        self._wishes.want(Wish.CAMERA_OFF, on=camera_off)
        await self._wishes.say()

    async def say(self, text: str) -> bool:
        """Chat goes as plain text."""
        try:
            await self._api.command("message", {"type": "text/plain", "payload": text})
        except (Refused, SeatLost):
            return False
        return True

    async def present(self, *, on: bool) -> bool:
        """``take_floor`` and ``release_floor``."""
        try:
            me = self._holding().participant_uuid
            await self._api.command(f"participants/{me}/{'take_floor' if on else 'release_floor'}")
        except (Refused, SeatLost):
            return not on
        if on != self._hearing.has_floor:
            self._hearing.has_floor = on
            self._emit(FloorChanged(on))
        return True

    async def raise_hand(self, *, on: bool) -> None:
        """``buzz`` and ``clearbuzz``."""
        self._wishes.want(Wish.HAND, on=on)
        await self._wishes.say()

    async def captions(self, *, on: bool) -> None:
        """``show_live_captions`` and ``hide_live_captions``."""
        self._wishes.want(Wish.CAPTIONS, on=on)
        await self._wishes.say()

    def pin(self, uuid: str) -> None:
        """The node makes one picture of all."""

    def measured(self, statistics: Statistics) -> None:
        """Kept until it is time to post them."""
        self._statistics = statistics

    @property
    def unheard_s(self) -> float:
        """By the event stream."""
        return 0.0 if self._events is None else self._events.unheard_s

    def reconnect(self) -> None:
        """The event stream and the token are tried at once, over connections of their own."""
        self._api.reconnect()
        if self._events is not None:
            self._events.reconnect()
        self.refresh()

    async def leave(self) -> None:
        """Releases the token; closes everything."""
        self._seat = None
        try:
            await self._end_tasks()
            if self._api.token is not None:
                with contextlib.suppress(Refused, SeatLost):
                    await self._api.release_token()
        finally:
            self._api.token = None
            await self._api.close()

    @property
    def muted_itself(self) -> bool:
        """See :class:`kit.meeting.pexip.hearing.Asked`."""
        return self._seat is not None and not mutes_itself(self._seat) and self._wishes.wants(Wish.MUTED)

    def refresh(self) -> None:
        """See :class:`kit.meeting.pexip.hearing.Asked`."""
        if self._keeper is not None:
            self._keeper.hurry()

    def refer(self, alias: str, token: str | None) -> None:
        """See :class:`kit.meeting.pexip.hearing.Asked`. Said twice, it is one transfer."""
        if self._seat is None or self._referred == (alias, token):
            return
        self._referred = (alias, token)
        self._alias, self._one_time = alias, token
        self._emit(Transferred())

    def candidate(self, candidate: str, mid: str | None) -> None:
        """See :class:`kit.meeting.pexip.hearing.Asked`."""
        if leg := next(reversed(self._calls), None):
            self._start(leg.candidate(candidate, mid))

    def lowered(self) -> None:
        """See :class:`kit.meeting.pexip.hearing.Asked`."""
        self._wishes.lowered()

    @property
    def _home(self) -> str:
        return f"{self._invitation.host}\n{self._invitation.alias}"

    def _take(self, seat: Seat, lifetime_s: float) -> None:
        self._keeper = TokenKeeper(self._api, lifetime_s, self._rotated)
        self._events = EventStream(self._api, self._hearing.hear)
        self._hearing.seated(seat.participant_uuid)
        self._referred = None
        self._hold(seat)
        for job in (self._keeper.run(), self._events.run(), self._post_statistics(seat.statistics_ms)):
            self._start(job)

    def _hold(self, seat: Seat) -> Seat:
        self._seat = seat
        self._emit(SeatChanged(msgspec.msgpack.encode(seat)))
        return seat

    def _holding(self) -> Seat:
        if self._seat is None:
            raise SeatLost
        return self._seat

    def _placed(self, placed: Placed) -> Seat:
        seat = msgspec.structs.replace(self._holding(), call_uuid=placed.call_uuid)
        self._hearing.call_uuid = placed.call_uuid or ""
        if placed.turn:
            # Relays for networks where nothing but TLS gets through: the next leg takes them.
            servers = msgspec.structs.replace(seat.servers, turn=turn_servers(placed.turn))
            seat = msgspec.structs.replace(seat, servers=servers)
        return self._hold(seat)

    async def _offer(self, leg: Leg) -> str:
        try:
            return sdp.dress(await leg.offer(), RECEIVE_BPS)
        except ValueError:
            raise Refused(Refusal.MEDIA_FAILED, passing=True) from None

    async def _answer(self, leg: Leg, answer: str) -> None:
        try:
            await leg.answer(answer, sdp.send_limit_bps(answer))
        except ValueError:
            raise Refused(Refusal.ROOM_ANSWER_INVALID, passing=True) from None

    @property
    def _stream(self) -> EventStream:
        if self._events is None:
            raise SeatLost
        return self._events

    def _rotated(self, token: Token) -> None:
        if self._seat is not None:
            self._hold(msgspec.structs.replace(self._seat, token=token.token))
        if self._wishes.open:
            self._start(self._wishes.say())

    async def _end_candidates(self, seat: Seat, call: str) -> None:
        """The offer held all candidates; a node that waits for more is told that there are none."""
        with contextlib.suppress(Refused):
            await self._api.command(_call_path(seat, call, "new_candidate"), {"candidate": "", "mid": "0"})

    async def _post_statistics(self, interval_ms: float | None) -> None:
        if not interval_ms:
            return
        while True:
            await asyncio.sleep(max(interval_ms / 1000, 1.0))
            seat = self._seat
            if seat is not None and seat.call_uuid is not None and self._statistics:
                with contextlib.suppress(Refused):
                    await self._api.command(_call_path(seat, seat.call_uuid, "statistics"), self._statistics)

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, job: Coroutine[Any, Any, None]) -> None:
        try:
            await job
        except SeatLost:
            self._seat = None
            self._emit(SeatGone())

    async def _drop(self) -> None:
        """End what belongs to a former seat."""
        await self._end_tasks()
        if self._seat is not None:
            with contextlib.suppress(Refused, SeatLost, TimeoutError):
                async with asyncio.timeout(_RELEASE_S):
                    await self._api.release_token(_LEAVES if self._referred is None else _TRANSFERRED)
        self._seat = self._keeper = self._events = None
        self._calls.clear()
        self._api.token = None
        self._hearing.unseated()

    async def _end_tasks(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _call_path(seat: Seat, call: str, command: str) -> str:
    return f"participants/{seat.participant_uuid}/calls/{call}/{command}"
