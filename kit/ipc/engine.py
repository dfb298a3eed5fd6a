"""Orders from the agent to the engine, and the engine's events."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from kit.ipc.call import Capabilities, LoginWay, Participant, PresentSource, Quality
from kit.ipc.linktest import LinkTried, LinkTrying, StopTryingLink, TryLink
from kit.ipc.scan import CodeRead, ScanCodes, ScanTroubled
from kit.ipc.state import Condition, Device
from kit.visit.model import EndReason, Invitation, Refusal, Text200

Dbfs = Annotated[float, Meta(ge=-120, le=20)]


class Preview(Struct, frozen=True, tag=True):
    """Camera and microphone on (pictures and levels flow) or off outside a call."""

    on: bool


class TestSpeaker(Struct, frozen=True, tag=True):
    """Play the test tone once."""

    __test__ = False


class TestMicrophone(Struct, frozen=True, tag=True):
    """Listen for some seconds, judge the level, play it back from memory, forget it."""

    __test__ = False


class Ring(Struct, frozen=True, tag=True):
    """Ring through the speaker until told to be quiet."""

    on: bool


class JoinRoom(Struct, frozen=True, tag=True):
    """Join; while joined or joining the same room again: try anew with what changed (PIN).

    ``session`` is what :class:`Session` gave before the engine died: back into the same seat.
    """

    invitation: Invitation
    display_name: Annotated[str, Meta(max_length=120)]
    muted: bool = False
    camera_off: bool = False
    session: bytes | None = None
    allowed_hosts: Annotated[tuple[Text200, ...], Meta(max_length=50)] = ()
    """The region's, ``name`` or ``name:port``: no other host is contacted, whatever DNS says."""


class LeaveRoom(Struct, frozen=True, tag=True):
    """Leave, release the token, forget everything about the room."""


class Mute(Struct, frozen=True, tag=True):
    """Microphone off: nothing is sent, and the others are told."""

    muted: bool


class CameraOff(Struct, frozen=True, tag=True):
    """Camera off: nothing is sent, and the others are told."""

    off: bool


class SpeakerOff(Struct, frozen=True, tag=True):
    """Nothing is played."""

    off: bool


class SendChat(Struct, frozen=True, tag=True):
    """A message to everybody in the room; answered by :class:`ChatSent` with the same ``number``."""

    number: int
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class PinPicture(Struct, frozen=True, tag=True):
    """Show this participant large, whoever speaks; empty: the one who speaks again."""

    uuid: Annotated[str, Meta(max_length=64)]


class RaiseHand(Struct, frozen=True, tag=True):
    """Ask to speak, or no longer."""

    on: bool


class ShowCaptions(Struct, frozen=True, tag=True):
    """Ask the room to write what is said, or no more."""

    on: bool


class Present(Struct, frozen=True, tag=True):
    """Show the others this beside the main picture; NONE gives the floor back."""

    source: PresentSource


class Aim(Struct, frozen=True, tag=True):
    """Let staff see what could be shown to the others; ``NONE`` ends it and forgets a still picture.

    ``STILL``: the camera runs even while the call's picture is off. ``SECOND_CAMERA``: that one runs.
    """

    source: PresentSource


class TakeStill(Struct, frozen=True, tag=True):
    """Take a picture in the camera's full size; answered by :class:`StillTaken`."""


class UplinkChanged(Struct, frozen=True, tag=True):
    """Another network carries the kit now: move the call over to it, without letting go of it."""


Order = (
    Preview
    | ScanCodes
    | TestSpeaker
    | TestMicrophone
    | Ring
    | JoinRoom
    | LeaveRoom
    | Mute
    | CameraOff
    | SpeakerOff
    | SendChat
    | PinPicture
    | RaiseHand
    | ShowCaptions
    | Present
    | Aim
    | TakeStill
    | UplinkChanged
    | TryLink
    | StopTryingLink
)


class EngineReady(Struct, frozen=True, tag=True):
    """First event on a connection: what the engine found."""

    camera: Device
    microphone: Device
    speaker: Device
    encoder: Annotated[str, Meta(max_length=64)]
    encoder_ms: Annotated[float, Meta(ge=0)] | None = None
    """A picture, as measured when the encoder was chosen."""
    encoder_cpu: Annotated[float, Meta(ge=0)] | None = None
    """CPU seconds per second of video, measured likewise."""
    second_camera: Device = Device(condition=Condition.MISSING)


class DevicesChanged(Struct, frozen=True, tag=True):
    """A device came, went or fell ill."""

    camera: Device
    microphone: Device
    speaker: Device
    second_camera: Device = Device(condition=Condition.MISSING)


class Level(Struct, frozen=True, tag=True):
    """Microphone level, some times a second; ``clipping`` when it is too loud for the input."""

    dbfs: Dbfs
    clipping: bool = False


class SpeakerTested(Struct, frozen=True, tag=True):
    """The tone has been played, or could not be."""

    played: bool


class MicrophoneTested(Struct, frozen=True, tag=True):
    """What the microphone heard."""

    passed: bool
    dbfs: Dbfs


