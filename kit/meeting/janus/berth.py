"""A place in the room: a handle that has joined as publisher, and with a leg the one that receives beside it.

A leg that takes over from another one has a berth of its own: for a moment the kit is in the room twice, and
nobody misses a word. Who left is told by the room.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from kit.meeting.janus.leg import ForwardingLeg
from kit.meeting.janus.lines import Wanted
from kit.meeting.janus.messages import Id, Told, invalid
from kit.meeting.janus.reasons import ID_INVALID
from kit.meeting.janus.session import Session
from kit.meeting.janus.subscriber import Subscriber
from kit.meeting.room import Refused
from kit.visit.model import Invitation, Refusal

HEAD_START_S = 0.5
"""What is received goes first, for those who are here; the others wait no longer than this."""
SETTLE_S = 4.0
"""A new leg is used when it receives what the former did, or after this."""


class Berth:
    """Made by :meth:`enter`."""

    def __init__(self, session: Session, handles: tuple[int, int], feed: Id, door: dict[str, Any]) -> None:
        """``handles``: to send with, and to receive with."""
        self._session, self._door = session, door
        self.handles = handles
        self.feed = feed
        self.sound = ""
        """The line of the kit's own sound."""
        self.leg: ForwardingLeg | None = None
        self.subscriber: Subscriber | None = None
        self._following: asyncio.Task[None] | None = None

    @classmethod
    async def enter(cls, session: Session, invitation: Invitation, name: str) -> tuple[Berth, Told]:
        """Join the room; also return whom it names. PinNeeded, SeatLost or Refused."""
        handles = await _attached(session)
        try:
            said, feed, door = await _joined(session, handles[0], invitation, name)
        except BaseException:
            await session.detach(*handles)
            raise
        if said.private_id is not None:
            door["private_id"] = said.private_id
        return cls(session, handles, feed, door), said

    @property
    def handle(self) -> int:
        """The one that has joined, and sends."""
        return self.handles[0]

    @property
    def room(self) -> Id:
        """As the server names it."""
        named: Id = self._door["room"]
        return named

    async def receive(
        self, leg: ForwardingLeg, want: Wanted, shown: Callable[[Wanted], None], lost: Callable[[], None]
    ) -> None:
        """Begin to receive with this leg; returns when it does, or soon after."""
        self.leg = leg
        join = {"request": "join", "ptype": "subscriber", **self._door}
        self.subscriber = Subscriber(self._session, self.handles[1], join, leg, shown, lost)
        self._following = asyncio.create_task(self.subscriber.run())
        self.subscriber.want(want)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEAD_START_S):
                await self.subscriber.settled.wait()
                await leg.receiving()

    async def settled(self, limit_s: float) -> None:
        """Wait until what is wanted is on its way."""
        if self.subscriber is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit_s):
                    await self.subscriber.settled.wait()

    async def publish(self, leg: ForwardingLeg) -> None:
        """Send what the leg has. PinNeeded, SeatLost or Refused."""
        try:
            offer = await leg.offer()
        except ValueError:
            raise Refused(Refusal.MEDIA_FAILED, passing=True) from None
        said, answer = await self._session.request(self.handle, {"request": "publish"}, ("offer", offer))
        if answer.jsep is None:
            raise invalid()
        self.sound = next((stream.mid for stream in said.streams if stream.type == "audio"), "")
        try:
            await leg.answer(answer.jsep.sdp, None)
        except ValueError:
            raise invalid() from None

    async def leave(self) -> None:
        """Give everything back. Never raises."""
        self.stop()
        await self._session.detach(*self.handles)

    def stop(self) -> None:
        """Ask for nothing any more."""
        if self._following is not None:
            self._following.cancel()


async def _attached(session: Session) -> tuple[int, int]:
    """Two handles for the time of one."""
    made = await asyncio.gather(session.attach(), session.attach(), return_exceptions=True)
    match made:
        case [int() as sending, int() as receiving]:
            return sending, receiving
    await session.detach(*(handle for handle in made if isinstance(handle, int)))
    raise next(failed for failed in made if isinstance(failed, BaseException))


async def _joined(
    session: Session, handle: int, invitation: Invitation, name: str
) -> tuple[Told, Id, dict[str, Any]]:
    """A room that is named in figures has a number, unless the server says that rooms have names."""
    alias = invitation.alias
    names: list[int | str] = [alias]
    if alias.isascii() and alias.isdecimal() and len(alias) < 16:
        names.insert(0, int(alias))
    for last, room in enumerate(names, 1 - len(names)):
        door: dict[str, Any] = {"room": room}
        if invitation.pin:
            door["pin"] = invitation.pin
        if invitation.token is not None:
            door["token"] = invitation.token
        request = {"request": "join", "ptype": "publisher", "display": name, **door}
        try:
            said, _ = await session.request(handle, request)
        except Refused as refused:
            if last or refused.support_code != f"#jan{ID_INVALID}":
                raise
        else:
            if said.id is None:
                raise invalid()
            return said, said.id, door
    raise Refused(Refusal.ROOM_UNKNOWN, f"#jan{ID_INVALID}")
