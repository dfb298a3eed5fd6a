"""A link test, as agent and engine speak of it: part of orders and events (:mod:`kit.ipc.engine`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from kit.ipc.network import LinkFigures
from kit.visit.model import Invitation, Text200


class TryLink(Struct, frozen=True, tag=True):
    """Send ten seconds of generated media into the first of these rooms that takes it, and get it back.

    Answered by :class:`LinkTrying` while it runs, then by :class:`LinkTried`. Refused during a call; ends
    when a call begins.
    """

    rooms: Annotated[tuple[Invitation, ...], Meta(min_length=1, max_length=4)]
    display_name: Annotated[str, Meta(max_length=120)]
    allowed_hosts: Annotated[tuple[Text200, ...], Meta(max_length=50)] = ()
    interface: Annotated[str, Meta(max_length=15)] = ""
    """As the kernel calls it: everything goes through this one; empty: through the one that carries."""
    name_servers: Annotated[tuple[Annotated[str, Meta(max_length=45)], ...], Meta(max_length=3)] = ()
    """Addresses of those that are asked for names by it; without any the machine's resolver is."""


class StopTryingLink(Struct, frozen=True, tag=True):
    """Nobody waits for the link test any longer: answered by :class:`LinkTried` where one runs."""


class LinkTrying(Struct, frozen=True, tag=True):
    """A link test is under way: some times a second."""

    progress: Annotated[float, Meta(ge=0, le=1)]


class TrialEnd(StrEnum):
    """How a link test ended."""

    MEASURED = "measured"
    SILENT = "silent"
    """The room took the kit, and no media came back: something on the way bars it."""
    UNREACHABLE = "unreachable"
    """The region's server did not answer."""
    NO_ROOM = "no_room"
    """It answered, and has no room to test in."""
    BUSY = "busy"
    """There is a call, or another test."""
    STOPPED = "stopped"


class LinkTried(Struct, frozen=True, tag=True):
    """The link test is over. ``figures`` of one that was ``UNREACHABLE`` are of the relays alone."""

    end: TrialEnd
    figures: LinkFigures | None = None
