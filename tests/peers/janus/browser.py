"""Headless Chromium as the others in a VideoRoom: a page for each, all in one browser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from playwright.async_api import Browser, Page, Playwright, Route, async_playwright

from tests.peers.testroom.browser import CHROMIUM, FLAGS

# A secure context, as media needs, from which plain sockets may be opened.
ADDRESS = "http://localhost/"
LIMIT_S = 40.0


class Guest:
    """One page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.id = 0

    @property
    def uuid(self) -> str:
        """As the kit names them."""
        return str(self.id)

    async def join(self, url: str, room: int, name: str, **options: Any) -> Guest:
        """Enter; with ``colour`` and ``hertz`` send too, in several sizes with ``layers``."""
        self.id = await self.call("join_", {"url": url, "room": room, "name": name, **options})
        return self

    async def speak(self, on: bool = True) -> None:
        await self.call("speak_", on)

    async def received(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.call("received_")
        return found

    async def chats(self) -> list[list[str]]:
        found: list[list[str]] = await self.call("chats_")
        return found

    async def call(self, name: str, *arguments: Any) -> Any:
        script = f"arguments_ => window.{name}(...arguments_)"
        return await asyncio.wait_for(self._page.evaluate(script, list(arguments)), LIMIT_S)

    async def until(self, name: str, is_so: Callable[[Any], object]) -> Any:
        """Ask again and again."""
        end = time.monotonic() + LIMIT_S
        while not is_so(found := await self.call(name)):
            assert time.monotonic() < end, f"{name} stayed {found}"
            await asyncio.sleep(0.1)
        return found

    async def leave(self) -> None:
        await self.call("leave_")


class Guests:
    """``async with Guests()``: the browser."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def __aenter__(self) -> Guests:
        self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()

    async def guest(self) -> Guest:
        """A page that has not joined."""
        assert self._browser is not None
        page = await (await self._browser.new_context()).new_page()
        await page.route("**/*", serve)
        await page.goto(ADDRESS)
        return Guest(page)


async def serve(route: Route) -> None:
    if route.request.url == ADDRESS:
        body = '<!doctype html><script src="page.js"></script>'
        await route.fulfill(body=body, content_type="text/html")
    elif route.request.url.endswith("page.js"):
        script = await asyncio.to_thread(Path(__file__).with_name("page.js").read_text, "utf-8")
        await route.fulfill(body=script, content_type="text/javascript")
    else:
        await route.abort()
