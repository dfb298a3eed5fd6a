"""A headless Chromium as peer."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import psutil
from playwright.async_api import BrowserContext, Page, Playwright, Route, async_playwright

from bench.calls import scene
from bench.calls.peer import TIMEOUT_S, Connection, Cost, Report, cost, family
from kit.meeting.janus.leg import Fit

ADDRESS = "https://peer.test/"
_PAGE = '<!doctype html><audio id="speaker" autoplay></audio><script src="page.js"></script>'
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
]
_BROWSER = "/usr/bin/chromium"
_AUTOGROUP = Path("/proc/self/autogroup")


class ChromiumPeer:
    """One browser with one page."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._folder = Path(tempfile.mkdtemp(prefix="call-peer-"))
        self._playwright: Playwright | None = None
        self._context: BrowserContext | None = None
        self._page: Page | None = None

    async def start(self) -> None:
        """Start the browser and load the page."""
        self._playwright = await async_playwright().start()
        self._context = await self._playwright.chromium.launch_persistent_context(
            str(self._folder), executable_path=_BROWSER, headless=True, args=_ARGUMENTS
        )
        self._weigh_alike()
        page = self._page = self._context.pages[0]
        await page.route(f"{ADDRESS}**", self._serve)
        await page.goto(ADDRESS)
        speech = base64.b64encode(scene.speech().tobytes()).decode()
        await self._call("open_", speech)

    async def offer(self, name: Connection) -> str:
        """Make an offer."""
        return str(await self._call("offer", self._codec, name))

    async def answer(self, name: Connection, sdp: str) -> str:
        """Answer one."""
        return str(await self._call("answer", self._codec, name, sdp))

    async def accept(self, name: Connection, sdp: str) -> None:
        """Take the answer."""
        await self._call("accept", name, sdp)

    async def mark(self) -> None:
        """Begin the counted time."""
        await self._call("mark")

    async def collect(self) -> Report:
        """End the counted time."""
        return msgspec.convert(await self._call("collect"), Report)

    async def fit(self) -> Fit:
        """Nothing in a browser heeds it."""
        return Fit.ALL

    def cost(self) -> Cost:
        """Look at all processes of this browser."""
        return cost(self._browsers())

    async def close(self) -> None:
        """End the browser."""
        if self._context is not None:
            await self._context.close()
        if self._playwright is not None:
            await self._playwright.stop()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _call(self, name: str, *arguments: str) -> Any:
        assert self._page is not None
        script = f"arguments_ => window.{name}(...arguments_)"
        return await asyncio.wait_for(self._page.evaluate(script, list(arguments)), TIMEOUT_S)

    async def _serve(self, route: Route) -> None:
        if route.request.url == ADDRESS:
            await route.fulfill(body=_PAGE, content_type="text/html")
        elif route.request.url.endswith("page.js"):
            script = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
            await route.fulfill(body=script, content_type="text/javascript")
        else:
            await route.abort()

    def _browsers(self) -> list[psutil.Process]:
        return [p for p in psutil.process_iter(["cmdline"]) if self._is_mine(p.info["cmdline"] or [])]

    def _weigh_alike(self) -> None:
        """Give the browser, a session of its own, the weight that the scheduler gives to ours."""
        group = _AUTOGROUP.read_text(encoding="ascii").split() if _AUTOGROUP.is_file() else []
        if not group:  # kernels and containers without autogroups weigh all processes alike anyway
            return
        nice = group[-1]
        for process in family(self._browsers()):
            with contextlib.suppress(OSError):
                Path(f"/proc/{process.pid}/autogroup").write_text(nice, encoding="ascii")

    def _is_mine(self, command: list[str]) -> bool:
        browser = not any(word.startswith("--type=") for word in command)
        return browser and any(str(self._folder) in word for word in command)
