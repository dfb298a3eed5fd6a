"""Which of today's meetings the start screen offers. Pure."""

from collections.abc import Sequence

from kit.ipc.state import MeetingToday

BEFORE_S = 15 * 60
"""A meeting is offered from this long before it begins …"""
AFTER_S = 2 * 3600
"""… until this long after."""


def offered(meetings: Sequence[MeetingToday], now: float) -> MeetingToday | None:
    """Return the meeting that one tap should lead to: the one whose start is nearest."""
    near = [m for m in meetings if m.joinable and m.starts_at - BEFORE_S <= now <= m.starts_at + AFTER_S]
    return min(near, key=lambda meeting: abs(meeting.starts_at - now), default=None)


def next_later(meetings: Sequence[MeetingToday], now: float) -> MeetingToday | None:
    """Return the next meeting that has not begun."""
    return min(
        (m for m in meetings if m.starts_at > now), key=lambda meeting: meeting.starts_at, default=None
    )
