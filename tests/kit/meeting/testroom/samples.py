"""Meetings for tests of the model."""

from itertools import count

from kit.meeting.testroom.config import Limits, RoomConfig
from kit.meeting.testroom.rooms.model import Meeting
from kit.meeting.testroom.rooms.notices import Notice, ServerEvent, render
from kit.meeting.testroom.rooms.participant import Participant, Role

ROOM = RoomConfig("visit", host_pin="1234")
LIMITS = Limits(host_wait_s=900, guests_only_s=60)


def meeting(room: RoomConfig = ROOM) -> Meeting:
    """An empty meeting; participants are called p0, p1 …"""
    numbers = count()
    return Meeting(room, LIMITS, lambda: f"p{next(numbers)}")


def host(of: Meeting, name: str = "Samordnare Norr", now: float = 0) -> Participant:
    return of.join(name, Role.CHAIR, now)[0]


def guest(of: Meeting, name: str = "Hembesökskit 7", now: float = 0) -> Participant:
    return of.join(name, Role.GUEST, now)[0]


def heard(of: Meeting, viewer: str, notices: list[Notice]) -> list[ServerEvent]:
    """What one participant is told."""
    rendered = (render(notice, of.participants[viewer]) for notice in notices)
    return [event for event in rendered if event is not None]


def names(events: list[ServerEvent]) -> list[str]:
    return [name for name, _ in events]
