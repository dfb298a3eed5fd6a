"""What the kit shows the others, as the agent knows it: a still picture, a second camera, the floor. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from kit.agent.call import CallBook
from kit.ipc import engine as ng
from kit.ipc.call import Floor, PresentSource, Still
from kit.ipc.state import Panel
from kit.visit.model import Policy

SAID_S = 12.0
"""How long it is said that others show something instead."""


def may_show(book: CallBook, source: PresentSource, policy: Policy) -> bool:
    """Whether region and room allow it."""
    allowed = {
        PresentSource.NONE: True,
        PresentSource.STILL: policy.still_pictures,
        PresentSource.SECOND_CAMERA: policy.second_camera,
    }
    return allowed[source] and (book.shown.capabilities.present or source is PresentSource.NONE)


def has(book: CallBook, source: PresentSource) -> bool:
    """Whether there is something to show: a still picture must have been taken."""
    return source is not PresentSource.STILL or book.shown.still is Still.TAKEN


def stays_open(panel: Panel, book: CallBook, event: ng.Event | None = None) -> bool:
    """Whether a panel is of use: the room can do what it is for, and its picture has not been shown now."""
    able = book.shown.capabilities
    if panel is Panel.SHARE:
        return able.present and event != ng.FloorChanged(mine=True)
    return able.chat or panel is not Panel.CHAT


def aimed(book: CallBook, source: PresentSource) -> CallBook:
    """Return the call with staff looking at what could be shown; an old still picture is forgotten."""
    return _show(book, aim=source, still=Still.NONE, floor=_quiet(book.shown.floor))


def taking(book: CallBook) -> CallBook:
    """Return the call with a still picture being taken."""
    return _show(book, still=Still.TAKING, floor=_quiet(book.shown.floor))


def taken(book: CallBook, *, taken: bool) -> CallBook:
    """Return the call with what became of it; one that nobody waits for any more is nothing."""
    if book.shown.still is not Still.TAKING:
        return book
    return _show(book, still=Still.TAKEN if taken else Still.FAILED)


def asked(book: CallBook, source: PresentSource) -> CallBook:
    """Return the call with the floor asked for."""
    return _show(book, presenting=source, floor=Floor.ASKED)


def stopped(book: CallBook) -> CallBook:
    """Return the call with nothing shown and nothing kept."""
    return _show(
        book, presenting=PresentSource.NONE, aim=PresentSource.NONE, still=Still.NONE, floor=Floor.FREE
    )


def floor_changed(book: CallBook, *, mine: bool, at: float) -> CallBook:
    """Return the call with the floor given, refused, or lost to somebody else."""
    before = book.shown.floor
    if mine:
        return _show(book, floor=Floor.MINE, aim=PresentSource.NONE) if before is Floor.ASKED else book
    if before is Floor.ASKED:
        return _show(book, presenting=PresentSource.NONE, floor=Floor.DENIED)
    if before is Floor.MINE:
        lost = stopped(book)
        return _show(replace(lost, floor_said_until=at + SAID_S), floor=Floor.LOST)
    return book


def ticked(book: CallBook, at: float) -> CallBook:
    """Return the call with an old word about the floor taken away."""
    if book.shown.floor is Floor.LOST and at >= book.floor_said_until:
        return _show(book, floor=Floor.FREE)
    return book


def heard(book: CallBook, event: ng.Event, at: float) -> CallBook:
    """Return the call after an event of the engine."""
    match event:
        case ng.StillTaken(success):
            return taken(book, taken=success)
        case ng.FloorChanged(mine):
            return floor_changed(book, mine=mine, at=at)
        case ng.EngineReady() | ng.CallEnded():
            return stopped(book)
        case _:
            return book


def _quiet(floor: Floor) -> Floor:
    return Floor.FREE if floor in (Floor.DENIED, Floor.LOST) else floor


def _show(book: CallBook, **changes: object) -> CallBook:
    return replace(book, shown=replace(book.shown, **changes))
