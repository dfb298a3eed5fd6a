"""Reading offers and dressing answers: what Pexip's clients expect and aiortc does not do by itself."""

import re

import msgspec

from kit.meeting import sdp_limits

_SECTION = re.compile(r"(?m)^(?=m=)")


class Section(msgspec.Struct, frozen=True):
    """One m-line of an offer."""

    kind: str
    mid: str
    content: str
    """``main`` or ``slides``; empty when the client did not say."""


def sections(sdp: str) -> list[Section]:
    """The m-lines in order; ValueError when there are none or too many, or their mids do not fit together."""
    sdp_limits.check(sdp)
    parts = _SECTION.split(sdp)[1:]
    if not parts:
        raise ValueError("media sections")
    found = [
        Section(part[2:].split(" ", 1)[0], _attribute(part, "mid"), _attribute(part, "content"))
        for part in parts
    ]
    mids = {section.mid for section in found if section.mid}
    if len(mids) != len(found):
        raise ValueError("mid")
    # aiortc hangs every line on the first one of the bundle, and breaks when that is not there.
    bundle = re.search(r"(?m)^a=group:BUNDLE(.*)$", sdp)
    if bundle is not None and not set(bundle[1].split()) <= mids:
        raise ValueError("bundle")
    return found


def ufrag(sdp: str) -> str:
    """ICE generation of an offer; a new one asks for an ICE restart."""
    return _attribute(sdp, "ice-ufrag")


def dress(answer: str, offer: list[Section], max_bitrate: int) -> str:
    """Add the content labels by which clients tell the slides from the main picture, and a bandwidth wish."""
    content = {section.mid: section.content for section in offer}
    parts = _SECTION.split(answer)
    return parts[0] + "".join(_dress_section(part, content, max_bitrate) for part in parts[1:])


def _dress_section(part: str, content: dict[str, str], max_bitrate: int) -> str:
    lines = part.split("\r\n")
    label = content.get(_attribute(part, "mid"), "")
    if label:
        at = next(index for index, line in enumerate(lines) if line.startswith("a=mid:"))
        lines.insert(at + 1, f"a=content:{label}")
    if part.startswith("m=video"):
        at = next((index for index, line in enumerate(lines) if line.startswith("c=")), 0)
        lines.insert(at + 1, f"b=TIAS:{max_bitrate}")
    return "\r\n".join(lines)


def _attribute(text: str, name: str) -> str:
    found = re.search(rf"(?m)^a={name}:(\S+)", text)
    return found[1] if found else ""
