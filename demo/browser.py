"""A real Chromium, without a window, driven like a person would: the coordinator's page and the dashboard.

Camera and microphone are the page's own or Chromium's generated ones; nothing of it is recorded.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator

import psutil
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from demo.kits import TIME_ZONE

VIEW: ViewportSize = {"width": 1280, "height": 800}
PATIENCE_MS = 15_000

_FLAGS = (
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
    # Both pages are looked at by nobody else: neither may be slowed down as a background tab.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)


class NoBrowser(Exception):  # noqa: N818 - it names what is missing
    """Chromium is not installed."""


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium and end it with all its processes. NoBrowser when there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise NoBrowser
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, headless=True, args=[*_FLAGS, *sandbox], handle_sigint=False
        )
        try:
            yield browser
        finally:
            await browser.close()


def chromium_pid() -> int | None:
    """Return the browser's own process, the parent of all its others; None while none runs."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            command = process.cmdline()
            if (
                command
                and "chromium" in command[0]
                and not any(word.startswith("--type=") for word in command)
            ):
                return process.pid
    return None


async def open_page(browser: Browser, address: str) -> Page:
    """Open a page in a context of its own: no cookie or storage is shared."""
    context = await browser.new_context(viewport=VIEW, locale="sv-SE", timezone_id=TIME_ZONE)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(address)
    return page
