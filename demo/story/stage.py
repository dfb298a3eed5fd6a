"""What a chapter of the visit acts with: fingers, browser pages, pictures, and where its figures go."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import Struct
from playwright.async_api import Browser, Page

from demo.browser import open_page
from demo.coordinator import Coordinator
from demo.costs import Costs
from demo.kiosk import Kiosk
from demo.kits import OWNED, SPARE, VISITING
from demo.report.model import Figures, Injection, Picture, Text, View
from demo.world import World

_KITS = {View.KIOSK: VISITING, View.SPARE: SPARE, View.OWNED: OWNED}


class Notes(Struct):
    """What the chapters have found so far, for the report; grows as the visit goes on."""

    figures: Figures = Figures()
    not_measured: dict[str, str] = {}
    injections: list[Injection] = []
    facts: dict[str, str] = {}
    """Of the chapter under way."""
    pictures: list[Picture] = []
    """Of the chapter under way."""


class Stage:
    """The visit's places and tools. Chapters leave in it what later ones need."""

    def __init__(self, world: World, browser: Browser, costs: Costs) -> None:
        self.world = world
        self.browser = browser
        self.costs = costs
        self.notes = Notes()
        self.kit = Kiosk(world, VISITING)
        self.spare = Kiosk(world, SPARE)
        self.owned = Kiosk(world, OWNED)
        self._coordinator: Coordinator | None = None
        self.dashboard: Page | None = None
        self.chapter = ""
        self.moments: dict[str, float] = {}
        """Unix times that later figures begin from."""

    @property
    def coordinator(self) -> Coordinator:
        """The coordinator at the open page; RuntimeError before :meth:`call_coordinator`."""
        if self._coordinator is None:
            raise RuntimeError("the coordinator has not come yet")
        return self._coordinator

    async def call_coordinator(self) -> Coordinator:
        """Open the coordinator's page; not in the room yet."""
        self._coordinator = await Coordinator.open(self.browser, self.world.coordinator_page)
        return self._coordinator

    async def visit_dashboard(self, path: str = "") -> Page:
        """Open a page of the fleet's dashboard."""
        if self.dashboard is None:
            self.dashboard = await open_page(self.browser, self.world.dashboard)
        await self.dashboard.goto(self.world.dashboard + path)
        return self.dashboard

    def measured(self, **figures: Any) -> None:
        """Keep figures of ``Figures``."""
        self.notes.figures = msgspec.structs.replace(self.notes.figures, **figures)

    def not_measured(self, figure: str, why: str) -> None:
        """Keep why a figure is missing."""
        self.notes.not_measured[figure] = why

    def fact(self, name: str, value: str) -> None:
        """Show something that this chapter measured on its card."""
        self.notes.facts[name] = value

    def injected(
        self, name: str, title: Text, seconds: float | None, promised_s: float | None = None
    ) -> None:
        """Keep how long a fault that was made on purpose took to heal."""
        self.notes.injections.append(
            Injection(name=name, title=title, seconds=seconds, promised_s=promised_s)
        )

    async def look(self, *views: View) -> None:
        """Take a picture of each of the views that is there."""
        for view in views:
            file = f"pictures/{self.chapter}-{len(self.notes.pictures)}-{view}.png"
            if await self._take(view, file):
                self.notes.pictures.append(Picture(view, file))

    async def look_everywhere(self) -> None:
        """Take a picture of whatever can be seen, as evidence; what cannot is left out."""
        for view in View:
            with contextlib.suppress(Exception):
                await self.look(view)

    async def _take(self, view: View, file: str) -> bool:
        path = self.world.layout.root / file
        if view in _KITS:
            kit = self.world.kits[_KITS[view]]
            pid = self.world.supervisor.pid(kit.process("screen"))
            picture = await kit.screen.picture(pid)
            await asyncio.to_thread(picture.save, path, compress_level=1)
            return True
        coordinator = self._coordinator.page if self._coordinator else None
        page = coordinator if view is View.COORDINATOR else self.dashboard
        if page is None or page.is_closed():
            return False
        await page.screenshot(path=path)
        return True


class Chapter(Struct, frozen=True, kw_only=True):
    """One step of the visit. When a ``vital`` one fails, what follows makes no sense and is left out."""

    name: str
    title: Text
    about: Text
    act: Callable[[Stage], Awaitable[None]]
    vital: bool = True
    deadline_s: float = 60.0
