"""Janus' error codes (``#janNNN`` for the region's support) and what each means for the kit."""

from __future__ import annotations

from kit.meeting.janus.messages import Told
from kit.meeting.room import PinNeeded, Refused, SeatLost
from kit.visit.model import Refusal

NO_SESSION, NO_HANDLE = 458, 459
ID_INVALID, NO_FEED = 430, 428
_MISSING, _UNAUTHORIZED = 429, 433

_MEANINGS: dict[int, tuple[Refusal, bool]] = {
    403: (Refusal.ROOM_NOT_INVITED, False),
    405: (Refusal.ROOM_NOT_INVITED, False),
    426: (Refusal.ROOM_UNKNOWN, False),
    432: (Refusal.ROOM_FULL, True),
    433: (Refusal.ROOM_NOT_INVITED, False),
    470: (Refusal.ROOM_NOT_INVITED, False),
    472: (Refusal.ROOM_MAINTENANCE, True),
    490: (Refusal.ROOM_UNREACHABLE, True),
}


def refusal(code: int) -> Refused:
    """Return why the server said no; ``passing`` where time may cure it."""
    reason, passing = _MEANINGS.get(code, (Refusal.ROOM_ANSWER_INVALID, True))
    return Refused(reason, f"#jan{code}", passing=passing)


def server_refusal(code: int) -> Refused | SeatLost:
    """The same for an error of the server itself, which may have forgotten the session."""
    return SeatLost() if code == NO_SESSION else refusal(code)


def room_refusal(said: Told) -> Refused | PinNeeded:
    """The same for an error of the room.

    That it wants a PIN it says with the codes of anything that is missing or unauthorized: only the text
    tells which.
    """
    if said.error_code == _MISSING and "pin" in said.error:
        return PinNeeded(wrong=False)
    if said.error_code == _UNAUTHORIZED and "pin" in said.error:
        return PinNeeded(wrong=True)
    return refusal(said.error_code)
