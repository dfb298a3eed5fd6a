"""What clients of a VideoRoom tell each other over data channels: chat, and whether they are muted. Pure.

VideoRoom forwards texts and prescribes nothing about them; these are the words of Jangouts, the client that
is in use with it. Who sent a text is told by the server, by the label of the channel that it comes on.
"""

from __future__ import annotations

import msgspec

from kit.meeting.janus.messages import Chatted, Id, Status, StatusUpdate, Switched, Unreadable, decode

LABEL = "JanusDataChannel"
MAX_TEXT, MAX_PACKET = 2000, 64 * 1024


def message(text: str) -> str:
    """Return a chat message."""
    return msgspec.json.encode(Chatted(text)).decode()


def switches(source: Id, *, muted: bool, camera_off: bool) -> str:
    """Return what is on with the kit."""
    status = Status(audioEnabled=not muted, videoEnabled=not camera_off)
    return msgspec.json.encode(Switched(StatusUpdate(status, source))).decode()


def read(text: str) -> str | Status | None:
    """Return a chat message, somebody's switches, or None for what is neither. Plain text is a message."""
    if not text.lstrip().startswith("{"):
        return text[:MAX_TEXT].strip() or None
    try:
        found: Chatted | Switched = decode(text, Chatted | Switched)
    except Unreadable:
        return None
    if isinstance(found, Chatted):
        return found.content[:MAX_TEXT].strip() or None
    return found.content.status
