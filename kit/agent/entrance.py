"""How a meeting begins: chosen, typed, scanned, practised; and the way in by phone if nothing else works."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from fleet.contract import Meeting
from kit.ipc import commands as cmd
from kit.ipc.call import DialIn
from kit.ipc.engine import EngineReady, Event
from kit.ipc.scan import CodeRead, ScanCodes, ScanTrouble, ScanTroubled
from kit.ipc.state import MeetingToday, Page
from kit.ipc.wifi import ReadWifiCode
from kit.meeting import invitation
from kit.meeting.invitation import PortalOrigin
from kit.visit import events as ev
from kit.visit.model import Invitation, Refusal, Service, Step

if TYPE_CHECKING:
    from kit.agent.agent import Agent

SCAN_LIMIT_S = 180.0
"""A kit that was left at the page of codes closes its camera."""
NEAR_BEFORE_S, NEAR_AFTER_S = 15 * 60.0, 2 * 3600.0
"""For so long a meeting counts as the one that is on, and its phone id is shown without asking which."""
OVER_AFTER_S = 3600.0
_NUMBERS = 100


class Entrance:
    """Handlers of what leads into a meeting."""

    def __init__(self, agent: Agent) -> None:
        """``agent`` is whose visit it is."""
        self._agent = agent
        self._numbers: dict[str, int] = {}
        self._chosen: Meeting | None = None
        self._scanning_since: float | None = None
        self.trouble = ScanTrouble.NONE
        meeting = agent.config.meeting
        origins = [(portal.name, *portal.begin()) for portal in meeting.portals]
        self._portals = [
            PortalOrigin(name=name, origin=f"https://{host}:{port}") for name, _, host, port in origins
        ]

    # what staff touches

    def open(self, page: Page) -> None:
        """Another page: only that of codes has the camera on."""
        self._scan(page is Page.SCAN)

    def submit(self, command: cmd.SubmitInvitation) -> None:
        """Take what was typed or pasted."""
        self._meet(invitation.parse(command.text, self._agent.allowed_hosts(), self._portals))

    def choose(self, command: cmd.ChooseMeeting) -> None:
        """Take one of today's meetings."""
        found = [m for m in self._booked() if self._numbers.get(m.id) == command.number]
        if found:
            self._meet(self._parse(found[0].link), pin=found[0].pin)
            self._chosen = found[0]

    def call_contact(self, command: cmd.CallContact) -> None:
        """Reach somebody at once."""
        contacts = self._agent.config.meeting.contacts
        if command.number < len(contacts):
            self._meet(self._parse(contacts[command.number].link), unplanned=True)

    def join_echo(self, _command: cmd.JoinEcho) -> None:
        """Hear and see oneself."""
        host = invitation.home_host(self._agent.allowed_hosts())
        if host is not None:
            alias = self._agent.config.meeting.echo_alias
            self._meet(Invitation(host=host, alias=alias, pin=""), practice=True)

    def join_test_room(self, _command: cmd.JoinTestRoom) -> None:
        """Try with somebody else."""
        if link := self.test_room:
            self._meet(self._parse(link), practice=True)

    # what else happens

    def look(self, on: bool) -> None:
        """Look for the code of the patient's Wi-Fi, in the middle of a visit."""
        self._scan(on)

    def heard(self, event: Event) -> None:
        """Take what the engine sees while codes are looked for."""
        match event:
            case EngineReady() if self._scanning_since is not None:
                self._agent.hub.order(ScanCodes(on=True))
            case ScanTroubled(trouble) if self._scanning_since is not None:
                self.trouble = trouble
            case CodeRead(text) if self._scanning_since is not None and self._agent.refused is None:
                if not self._agent.wifi.took(text):
                    self._meet(invitation.scanned(text, self._agent.allowed_hosts(), self._portals))

    def tick(self) -> None:
        """Close the camera of a page that was left open; forget which meeting was chosen, after it."""
        idle = self._agent.visit.step is Step.IDLE
        since = self._scanning_since
        wanted = idle or self._agent.wifi.shown.reading_code
        if since is not None and (not wanted or self._agent.wall() - since > SCAN_LIMIT_S):
            self._agent.wifi.touched(ReadWifiCode(on=False))
            self._scan(False)
            if self._agent.page is Page.SCAN:
                self._agent.page = Page.MEETING
        if idle:
            self._chosen = None

    # what is told

    @property
    def test_room(self) -> str:
        """Link to the region's test room; empty where it has none."""
        desired = self._agent.reporter.desired
        return (desired.test_room if desired else None) or self._agent.config.meeting.test_room

    def trial_rooms(self) -> tuple[Invitation, ...]:
        """Where a link can be tried: the echo room, then the region's test room if it is of that kind."""
        host = invitation.home_host(self._agent.allowed_hosts())
        alias = self._agent.config.meeting.echo_alias
        echo = () if host is None else (Invitation(host=host, alias=alias, pin=""),)
        found = self._parse(self.test_room) if self.test_room else None
        if isinstance(found, Invitation) and found.service is Service.PEXIP:
            return (*echo, found)
        return echo

    def dial_in(self) -> DialIn | None:
        """The way in by phone: that of the meeting that is on, else the region's number."""
        meeting = self._chosen or self._near()
        if meeting is not None and meeting.dial_in is not None:
            return _dial_in(meeting)
        desired = self._agent.reporter.desired
        phone = desired.dial_in.phone if desired and desired.dial_in else self._agent.config.meeting.phone
        return DialIn(phone=phone) if phone else None

    def meetings(self) -> tuple[MeetingToday, ...]:
        """Today's meetings. A meeting keeps its number while others come and go."""
        now = self._agent.wall()
        today = [meeting for meeting in self._booked() if is_listed(meeting.start / 1000, now)]
        self._number([meeting.id for meeting in today])
        return tuple(
            MeetingToday(
                number=self._numbers[meeting.id],
                title=meeting.title[:64],
                starts_at=meeting.start / 1000,
                joinable=meeting.end is None or now < meeting.end / 1000 + OVER_AFTER_S,
                dial_in=_dial_in(meeting) if meeting.dial_in else None,
            )
            for meeting in today
        )

    def _booked(self) -> list[Meeting]:
        desired = self._agent.reporter.desired
        return desired.meetings if desired else []

    def _near(self) -> Meeting | None:
        now = self._agent.wall()
        near = [meeting for meeting in self._booked() if _is_near(meeting.start / 1000, now)]
        return min(near, key=lambda meeting: abs(meeting.start / 1000 - now), default=None)

    def _number(self, ids: list[str]) -> None:
        """A tap that crosses a new list on its way must not open another meeting."""
        self._numbers = {known: number for known, number in self._numbers.items() if known in ids}
        free = (number for number in range(_NUMBERS) if number not in self._numbers.values())
        for new in [id_ for id_ in ids if id_ not in self._numbers]:
            self._numbers[new] = next(free)

    def _parse(self, text: str) -> Invitation | invitation.Refused:
        return invitation.parse(text, self._agent.allowed_hosts(), self._portals)

    def _meet(
        self,
        found: Invitation | invitation.Refused,
        *,
        pin: str | None = None,
        practice: bool = False,
        unplanned: bool = False,
    ) -> None:
        self._chosen = None
        if isinstance(found, invitation.Refused):
            self._agent.refuse(found.reason)
        elif self._agent.is_locked:
            self._agent.refuse(Refusal.KIT_LOCKED)
        else:
            chosen = found if pin is None else replace(found, pin=pin.removesuffix("#"))
            self._agent.happen(ev.MeetingChosen(chosen, practice=practice, unplanned=unplanned))
            if self._agent.visit.step is not Step.IDLE:
                self._scan(False)

    def _scan(self, on: bool) -> None:
        if on != (self._scanning_since is not None):
            self._agent.hub.order(ScanCodes(on))
        self._scanning_since = self._agent.wall() if on else None
        self.trouble = ScanTrouble.NONE


def _dial_in(meeting: Meeting) -> DialIn:
    dial_in = meeting.dial_in
    assert dial_in is not None
    return DialIn(phone=dial_in.phone, meeting_id=dial_in.meeting_id or "")


def is_listed(start: float, now: float) -> bool:
    """Whether a meeting is one of today's: for who works at night also one that midnight parts from now."""
    return _day(start) == _day(now) or _is_near(start, now)


def _is_near(start: float, now: float) -> bool:
    return -NEAR_BEFORE_S <= now - start <= NEAR_AFTER_S


def _day(at: float) -> object:
    return datetime.fromtimestamp(at).astimezone().date()
