"""From the server's events to the room's: decoded in one place; what does not fit is counted and dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kit.ipc.call import Participant
from kit.meeting.janus.messages import Incoming, Told, Unreadable, told
from kit.meeting.janus.people import Known, People
from kit.meeting.misfits import Misfits
from kit.meeting.room import Message, Moderated, Over, RoomEvent, RosterChanged
from kit.visit.model import EndReason

GATHER_S = 0.05
"""Roster changes this close together are told as one."""


class Hearing:
    """What is said to the handles that have joined. What is told to two of them is heard once."""

    def __init__(
        self, people: People, emit: Callable[[RoomEvent], None], changed: Callable[[], None]
    ) -> None:
        """``changed`` is called when ``people`` has."""
        self._people, self._emit, self._changed = people, emit, changed
        self.misfits = Misfits(emit)
        """Events that did not fit their type."""
        self._told: tuple[Participant, ...] = ()
        self._due: asyncio.TimerHandle | None = None
        self._switches = (False, False)
        self._silenced = False
        self.my_sound = ""
        """The line of the kit's own sound."""

    def published(self, sound: str) -> None:
        """The kit sends its sound on this line. A moderator's word was for the former one."""
        self.my_sound = sound
        self._moderate(muted=False)

    def hear(self, message: Incoming) -> None:
        """Take one event."""
        if message.plugindata is None:
            return
        try:
            said = told(message)
        except Unreadable:
            self.misfits.add()
            return
        match said.videoroom:
            case "destroyed":
                self._emit(Over(EndReason.HOST_ENDED))
            case "talking" | "stopped-talking" if said.id is not None:
                self._people.talking(said.id, on=said.videoroom == "talking")
                self._changed()
            case "event":
                self._event(said)

    def said(self, sender: Known, text: str) -> None:
        """Take a chat message."""
        self._emit(Message(sender.name, text))

    def tell_roster(self, muted: bool, camera_off: bool) -> None:
        """Tell who is there, with the kit's own switches, soon."""
        self._switches = (muted, camera_off)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(GATHER_S, self._tell)

    def _tell(self) -> None:
        self._due = None
        muted, camera_off = self._switches
        there = self._people.participants(muted=muted, camera_off=camera_off)
        if there != self._told:
            self._told = there
            self._emit(RosterChanged(there))

    def _event(self, said: Told) -> None:
        if said.leaving == "ok":
            if said.reason == "kicked":
                self._emit(Over(EndReason.REMOVED))
            return
        if said.moderation is not None and said.id is not None:
            self._moderated(said)
        elif said.id is not None and said.display is not None:
            self._people.renamed(said.id, said.display)
        for person in (*said.publishers, *([] if said.joining is None else [said.joining])):
            self._people.put(person)
        for gone in (said.leaving, said.kicked):
            if gone is not None:
                self._people.remove(gone)
        if said.unpublished is not None and said.unpublished != "ok":
            self._people.unpublished(said.unpublished)
        self._changed()

    def _moderated(self, said: Told) -> None:
        assert said.id is not None
        muted = said.moderation == "muted"
        if not self._people.is_me(said.id):
            self._people.moderated(said.id, said.mid, muted=muted)
        elif said.mid == self.my_sound:
            self._moderate(muted=muted)

    def _moderate(self, *, muted: bool) -> None:
        if muted != self._silenced:
            self._silenced = muted
            self._emit(Moderated(muted))
