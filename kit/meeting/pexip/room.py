"""A seat in a Pexip virtual meeting room: joined, kept, resumed and given back."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from kit.meeting.pexip import sdp
from kit.meeting.pexip.api import Api
from kit.meeting.pexip.events import EventStream
from kit.meeting.pexip.hearing import Hearing
from kit.meeting.pexip.messages import Challenge, Granted, Placed, Seat, Token, turn_servers
from kit.meeting.pexip.token import TokenKeeper
from kit.meeting.room import (
    IceServers,
    Leg,
    PinNeeded,
    Refused,
    RoomEvent,
    SeatChanged,
    SeatGone,
    SeatLost,
)
from kit.visit.model import Invitation, Refusal

RECEIVE_BPS = 2_500_000
"""How much video the kit asks for."""
_SYNC_S = 3.0
_RELEASE_S = 1.0
_CLIENT_MUTE_SINCE = 36
_SPENT = "#pex113"

Emit = Callable[[RoomEvent], None]
Statistics = Mapping[str, Mapping[str, float | str]]


class PexipRoom:
    """One room, and at most one seat in it. Implements :class:`kit.meeting.room.Room`."""

    def __init__(self, invitation: Invitation, display_name: str, tls: ssl.SSLContext, emit: Emit) -> None:
        """``emit`` is called from the event loop and must not block."""
        self._invitation = invitation
        self._name = display_name
        self._tls = tls
        self._emit = emit
        self._hearing = Hearing(emit, self._hurry)
        self._api = Api(invitation.host, invitation.alias, tls)
        self._ring_token = invitation.ring_token
        self._seat: Seat | None = None
        self._keeper: TokenKeeper | None = None
        self._events: EventStream | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._negotiation = asyncio.Lock()
        self._calls: dict[Leg, str] = {}
        """Legs of this process and the node's names for their calls, oldest first."""
        self._wanted: tuple[bool, bool] = (False, False)
        self._told: tuple[bool, bool] = (False, False)
        self._telling = asyncio.Lock()
        self._statistics: Statistics = {}

    async def join(self) -> bool:
        """Take a new seat; what was left of an old one is given back if the node answers in time."""
        await self._drop()
        granted = await self._granted()
        self._api.token = granted.token
        self._take(
            Seat(
                node=self._invitation.host,
                alias=self._invitation.alias,
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
        if (former.node, former.alias) != (self._invitation.host, self._invitation.alias):
            raise SeatLost
        self._api.token = former.token
        token = await self._api.refresh_token()
        self._api.token = token.token
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
        self._wanted = (muted, camera_off)
        with contextlib.suppress(Refused, SeatLost):
            await self._tell()

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
            await self._command("take_floor" if on else "release_floor")
        except (Refused, SeatLost):
            return False
        return True

    async def raise_hand(self, *, on: bool) -> None:
        """``buzz`` and ``clearbuzz``."""
        with contextlib.suppress(Refused, SeatLost):
            await self._command("buzz" if on else "clearbuzz")

    async def captions(self, *, on: bool) -> None:
        """``show_live_captions`` and ``hide_live_captions``."""
        with contextlib.suppress(Refused, SeatLost):
            await self._command("show_live_captions" if on else "hide_live_captions")

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
        self._hurry()

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

    async def _command(self, name: str) -> None:
        await self._api.command(f"participants/{self._holding().participant_uuid}/{name}")

    async def _granted(self) -> Granted:
        pin = self._invitation.pin
        given = "none" if pin == "" else pin
        outcome = await self._requested(given)
        if isinstance(outcome, Challenge) and outcome.wants_pin and pin is None and outcome.guests_need_none:
            given, outcome = "none", await self._requested("none")
        if isinstance(outcome, Granted):
            return outcome
        if outcome.idp is not None or outcome.redirect_url is not None:
            raise Refused(Refusal.ROOM_LOGIN_NEEDED, "#pex200")
        if outcome.wants_pin:
            raise PinNeeded(wrong=bool(pin))
        raise Refused(Refusal.ROOM_ANSWER_INVALID)

    async def _requested(self, pin: str | None) -> Granted | Challenge:
        try:
            outcome = await self._api.request_token(self._name, pin, self._ring_token)
        except Refused as refused:
            if self._ring_token is not None and refused.support_code == _SPENT:
                raise Refused(Refusal.CALL_CANCELLED) from None
            if refused.reason is Refusal.PIN_WRONG:
                raise PinNeeded(wrong=pin not in {None, "none"}) from None
            raise
        if isinstance(outcome, Granted):
            self._ring_token = None
        return outcome

    def _take(self, seat: Seat, lifetime_s: float) -> None:
        self._keeper = TokenKeeper(self._api, lifetime_s, self._rotated)
        self._events = EventStream(self._api, self._hearing.hear)
        self._hearing.seated(seat.participant_uuid)
        self._told = (False, False)
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

    def _hurry(self) -> None:
        if self._keeper is not None:
            self._keeper.hurry()

    def _rotated(self, token: Token) -> None:
        if self._seat is not None:
            self._hold(msgspec.structs.replace(self._seat, token=token.token))
        if self._told != self._wanted:
            self._start(self.tell(muted=self._wanted[0], camera_off=self._wanted[1]))

    async def _tell(self) -> None:
        async with self._telling:
            seat = self._holding()
            muted, camera_off = self._wanted
            path = f"participants/{seat.participant_uuid}/"
            if muted != self._told[0]:
                await self._api.command(path + _mute_command(seat.version_id, muted=muted))
                self._told = (muted, self._told[1])
            if camera_off != self._told[1]:
                await self._api.command(path + ("video_muted" if camera_off else "video_unmuted"))
                self._told = (self._told[0], camera_off)

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
                    await self._api.release_token()
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


def _mute_command(version_id: str, *, muted: bool) -> str:
    """Nodes before release 36 know no mute of the client's own, only that of the room."""
    release = int(version_id) if version_id.isascii() and version_id.isdecimal() else _CLIENT_MUTE_SINCE
    prefix = "client_" if release >= _CLIENT_MUTE_SINCE else ""
    return f"{prefix}{'mute' if muted else 'unmute'}"
