"""How much of an SDP is read: one of a meeting has some 5 kB, 4 lines of media and 20 candidates."""

from __future__ import annotations

MAX_CHARACTERS = 64 * 1024
MAX_LINES = 1000
MAX_LINE = 4096
MAX_SECTIONS = 8
MAX_CANDIDATES = 64


def check(sdp: str, times: int = 1) -> None:
    """Raise ValueError for a description beyond the limits, before anything else looks at it.

    ``times`` the limits, where a room sends a line of media for each participant.
    """
    if len(sdp) > times * MAX_CHARACTERS:
        raise ValueError("characters")
    lines = sdp.splitlines()
    if len(lines) > times * MAX_LINES or any(len(line) > MAX_LINE for line in lines):
        raise ValueError("lines")
    if sum(line.startswith("m=") for line in lines) > times * MAX_SECTIONS:
        raise ValueError("sections")
    if sum(line.startswith("a=candidate:") for line in lines) > times * MAX_CANDIDATES:
        raise ValueError("candidates")
