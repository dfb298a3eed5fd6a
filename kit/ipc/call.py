"""The call as agent, engine and screen speak of it: who takes part, what is said, how well it runs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from kit.visit.model import Text64, Text200, UnixTime


class Role(StrEnum):
    """A participant's role in the room."""

    HOST = "host"
    GUEST = "guest"


class Participant(Struct, frozen=True, kw_only=True):
    """One who takes part, as the room names them."""

    uuid: Annotated[str, Meta(max_length=64)]
    name: Annotated[str, Meta(max_length=120)]
    role: Role = Role.GUEST
    me: bool = False
    muted: bool = False
    camera_off: bool = False
    waiting: bool = False
    speaking: bool = False
    presenting: bool = False
    hand_raised: bool = False
    pictured: bool = False
    """Seen in the one picture that the room makes of all, as far as it tells."""


class ChatLine(Struct, frozen=True, kw_only=True):
    """One chat message; ``delivered`` is None for others', False while ours is on its way or ``failed``."""

    author: Annotated[str, Meta(max_length=120)]
    text: Annotated[str, Meta(max_length=2000)]
    at: UnixTime
    mine: bool = False
    delivered: bool | None = None
    failed: bool = False
    """The room did not take it; it is not sent again."""


class Limitation(StrEnum):
    """What holds the sent picture down, in the words of W3C's ``qualityLimitationReason``."""

    NONE = "none"
    CPU = "cpu"
    BANDWIDTH = "bandwidth"
    OTHER = "other"


class Quality(Struct, frozen=True, kw_only=True):
    """The call's quality over the last seconds, in the words of W3C getStats. None: not known."""

    send_fps: float | None = None
    receive_fps: float | None = None
    send_kbps: float | None = None
    receive_kbps: float | None = None
    available_kbps: float | None = None
    """What the path is believed to carry of what is sent."""
    round_trip_ms: float | None = None
    packets_lost_percent: float | None = None
    freeze_count: int = 0
    freeze_seconds: float = 0.0
    concealed_percent: float | None = None
    jitter_buffer_ms: float | None = None
    encode_ms: float | None = None
    """A picture."""
    lip_sync_ms: float | None = None
    """Received picture later than its sound is positive."""
    nack_count: int = 0
    pli_count: int = 0
    """What was asked for again, in all."""
    xruns: Annotated[int, Meta(ge=0)] = 0
    """How often the sound cards ran dry or over in the call."""
    damaged_pictures: Annotated[int, Meta(ge=0)] = 0
    """Of the camera, and of the others where they could not be decoded, in the call."""
    refused_packets: Annotated[int, Meta(ge=0)] = 0
    """Of the network's, beyond what WebRTC and the limits allow, in the call."""
    send_height: int = 0
    encoder: Text64 = ""
    limited_by: Limitation = Limitation.NONE
    video_stopped: bool = False
    """No pictures are sent: the network carries the sound only."""
    their_video_stopped: bool = False
    """Pictures of others are not received: the network carries their sound only."""
    level_dbfs: float | None = None


class Capabilities(Struct, frozen=True, kw_only=True):
    """What the room can do for the kit now; the screen offers nothing else."""

    chat: bool = True
    raise_hand: bool = False
    present: bool = False
    """The room takes a presentation from the kit."""
    captions: bool = False
    """The room writes what is said."""


class LoginWay(Struct, frozen=True, kw_only=True):
    """One of the ways in which a room lets people log in, by the name that the room gives it."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Text64


class PresentSource(StrEnum):
    """What the kit shows the others beside its main picture."""

    NONE = "none"
    STILL = "still"
    """One picture of the camera in its full resolution."""
    SECOND_CAMERA = "second_camera"


class Still(StrEnum):
    """The still picture that may be shown to the others. It is held in memory only."""

    NONE = "none"
    TAKING = "taking"
    TAKEN = "taken"
    FAILED = "failed"


class Floor(StrEnum):
    """Whether the others see what the kit shows, and if not, why."""

    FREE = "free"
    ASKED = "asked"
    MINE = "mine"
    DENIED = "denied"
    LOST = "lost"
    """Somebody else shows something now, or the room took the floor back."""


class Ringing(Struct, frozen=True, kw_only=True):
    """Somebody calls the kit. ``answers_at``: when the call answers itself, if it does."""

    caller: Annotated[str, Meta(max_length=120)] = ""
    answers_at: UnixTime | None = None


class Call(Struct, frozen=True, kw_only=True):
    """The call as the screen shows it."""

    staff: Annotated[str, Meta(max_length=80)] = ""
    """Name and profession of who is there with the kit, where they wrote them. Forgotten with the visit."""
    participants: tuple[Participant, ...] = ()
    chat: tuple[ChatLine, ...] = ()
    unread: int = 0
    muted: bool = False
    camera_off: bool = False
    self_view: bool = True
    voice_by_phone: bool = False
    """"Video utan ljud": microphone and speaker silenced, the phone number shown."""
    remote_picture: bool = False
    slides: bool = False
    announced: Annotated[str, Meta(max_length=120)] = ""
    """Name of the one who joined last, for some seconds."""
    unknown_names: tuple[str, ...] = ()
    quality: Quality = Quality()
    changing_path: bool = False
    """The call moves to another network; it goes on meanwhile."""
    capabilities: Capabilities = Capabilities()
    hand_raised: bool = False
    moderated: bool = False
    """The room has muted the kit: nobody hears it, whatever its own switch says."""
    presenting: PresentSource = PresentSource.NONE
    """What the kit shows the others; NONE when it has not got the floor."""
    pictures: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(max_length=4)] = ()
    """Whose picture is where, by uuid: the large one, then the small ones. Empty: one picture of all."""
    pinned: bool = False
    """Staff chose whom to see large; else it is the one who speaks."""
    aim: PresentSource = PresentSource.NONE
    """What staff looks at before it is shown."""
    still: Still = Still.NONE
    floor: Floor = Floor.FREE
    moving: bool = False
    """The host sends the kit to another room; it is on its way."""
    login_url: Annotated[str, Meta(max_length=4096)] = ""
    """Where somebody logs in on a phone before the room lets the kit in: shown as a QR code."""
    login_ways: Annotated[tuple[LoginWay, ...], Meta(max_length=8)] = ()
    """The ways of logging in to choose among."""
    captions_on: bool = False
    captions: Annotated[tuple[Text200, ...], Meta(max_length=2)] = ()
    """The last lines of what is said, the newest last."""


class DialIn(Struct, frozen=True, kw_only=True):
    """The way in by phone, when the region has one."""

    phone: Annotated[str, Meta(max_length=24)]
    meeting_id: Annotated[str, Meta(max_length=32)] = ""
