"""A portal's session on a virtual screen, with a real mouse and a real keyboard."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

import psutil
from Xlib import X, display

from kit.ipc.portal import PortalNotice
from kit.portal.browser import WINDOW_CLASS
from kit.portal.keeper import Place
from kit.portal.session import (
    Failed,
    Happening,
    NotGenuine,
    Opened,
    Refused,
    Restarting,
    Session,
    Surroundings,
)
from kit.portal.site import Portal
from tests.peers.portal.server import IDP, PORTAL, SWITCHES, World

PLACE = Place(0, 100, 1280, 700)
PATIENCE_S = 60.0
REACT_S = 1.0
"""What a page would do after a touch is done by then."""


class Desk:
    """What the agent hears, and hands."""

    def __init__(self, world: World, screen: str) -> None:
        self.world = world
        self.screen = screen
        self.heard: list[Happening] = []
        self.session: Session | None = None

    @property
    def notices(self) -> list[PortalNotice]:
        """What was refused, in order."""
        return [happening.notice for happening in self.heard if isinstance(happening, Refused)]

    async def until(self, kind: type[Opened | NotGenuine | Restarting | Failed], times: int = 1) -> None:
        """Wait until this has happened so often."""
        async with asyncio.timeout(PATIENCE_S):
            while sum(isinstance(happening, kind) for happening in self.heard) < times:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def until_notice(self, notice: PortalNotice) -> None:
        """Wait for a refusal."""
        async with asyncio.timeout(PATIENCE_S):
            while notice not in self.notices:  # noqa: ASYNC110 - a list tells nobody
                await asyncio.sleep(0.02)

    async def click(self, part: str, button: int = 1) -> None:
        """Click a part of the page."""
        x, y = self.world.places[part]
        await self.xdotool("mousemove", str(PLACE.left + x - 3), str(PLACE.top + y - 3))
        await self.xdotool("mousemove", str(PLACE.left + x), str(PLACE.top + y))
        await self.xdotool("click", str(button))

    async def xdotool(self, *words: str) -> None:
        """Run xdotool."""
        program = await asyncio.create_subprocess_exec(
            "xdotool", *words, env={**os.environ, "DISPLAY": self.screen}
        )
        assert await program.wait() == 0

    def seen(self) -> set[int]:
        """Everything that is seen on the display, menus and notes included."""
        connection = display.Display(self.screen)
        try:
            return {window.id for window in _viewable(connection)}
        finally:
            connection.close()

    def windows(self) -> dict[str, Place]:
        """Where the browser's windows are seen, by instance name: a portal's is made of its address."""
        connection = display.Display(self.screen)
        try:
            seen = {}
            for window in _viewable(connection):
                named = window.get_wm_class()
                if named and WINDOW_CLASS in named:
                    where = window.get_geometry()
                    seen[named[0]] = Place(where.x, where.y, where.width, where.height)
            return seen
        finally:
            connection.close()


def _viewable(connection: display.Display) -> list[Any]:
    children = connection.screen().root.query_tree().children
    return [window for window in children if window.get_attributes().map_state == X.IsViewable]


def portal(path: str = "/attempts", *more: str) -> Portal:
    """The test's portal, beginning at one of its pages."""
    origins = (f"https://{PORTAL}", f"https://{IDP}", *more)
    address = f"https://{PORTAL}{path}"
    return Portal(name="Digitala vårdmöten", address=address, origins=origins, phone="08-465 004 55")


def around(world: World, screen: str) -> Surroundings:
    """The kit around it."""
    return Surroundings(
        display=screen,
        env=dict(os.environ),
        authorities=world.ca,
        addresses=world.addresses,
        switches=SWITCHES,
    )


@contextlib.asynccontextmanager
async def visiting(world: World, screen: str, place: Portal) -> AsyncIterator[Desk]:
    """A visit from its beginning to its end; it need not come to a page."""
    desk = Desk(world, screen)
    desk.session = Session(place, around(world, screen), desk.heard.append)
    task = asyncio.create_task(desk.session.run())
    desk.session.place(PLACE)
    try:
        yield desk
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def browsers() -> list[psutil.Process]:
    """Return every process of a shut-in Chromium on this machine that comes from here."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "chromium" in process.name() or process.name() == "bwrap":
                found.append(process)
    return found