class RoomJoined(Struct, frozen=True, tag=True):
    """In the room; ``waiting`` while the room holds the kit in its waiting room."""

    waiting: bool


class RoomPinAsked(Struct, frozen=True, tag=True):
    """The room wants a PIN; send :class:`JoinRoom` again with it."""

    wrong: bool


class ExtensionAsked(Struct, frozen=True, tag=True):
    """A reception wants the number of a room; send :class:`JoinRoom` again with it."""

    wrong: bool


class LoginAsked(Struct, frozen=True, tag=True):
    """The room wants a login. With ``ways``: send :class:`JoinRoom` again with one of them.

    With ``url``: somebody logs in there on a phone; the engine goes on by itself. Neither: that is over.
    """

    url: Annotated[str, Meta(max_length=4096)] | None = None
    ways: Annotated[tuple[LoginWay, ...], Meta(max_length=8)] = ()

    def __repr__(self) -> str:
        """Say nothing: the address holds a secret of this login."""
        return "LoginAsked(…)"


class RoomRefused(Struct, frozen=True, tag=True):
    """The room said no, or could not be reached."""

    reason: Refusal
    support_code: Annotated[str, Meta(max_length=12)] = ""


class RoomWaiting(Struct, frozen=True, tag=True):
    """The room put the kit (back) into its waiting room."""


class RoomAdmitted(Struct, frozen=True, tag=True):
    """The room let the kit in from its waiting room."""


class Session(Struct, frozen=True, tag=True):
    """Opaque: lets a restarted engine take the same seat. Secret; memory only; replaced when sent anew."""

    blob: Annotated[bytes, Meta(max_length=8192)]

    def __repr__(self) -> str:
        """Say nothing: it holds the room's token."""
        return "Session(…)"


class Roster(Struct, frozen=True, tag=True):
    """Everybody in the room, this kit included."""

    participants: tuple[Participant, ...]


class ChatReceived(Struct, frozen=True, tag=True):
    """A message from somebody else."""

    author: Annotated[str, Meta(max_length=120)]
    text: Annotated[str, Meta(max_length=2000)]


class ChatSent(Struct, frozen=True, tag=True):
    """Whether the room took our message."""

    number: int
    delivered: bool


class MediaChanged(Struct, frozen=True, tag=True):
    """Whether a remote picture and slides are coming."""

    remote_picture: bool
    slides: bool


class PicturesShown(Struct, frozen=True, tag=True):
    """Whose picture is where, by uuid: the large one, then the small ones. Empty: one picture of all."""

    uuids: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(max_length=4)]
    pinned: bool = False


class CallCapabilities(Struct, frozen=True, tag=True):
    """What the room can do for the kit now."""

    capabilities: Capabilities


class CaptionHeard(Struct, frozen=True, tag=True):
    """What is being said; ``final`` when this sentence will not change."""

    text: Annotated[str, Meta(max_length=200)]
    final: bool


class StillTaken(Struct, frozen=True, tag=True):
    """The still picture waits in the engine's memory, and is shown on the stream of what is shared."""

    taken: bool


class FloorChanged(Struct, frozen=True, tag=True):
    """Whether the others see what the kit presents."""

    mine: bool


class Moderated(Struct, frozen=True, tag=True):
    """The room muted the kit, or lets it be heard again."""

    muted: bool


class RoomChanged(Struct, frozen=True, tag=True):
    """The meeting's host sends the kit to another room; the engine goes there by itself."""


class PathChanging(Struct, frozen=True, tag=True):
    """The call moves to another path, or has: it goes on, with a short gap at most.

    Followed by its end (``on`` false), or by :class:`CallInterrupted` when it takes too long.
    """

    on: bool


class CallInterrupted(Struct, frozen=True, tag=True):
    """Media or the room's server is gone; the engine is trying. ``server`` says it is the server."""

    server: bool


class RoomMisread(Struct, frozen=True, tag=True):
    """So much of what the room's server said since the last time did not fit, and was passed over."""

    count: Annotated[int, Meta(ge=1)]


class CallRestored(Struct, frozen=True, tag=True):
    """Media flows again."""


class CallEnded(Struct, frozen=True, tag=True):
    """Over for good; the engine has left the room."""

    reason: EndReason
    support_code: Annotated[str, Meta(max_length=12)] = ""


class CallQuality(Struct, frozen=True, tag=True):
    """Statistics, about once a second while in a call."""

    quality: Quality


Event = (
    EngineReady
    | CodeRead
    | ScanTroubled
    | DevicesChanged
    | Level
    | SpeakerTested
    | MicrophoneTested
    | RoomJoined
    | RoomPinAsked
    | ExtensionAsked
    | LoginAsked
    | RoomRefused
    | RoomWaiting
    | RoomAdmitted
    | Session
    | Roster
    | ChatReceived
    | ChatSent
    | MediaChanged
    | PicturesShown
    | CallCapabilities
    | CaptionHeard
    | StillTaken
    | FloorChanged
    | Moderated
    | RoomChanged
    | RoomMisread
    | PathChanging
    | CallInterrupted
    | CallRestored
    | CallEnded
    | CallQuality
    | LinkTrying
    | LinkTried
)
