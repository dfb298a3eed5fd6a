"""What the kit wants the room to show of it: said when it changes, and again when it could not be said."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from enum import Enum, auto

from kit.meeting.pexip.api import Api
from kit.meeting.pexip.messages import Seat
from kit.meeting.room import Refused, SeatLost

_CLIENT_MUTE_SINCE = 36


class Wish(Enum):
    """One switch in the room."""

    MUTED = auto()
    CAMERA_OFF = auto()
    CAPTIONS = auto()
    HAND = auto()


class Wishes:
    """Switches of one participant. What a command was refused for good is not asked for again."""

    def __init__(self, api: Api, seat: Callable[[], Seat | None]) -> None:
        """``seat`` gives the present one."""
        self._api = api
        self._seat = seat
        self._wanted = dict.fromkeys(Wish, False)
        self._told = dict.fromkeys(Wish, False)
        self._saying = asyncio.Lock()

    def seated(self) -> None:
        """A new participant: the room knows nothing of it. A hand that was up is down."""
        self._told = dict.fromkeys(Wish, False)
        self._wanted[Wish.HAND] = False

    def resumed(self) -> None:
        """Another process had the seat: what it told of microphone and camera is not known."""
        self.seated()
        for wish in (Wish.MUTED, Wish.CAMERA_OFF):
            self._told[wish] = not self._wanted[wish]

    def want(self, wish: Wish, *, on: bool) -> None:
        """Wish for it; :meth:`say` tells the room."""
        self._wanted[wish] = on

    def lowered(self) -> None:
        """The room says that the hand is down: the host has seen it."""
        self._wanted[Wish.HAND] = self._told[Wish.HAND] = False

    def wants(self, wish: Wish) -> bool:
        """Whether it is wished for."""
        return self._wanted[wish]

    @property
    def open(self) -> bool:
        """Whether something is yet to be said."""
        return self._wanted != self._told

    async def say(self) -> None:
        """Tell the room what it does not know yet; what fails is left for the next time. Never raises."""
        async with self._saying:
            for wish in Wish:
                with contextlib.suppress(Refused, SeatLost):
                    await self._say(wish)

    async def _say(self, wish: Wish) -> None:
        wanted, seat = self._wanted[wish], self._seat()
        if seat is None or wanted == self._told[wish]:
            return
        try:
            await self._api.command(f"participants/{seat.participant_uuid}/{_command(wish, seat, on=wanted)}")
        except Refused as refused:
            if refused.passing:
                raise
        self._told[wish] = wanted


def _command(wish: Wish, seat: Seat, *, on: bool) -> str:
    match wish:
        case Wish.MUTED:
            # Nodes before release 36 know no mute of the client's own, only that of the room.
            return f"{'client_' if mutes_itself(seat) else ''}{'mute' if on else 'unmute'}"
        case Wish.CAMERA_OFF:
            return "video_muted" if on else "video_unmuted"
        case Wish.CAPTIONS:
            return "show_live_captions" if on else "hide_live_captions"
        case Wish.HAND:
            return "buzz" if on else "clearbuzz"


def mutes_itself(seat: Seat) -> bool:
    """Whether the node tells the client's own mute from that of the room."""
    version = seat.version_id
    known = version.isascii() and version.isdecimal()
    return not known or int(version) >= _CLIENT_MUTE_SINCE
