"""From the node's events to the room's: decoded in one place; what does not fit is counted and dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from kit.ipc.call import Capabilities
from kit.meeting.misfits import Misfits
from kit.meeting.pexip import reasons
from kit.meeting.pexip.able import Able
from kit.meeting.pexip.messages import (
    Conference,
    Deleted,
    Layout,
    Left,
    Presenting,
    Referred,
    Row,
    Said,
    Spoken,
    Staged,
    Trickled,
    Unreadable,
    decode,
    yes,
)
from kit.meeting.pexip.roster import RosterBook, shown_name
from kit.meeting.room import (
    CapabilitiesChanged,
    Caption,
    FloorChanged,
    LegLost,
    Message,
    Moderated,
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


class Asked(Protocol):
    """Who does what the node wants."""

    @property
    def muted_itself(self) -> bool:
        """Whether ``is_muted`` of the own row is the kit's own doing."""

    def refresh(self) -> None:
        """Exchange the token now."""

    def refer(self, alias: str, token: str | None) -> None:
        """Go to another room."""

    def candidate(self, candidate: str, mid: str | None) -> None:
        """Another way to the node's media; empty: there are no more."""

    def lowered(self) -> None:
        """The host has lowered the kit's hand."""


class Hearing:
    """What this seat has heard. Roster changes of one moment are told as one."""

    def __init__(self, emit: Callable[[RoomEvent], None], asked: Asked) -> None:
        """``asked`` is told what the node wants of the room's client."""
        self._emit = emit
        self._asked = asked
        self.book = RosterBook()
        self.synced = asyncio.Event()
        """The node has named everybody since this seat was taken."""
        self.waiting = False
        self.call_uuid = ""
        self.misfits = Misfits(emit)
        """Events that did not fit their type."""
        self.has_floor = False
        """The kit presents; set by who takes the floor, taken away here."""
        self.able = Able()
        self._slides = False
        self._moderated = self._hand = False
        self._capabilities: Capabilities | None = None
        self._roster_due = False
        self._handlers: dict[str, Callable[[str], None]] = {
            "participant_sync_begin": self._sync_begin,
            "participant_sync_end": self._sync_end,
            "participant_create": self._create,
            "participant_update": self._update,
            "participant_delete": self._delete,
            "stage": self._stage,
            "layout": self._layout,
            "message_received": self._message,
            "presentation_start": self._presentation_start,
            "presentation_stop": self._presentation_stop,
            "presentation_ended": self._presentation_stop,
            "disconnect": self._disconnect,
            "call_disconnected": self._call_disconnected,
            "refresh_token": lambda _data: self._asked.refresh(),
            "conference_update": self._conference,
            "live_captions": self._spoken,
            "refer": self._refer,
            "new_candidate": self._candidate,
            # An offer of the node's own, which the kit answers with a leg of its own offering.
            **dict.fromkeys(("new_offer", "update_sdp", "peer_disconnect"), self._leg_lost),
        }

    def seated(self, me: str) -> None:
        """A seat was taken; what is heard from now on is about it."""
        self.book.seat(me)
        self.tell_able()

    def unseated(self) -> None:
        """No seat: nothing is known until the next sync."""
        self.synced.clear()
        self.call_uuid = ""
        self._hand = False
        self._show_slides(on=False)
        self._lose_floor()
        self._moderate(on=False)

    def tell_able(self) -> None:
        """What the room can do for the kit, when that has changed."""
        capabilities = self.able.capabilities
        if capabilities != self._capabilities:
            self._capabilities = capabilities
            self._emit(CapabilitiesChanged(capabilities))

    def hear(self, name: str, data: str) -> None:
        """Take one event; unknown names are passed over, as Pexip demands."""
        handler = self._handlers.get(name)
        if handler is None:
            return
        try:
            handler(data)
        except Unreadable:
            self.misfits.add()

    def _sync_begin(self, _data: str) -> None:
        self.book.begin_sync()

    def _sync_end(self, _data: str) -> None:
        self.book.end_sync()
        self.synced.set()
        self._show_slides(on=self.book.others_present)
        self._changed()

    def _create(self, data: str) -> None:
        self.book.put(decode(data.encode(), Row))
        self._changed()

    def _update(self, data: str) -> None:
        self.book.update(decode(data.encode(), Row))
        self._changed()

    def _delete(self, data: str) -> None:
        self.book.remove(decode(data.encode(), Deleted).uuid)
        self._changed()

    def _stage(self, data: str) -> None:
        self.book.stage(decode(data.encode(), list[Staged]))
        self._changed()

    def _layout(self, data: str) -> None:
        self.book.layout(decode(data.encode(), Layout).uuids)
        self._changed()

    def _message(self, data: str) -> None:
        said = decode(data.encode(), Said)
        if said.type == "text/plain" and said.payload and (not said.uuid or said.uuid != self.book.me):
            self._emit(Message(shown_name(said.origin), said.payload[:MAX_TEXT]))

    def _presentation_start(self, data: str) -> None:
        start = decode(data.encode(), Presenting)
        mine = start.presenter_uuid == self.book.me
        if not mine:
            # Also when it says nobody: the floor was taken from the kit.
            self._lose_floor()
        if start.presenter_uuid or start.presenter_name or start.presenter_uri:
            self._show_slides(on=not mine)

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

    def _leg_lost(self, _data: str) -> None:
        if self.call_uuid:
            self._emit(LegLost())

    def _conference(self, data: str) -> None:
        self.able = self.able.after(decode(data.encode(), Conference))
        self.tell_able()

    def _spoken(self, data: str) -> None:
        spoken = decode(data.encode(), Spoken)
        if text := " ".join(spoken.data[-MAX_TEXT:].split()):
            self._emit(Caption(text, yes(spoken.is_final)))

    def _refer(self, data: str) -> None:
        referred = decode(data.encode(), Referred)
        self._asked.refer(referred.alias, referred.token)

    def _candidate(self, data: str) -> None:
        trickled = decode(data.encode(), Trickled)
        self._asked.candidate(trickled.candidate, trickled.mid)

    def _lose_floor(self) -> None:
        if self.has_floor:
            self.has_floor = False
            self._emit(FloorChanged(mine=False))

    def _moderate(self, *, on: bool) -> None:
        if on != self._moderated:
            self._moderated = on
            self._emit(Moderated(on))

    def _heed_mine(self) -> None:
        """What the kit's own row says of it."""
        mine = self.book.mine
        if mine is None:
            return
        self._moderate(on=yes(mine.is_muted) and not self._asked.muted_itself)
        if self._hand and not mine.buzz_time:
            self._asked.lowered()
        self._hand = bool(mine.buzz_time)
        self.able = self.able.as_role(mine.role, mine.service_type)
        self.tell_able()

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
        self._heed_mine()
        waiting = self.book.waiting
        if waiting is not None and waiting != self.waiting:
            self.waiting = waiting
            self._emit(WaitingChanged(waiting))
        self._emit(RosterChanged(self.book.participants()))
