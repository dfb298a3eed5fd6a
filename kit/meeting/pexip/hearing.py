"""From the node's events to the room's: decoded in one place; what does not fit is counted and dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kit.meeting.pexip import reasons
from kit.meeting.pexip.messages import (
    Deleted,
    Left,
    Presenting,
    Row,
    Said,
    Staged,
    Unreadable,
    decode,
)
from kit.meeting.pexip.roster import RosterBook, shown_name
from kit.meeting.room import (
    LegLost,
    Message,
    Over,
    RoomEvent,
    RosterChanged,
    SeatGone,
    SlidesChanged,
    WaitingChanged,
)

MAX_TEXT = 2000
GATHER_S = 0.05
"""Roster changes this close together are told as one."""


class Hearing:
    """What this seat has heard. Roster changes of one moment are told as one."""

    def __init__(self, emit: Callable[[RoomEvent], None], refresh: Callable[[], None]) -> None:
        """``refresh`` is called when the node asks for a new token."""
        self._emit = emit
        self._refresh = refresh
        self.book = RosterBook()
        self.synced = asyncio.Event()
        """The node has named everybody since this seat was taken."""
        self.waiting = False
        self.call_uuid = ""
        self.refused = 0
        """Events that did not fit their type."""
        self._slides = False
        self._roster_due = False
        self._handlers: dict[str, Callable[[str], None]] = {
            "participant_sync_begin": self._sync_begin,
            "participant_sync_end": self._sync_end,
            "participant_create": self._put,
            "participant_update": self._put,
            "participant_delete": self._delete,
            "stage": self._stage,
            "message_received": self._message,
            "presentation_start": self._presentation_start,
            "presentation_stop": self._presentation_stop,
            "presentation_ended": self._presentation_stop,
            "disconnect": self._disconnect,
            "call_disconnected": self._call_disconnected,
            "refresh_token": lambda _data: self._refresh(),
        }

    def seated(self, me: str) -> None:
        """A seat was taken; what is heard from now on is about it."""
        self.book.seat(me)

    def unseated(self) -> None:
        """No seat: nothing is known until the next sync."""
        self.synced.clear()
        self.call_uuid = ""
        self._show_slides(on=False)

    def hear(self, name: str, data: str) -> None:
        """Take one event; unknown names are passed over, as Pexip demands."""
        handler = self._handlers.get(name)
        if handler is None:
            return
        try:
            handler(data)
        except Unreadable:
            self.refused += 1

    def _sync_begin(self, _data: str) -> None:
        self.book.begin_sync()

    def _sync_end(self, _data: str) -> None:
        self.book.end_sync()
        self.synced.set()
        self._show_slides(on=self.book.others_present)
        self._changed()

    def _put(self, data: str) -> None:
        self.book.put(decode(data.encode(), Row))
        self._changed()

    def _delete(self, data: str) -> None:
        self.book.remove(decode(data.encode(), Deleted).uuid)
        self._changed()

    def _stage(self, data: str) -> None:
        self.book.stage(decode(data.encode(), list[Staged]))
        self._changed()

    def _message(self, data: str) -> None:
        said = decode(data.encode(), Said)
        if said.type == "text/plain" and said.payload and (not said.uuid or said.uuid != self.book.me):
            self._emit(Message(shown_name(said.origin), said.payload[:MAX_TEXT]))

    def _presentation_start(self, data: str) -> None:
        start = decode(data.encode(), Presenting)
        if start.presenter_uuid or start.presenter_name or start.presenter_uri:
            self._show_slides(on=start.presenter_uuid != self.book.me)

    def _presentation_stop(self, _data: str) -> None:
        self._show_slides(on=False)

    def _disconnect(self, data: str) -> None:
        meaning = reasons.meaning(decode(data.encode(), Left).reason)
        if meaning.end is None:
            self._emit(SeatGone())
        else:
            self._emit(Over(meaning.end, reasons.support_code(meaning.code)))

    def _call_disconnected(self, data: str) -> None:
        # A leg that the kit itself has ended is reported too.
        if self.call_uuid and decode(data.encode(), Left).call_uuid in {"", self.call_uuid}:
            self._emit(LegLost())

    def _show_slides(self, *, on: bool) -> None:
        if on != self._slides:
            self._slides = on
            self._emit(SlidesChanged(on))

    def _changed(self) -> None:
        if self.book.syncing or self._roster_due:
            return
        self._roster_due = True
        asyncio.get_running_loop().call_later(GATHER_S, self._tell_roster)

    def _tell_roster(self) -> None:
        self._roster_due = False
        waiting = self.book.waiting
        if waiting is not None and waiting != self.waiting:
            self.waiting = waiting
            self._emit(WaitingChanged(waiting))
        self._emit(RosterChanged(self.book.participants()))
