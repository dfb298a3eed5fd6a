"""What the visit wants done. The agent does it; its outcome comes back as an event."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from kit.visit.model import Check, EndReason, Evaluator, Invitation, PackedPart, Refusal


class OpenCamera(Struct, frozen=True, tag=True):
    """Camera and microphone on or off outside a call."""

    on: bool


class BeginCheck(Struct, frozen=True, tag=True):
    """Start one check; answered by CheckDone, or by staff."""

    check: Check


class Join(Struct, frozen=True, tag=True):
    """Join the room, or join it again."""

    invitation: Invitation


class Leave(Struct, frozen=True, tag=True):
    """Leave the room if the kit is in one."""


class RemoveWifi(Struct, frozen=True, tag=True):
    """Remove the patient's Wi-Fi and verify that it is gone; answered by WifiRemoved. May be asked again."""


class RememberOpen(Struct, frozen=True, tag=True):
    """Keep one bit beyond the agent's life: a visit is open. Nothing else of it is kept."""

    open: bool


class Refuse(Struct, frozen=True, tag=True):
    """Show and count a refusal."""

    reason: Refusal


class Summarise(Struct, frozen=True, tag=True):
    """The visit's outcome for the fleet: figures only, nobody and no place."""

    duration_s: Annotated[float, Meta(ge=0)]
    participants: Annotated[int, Meta(ge=0)]
    end_reason: EndReason
    ratings: tuple[tuple[Evaluator, int], ...]
    hygiene_done: bool
    missing_parts: tuple[PackedPart, ...]


class Forget(Struct, frozen=True, tag=True):
    """Drop everything that is known of the meeting: roster, chat, PIN, journal facts."""


class Ring(Struct, frozen=True, tag=True):
    """Let the kit ring, or be quiet."""

    on: bool


class Decline(Struct, frozen=True, tag=True):
    """Tell the service that nobody answers this call."""

    invitation: Invitation


Effect = (
    OpenCamera
    | BeginCheck
    | Join
    | Leave
    | RemoveWifi
    | RememberOpen
    | Refuse
    | Summarise
    | Forget
    | Ring
    | Decline
)
