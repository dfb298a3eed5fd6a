"""What the sequence parameter set of an H.264 stream says of it (ITU-T H.264, 7.3.2.1.1)."""

from __future__ import annotations

from typing import NamedTuple

_SPS = 7
_BASELINE = 66
_CONSTRAINT_SET_1 = 0x40
_START = b"\x00\x00\x01"


class Profile(NamedTuple):
    """The three bytes of ``profile-level-id`` (RFC 6184)."""

    idc: int
    constraints: int
    level: int

    @property
    def constrained_baseline(self) -> bool:
        """Whether any decoder that negotiated 42e0xx shows it."""
        return self.idc == _BASELINE and bool(self.constraints & _CONSTRAINT_SET_1)


def profile(stream: bytes) -> Profile | None:
    """Of the first SPS in Annex B bytes; None when there is none."""
    at = stream.find(_START)
    while at >= 0:
        unit = stream[at + 3 : at + 7]
        if len(unit) == 4 and unit[0] & 0x1F == _SPS:
            return Profile(unit[1], unit[2], unit[3])
        at = stream.find(_START, at + 3)
    return None
