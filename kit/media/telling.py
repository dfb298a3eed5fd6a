"""What a room says, in the engine's words to the agent. Pure."""

from __future__ import annotations

from kit.ipc import engine as ng
from kit.meeting.room import (
    CapabilitiesChanged,
    Caption,
    ExtensionNeeded,
    FloorChanged,
    LoginNeeded,
    LoginShown,
    Message,
    Misread,
    Moderated,
    PicturesChanged,
    PinNeeded,
    RoomEvent,
    SeatChanged,
)

ASKED = (PinNeeded, ExtensionNeeded, LoginNeeded)
_CAPTION_KEPT = 200


def question(asked: PinNeeded | ExtensionNeeded | LoginNeeded) -> ng.Event:
    """What staff must answer before the room lets the kit in."""
    match asked:
        case PinNeeded():
            return ng.RoomPinAsked(asked.wrong)
        case ExtensionNeeded():
            return ng.ExtensionAsked(asked.wrong)
        case LoginNeeded():
            return ng.LoginAsked(ways=asked.ways)


def told(event: RoomEvent) -> ng.Event | None:
    """What the agent is told at once; None for what the call must handle itself."""
    match event:
        case SeatChanged(blob):
            return ng.Session(blob)
        case Message(author, text):
            return ng.ChatReceived(author, text)
        case CapabilitiesChanged(capabilities):
            return ng.CallCapabilities(capabilities)
        case Caption(text, final):
            return ng.CaptionHeard(text[-_CAPTION_KEPT:], final)
        case PicturesChanged(uuids, pinned):
            return ng.PicturesShown(uuids, pinned)
        case FloorChanged(mine):
            return ng.FloorChanged(mine)
        case Moderated(muted):
            return ng.Moderated(muted)
        case LoginShown(url):
            return ng.LoginAsked(url)
        case Misread(count):
            return ng.RoomMisread(count)
        case _:
            return None
