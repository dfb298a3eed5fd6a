"""What a Pexip node wants in an offer beyond WebRTC, and what the kit reads from its answer. Pure text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SECTION = re.compile(r"(?m)^(?=m=)")
_TIAS = re.compile(r"(?m)^b=TIAS:(\d{1,12})\s*$")
_AS = re.compile(r"(?m)^b=AS:(\d{1,9})\s*$")


def dress(offer: str, receive_bps: int) -> str:
    """Name the lines by ``a=content`` (RFC 4796), and say how much video the kit wants to get (``b=TIAS``).

    The first video is the main one, the second the slides. Pexip maps lines by content, not by order.
    """
    head, *sections = _SECTION.split(offer)
    return head + "".join(_dressed(sections, receive_bps))


def send_limit_bps(answer: str) -> int | None:
    """How much main video the node lets the kit send, in bit/s; None when it does not say (or says 0)."""
    for section in _SECTION.split(answer)[1:]:
        if section.startswith("m=video") and "a=content:slides" not in section:
            if found := _TIAS.search(section):
                return int(found[1]) or None
            if found := _AS.search(section):
                return int(found[1]) * 1000 or None
    return None


def _dressed(sections: list[str], receive_bps: int) -> Iterator[str]:
    videos = 0
    for section in sections:
        kind = section.partition(" ")[0].removeprefix("m=")
        videos += kind == "video"
        if kind not in {"audio", "video"}:
            yield section
            continue
        lines = []
        for line in section.split("\r\n"):
            lines.append(line)
            if line.startswith("c=") and kind == "video":
                lines.append(f"b=TIAS:{receive_bps}")
            if line.startswith("a=mid:"):
                lines.append("a=content:slides" if videos > 1 else "a=content:main")
        yield "\r\n".join(lines)
