"""The way into a meeting by phone, to be read at arm's length. Needs no network and no booked meeting."""

from typing import NamedTuple

from kivy.properties import ObjectProperty

from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.moments import clock
from kit.ui.screens.view import View
from kit.ui.widgets.touch import Surface


class PhoneLine(NamedTuple):
    """A meeting of today and its own id by phone."""

    time: str
    title: str
    meeting_id: str


class PhoneMeeting(Surface):
    """One line."""

    item = ObjectProperty(None, rebind=True)


class PhoneView(View):
    """See the module."""

    escape = "phone.back"

    def number(self, state: KitState) -> str:
        """Return the number to dial: the meeting's, else the region's, else that of support."""
        return state.dial_in.phone if state.dial_in else state.support.phone

    def title(self, state: KitState, tr: Catalogue) -> str:
        """Return whose number it is."""
        if state.dial_in:
            return tr("Ring in till mötet")
        return state.support.name or tr("Support")

    def meeting_id(self, state: KitState) -> str:
        """Return the meeting's own id, where it is known which meeting is on."""
        return state.dial_in.meeting_id if state.dial_in else ""

    def hint(self, state: KitState, tr: Catalogue) -> str:
        """Return what to do with the number."""
        if not self.number(state):
            return tr("Numret står i inbjudan till mötet.")
        if state.dial_in is None:
            return tr("Regionen har inget nummer för att ringa in. Fråga supporten.")
        if self.meeting_id(state):
            return tr("Ring från en telefon. Knappa in mötes-id när rösten frågar.")
        return tr("Ring från en telefon. Mötes-id står i inbjudan.")

    def lines(self, state: KitState) -> tuple[PhoneLine, ...]:
        """Return today's meetings that have an id of their own."""
        ordered = sorted(state.meetings, key=lambda meeting: meeting.starts_at)
        return tuple(
            PhoneLine(clock(meeting.starts_at), meeting.title, meeting.dial_in.meeting_id)
            for meeting in ordered
            if meeting.dial_in and meeting.dial_in.meeting_id
        )
