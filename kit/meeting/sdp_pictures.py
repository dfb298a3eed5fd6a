"""How large and how many pictures the other side of a media line takes, by its SDP. Pure text."""

from __future__ import annotations

import re
from typing import NamedTuple

_SECTION = re.compile(r"(?m)^(?=m=)")
_CODEC = re.compile(r"(?m)^a=rtpmap:(\d{1,3}) (H264|VP8)/90000", re.IGNORECASE)
_LARGEST = re.compile(r"(?:^|[ ;])max-fs=(\d{1,6})")
_TIAS = re.compile(r"(?m)^b=TIAS:(\d{1,12})\s*$")

FULL_HD_MACROBLOCKS = 8160
"""1920×1080. More is not sent to anybody: no room's client asks for it."""
LEVEL_3_1_MACROBLOCKS = 3600
"""What H.264 of ``profile-level-id`` …1f takes where nothing more is said (RFC 6184, 8.1)."""


class PictureLimits(NamedTuple):
    """Of one line; ``bps`` is None when nothing is said (or 0, which is the same)."""

    macroblocks: int
    bps: int | None = None


def picture_limits(sdp: str, mid: str) -> PictureLimits:
    """Read what the line ``mid`` takes of its first codec: ``max-fs`` (RFC 6184, RFC 7741), ``b=TIAS``."""
    section = next(
        (s for s in _SECTION.split(sdp)[1:] if re.search(rf"(?m)^a=mid:{re.escape(mid)}\s*$", s)), ""
    )
    bps = _TIAS.search(section)
    return PictureLimits(_macroblocks(section), int(bps[1]) or None if bps else None)


def _macroblocks(section: str) -> int:
    codecs = {number: name.upper() for number, name in _CODEC.findall(section)}
    offered = section.partition("\n")[0].split()[3:]
    first = next((number for number in offered if number in codecs), None)
    if first is None:
        return LEVEL_3_1_MACROBLOCKS
    format_line = re.search(rf"(?m)^a=fmtp:{first} (.*)$", section)
    said = _LARGEST.search(format_line[1]) if format_line else None
    if codecs[first] == "VP8":
        # RFC 7741 has no level that would stand for a size.
        return min(int(said[1]) or FULL_HD_MACROBLOCKS, FULL_HD_MACROBLOCKS) if said else FULL_HD_MACROBLOCKS
    # A receiver may only add to what its level promises.
    return min(max(int(said[1]) if said else 0, LEVEL_3_1_MACROBLOCKS), FULL_HD_MACROBLOCKS)
