"""Web portals between agent and screen: which there are, and the frame around the one that is open."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Phone = Annotated[str, Meta(max_length=24)]
Pixels = Annotated[int, Meta(ge=0, le=16_384)]


class PortalChoice(Struct, frozen=True, kw_only=True):
    """A portal of the configuration, by its place in it."""

    number: Annotated[int, Meta(ge=0, le=19)]
    name: Annotated[str, Meta(max_length=64)]
    phone: Phone = ""


class PortalStage(StrEnum):
    """How far an opened portal has come."""

    OPENING = "opening"
    OPEN = "open"
    RESTARTING = "restarting"
    """The browser fell; it is being started once more."""
    FAILED = "failed"
    """It fell again: what is left is the phone, or to try anew."""


class PortalNotice(StrEnum):
    """What a page, or staff on it, was refused."""

    OUTSIDE = "outside"
    """An address that does not belong to the portal."""
    NEW_WINDOW = "new_window"
    DOWNLOAD = "download"
    KEY = "key"
    """A key or button that would lead out of the page."""
    POINTER = "pointer"
    """The page took the pointer for itself; it was given back."""


class PortalView(Struct, frozen=True, kw_only=True):
    """The portal that is open."""

    name: Annotated[str, Meta(max_length=64)]
    phone: Phone = ""
    stage: PortalStage = PortalStage.OPENING
    notice: PortalNotice | None = None
    """The newest refusal, for some seconds."""


class ChoosePortal(Struct, frozen=True, tag=True):
    """Begin a visit by one of the portals."""

    number: Annotated[int, Meta(ge=0, le=19)]


class PortalBack(Struct, frozen=True, tag=True):
    """One page back."""


class RetryPortal(Struct, frozen=True, tag=True):
    """Open it anew after it failed."""


class PlacePortal(Struct, frozen=True, tag=True):
    """Where the frame leaves room for the page, in pixels from the screen's upper left; no width: nowhere."""

    left: Pixels = 0
    top: Pixels = 0
    width: Pixels = 0
    height: Pixels = 0


PortalCommand = ChoosePortal | PortalBack | RetryPortal | PlacePortal
