"""What a Janus says, with limits; unknown fields are ignored, a field of the wrong type is a refusal."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from kit.meeting.room import Refused
from kit.visit.model import Refusal

MAX_MESSAGE = 512 * 1024
"""Bytes: an SDP of fifty participants has 60 kB, the list of who they are as much."""
PLUGIN = "janus.plugin.videoroom"

Number = Annotated[int, Meta(ge=0, lt=1 << 53)]
Name = Annotated[str, Meta(max_length=64)]
Id = Number | Name
"""Of a room or a participant: a number, or a text where the server is set so (``string_ids``)."""
Mid = Annotated[str, Meta(max_length=32)]
Word = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=4096)]

T = TypeVar("T")


class Failure(Struct, frozen=True):
    """An error of the server itself."""

    code: int
    reason: Text = ""


class Made(Struct, frozen=True):
    """A session or a handle."""

    id: Number


class Plugged(Struct, frozen=True):
    """What a plugin said."""

    data: msgspec.Raw
    plugin: Word = ""


class Jsep(Struct, frozen=True):
    """A session description."""

    type: Literal["offer", "answer"]
    sdp: Annotated[str, Meta(max_length=400_000)]


class Incoming(Struct, frozen=True, kw_only=True):
    """Around everything; which fields there are depends on ``janus``."""

    janus: Word
    transaction: Word = ""
    session_id: Number = 0
    sender: Number = 0
    """The handle that it is about."""
    data: Made | None = None
    error: Failure | None = None
    plugindata: Plugged | None = None
    jsep: Jsep | None = None


class StreamOf(Struct, frozen=True, kw_only=True):
    """One m-line: of a publisher, or of what a subscriber receives (then with ``feed_…``)."""

    type: Literal["audio", "video", "data"]
    mid: Mid
    codec: Word = ""
    disabled: bool = False
    simulcast: bool | dict[str, Any] = False
    """Of a publisher whether, of what is received also which size."""
    moderated: bool = False
    active: bool = True
    feed_id: Id | None = None
    feed_mid: Mid = ""
    source_ids: Annotated[list[Id], Meta(max_length=500)] = []
    """Whose data comes on the one line of data."""


class Person(Struct, frozen=True, kw_only=True):
    """One in the room, with what they publish."""

    id: Id
    display: Text = ""
    talking: bool = False
    streams: Annotated[list[StreamOf], Meta(max_length=64)] = []


class Told(Struct, frozen=True, kw_only=True):
    """An event or an answer of the plugin; which fields there are says what it is."""

    videoroom: Word
    error_code: int = 0
    error: Text = ""
    id: Id | None = None
    private_id: Number | None = None
    display: Text | None = None
    publishers: Annotated[list[Person], Meta(max_length=500)] = []
    attendees: Annotated[list[Person], Meta(max_length=500)] = []
    participants: Annotated[list[Person], Meta(max_length=500)] = []
    joining: Person | None = None
    leaving: Id | None = None
    """A participant, or ``ok``: the kit itself."""
    unpublished: Id | None = None
    kicked: Id | None = None
    reason: Word = ""
    mid: Mid = ""
    moderation: Literal["muted", "unmuted"] | None = None
    streams: Annotated[list[StreamOf], Meta(max_length=500)] = []


class Status(Struct, frozen=True, kw_only=True):
    """A participant's switches, as Jangouts words them; None: not said."""

    audioEnabled: bool | None = None  # noqa: N815 - the word on the wire
    videoEnabled: bool | None = None  # noqa: N815


class StatusUpdate(Struct, frozen=True):
    """Of whom, and what."""

    status: Status
    source: Id | None = None


class Chatted(Struct, frozen=True, tag_field="type", tag="chatMsg"):
    """A chat message."""

    content: Annotated[str, Meta(min_length=1, max_length=20_000)]


class Switched(Struct, frozen=True, tag_field="type", tag="statusUpdate"):
    """Somebody's switches."""

    content: StatusUpdate


class Unreadable(Exception):  # noqa: N818 - it names the message
    """A message that is not what it should be."""


def decode(data: bytes | str | msgspec.Raw, kind: Any) -> Any:
    """Decode JSON of this type; Unreadable when it does not fit."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Unreadable from None


def told(message: Incoming) -> Told:
    """Return what the plugin said; Unreadable when it said nothing that fits."""
    if message.plugindata is None:
        raise Unreadable
    found: Told = decode(message.plugindata.data, Told)
    return found


def invalid() -> Refused:
    """An answer that is not Janus'."""
    return Refused(Refusal.ROOM_ANSWER_INVALID, passing=True)
