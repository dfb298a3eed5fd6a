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
    NOT_GENUINE = "not_genuine"
    """The page's server could not prove who it is: it is covered until the page before is back."""
    FAILED = "failed"
    """It fell again: what is left is the phone, or to try anew."""


class PortalNotice(StrEnum):
    """What a page, or staff on it, was refused."""

    OUTSIDE = "outside"
    """An address that does not belong to the portal."""
    CALL = "call"
    """A link that rings a number, or sends a text message."""
    MAIL = "mail"
    APP = "app"
    """A link that opens an app: BankID's, for one."""
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


class PortalKey(StrEnum):
    """Keys beside those that type a character."""

    BACK = "back"
    """Takes away what stands before the caret."""
    NEXT = "next"
    """To the next field."""
    ENTER = "enter"


class PressPortal(Struct, frozen=True, tag=True):
    """A key of the keyboard on the screen, for the page. It may be one of a password: nothing shows it."""

    key: Annotated[str, Meta(min_length=1, max_length=5)]
    """A character, or the value of a :class:`PortalKey`."""
    number: Annotated[int, Meta(ge=0)] = 0
    """Counts up: the same key twice is two keys."""

    def __repr__(self) -> str:
        """Say nothing."""
        return "PressPortal(…)"


class PlacePortal(Struct, frozen=True, tag=True):
    """Where the frame leaves room for the page, in pixels from the screen's upper left; no width: nowhere."""

    left: Pixels = 0
    top: Pixels = 0
    width: Pixels = 0
    height: Pixels = 0


PortalCommand = ChoosePortal | PortalBack | RetryPortal | PressPortal | PlacePortal
