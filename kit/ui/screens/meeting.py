"""Choose one of today's meetings, or type a link or code."""

from typing import NamedTuple

from kivy.core.clipboard import Clipboard
from kivy.properties import NumericProperty, ObjectProperty

from kit.ipc.commands import ChooseMeeting, Command, SubmitInvitation
from kit.ipc.portal import ChoosePortal
from kit.ipc.state import KitState
from kit.ui import upcoming
from kit.ui.catalogue import Catalogue
from kit.ui.moments import clock
from kit.ui.screens.view import Draft, View
from kit.ui.widgets.touch import Touchable


class Meeting(NamedTuple):
    """One card of the list."""

    time: str
    title: str
    text: str
    joinable: bool
    tone: str
    target: str
    command: Command


class MeetingCard(Touchable):
    """A booked meeting."""

    item = ObjectProperty(None, rebind=True)


class PortalItem(NamedTuple):
    """One card of the list of portals."""

    text: str
    target: str
    command: Command


class PortalCard(Touchable):
    """A portal that exists only as a web page."""

    item = ObjectProperty(None, rebind=True)


class MeetingView(Draft, View):
    """See the module."""

    escape = "meeting.back"
    longest = NumericProperty(12_000)

    def meetings(self, state: KitState, now: float, tr: Catalogue) -> tuple[Meeting, ...]:
        """Return today's meetings in order of time; the one that is about to begin stands out."""
        near = upcoming.offered(state.meetings, now)
        return tuple(
            Meeting(
                clock(meeting.starts_at),
                meeting.title,
                _when(meeting.joinable, meeting.starts_at, now, tr),
                meeting.joinable,
                "action" if meeting == near else "card",
                f"meeting.choose.{meeting.number}",
                ChooseMeeting(meeting.number),
            )
            for meeting in sorted(state.meetings, key=lambda meeting: meeting.starts_at)
        )

    def portals(self, state: KitState) -> tuple[PortalItem, ...]:
        """Return the portals of the configuration."""
        return tuple(
            PortalItem(portal.name, f"meeting.portal.{portal.number}", ChoosePortal(portal.number))
            for portal in state.portals
        )

    def has_near(self, state: KitState, now: float) -> bool:
        """Whether a meeting is about to begin, or has just begun."""
        return upcoming.offered(state.meetings, now) is not None

    def paste(self) -> None:
        """Add what the clipboard holds."""
        self.draft = (self.draft + Clipboard.paste().strip())[: self.longest]

    def submission(self, draft: str) -> Command | None:
        """Return the command that sends what was typed; None while there is nothing."""
        text = draft.strip()
        return SubmitInvitation(text) if text else None

    def typed(self, text: str) -> None:
        """Take text; a reader of QR codes may type before anybody has touched the screen."""
        self.typing = True
        super().typed(text)

    def entered(self) -> bool:
        """Send what was typed."""
        command = self.submission(self.draft)
        if command is not None:
            self.send(command)
        return bool(self.typing)

    def rest(self) -> None:
        """See :class:`View`."""
        self.forget_draft()
        super().rest()


def _when(joinable: bool, starts_at: float, now: float, tr: Catalogue) -> str:
    if not joinable:
        return tr("Avslutat")
    if starts_at > now:
        return tr("Börjar kl. {time}", time=clock(starts_at))
    return tr("Började kl. {time}", time=clock(starts_at))
