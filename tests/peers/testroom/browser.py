"""Chromium with the coordinator's page: Pexip's own client library as the peer."""

import time
from typing import Any

from playwright.async_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
]


class Client:
    """One page: one participant."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @classmethod
    async def open(cls, browser: Browser, url: str, alias: str, name: str, pin: str = "") -> "Client":
        """The page at a meeting link, with the practice camera running."""
        context = await browser.new_context(viewport={"width": 1000, "height": 640}, locale="sv-SE")
        client = cls(await context.new_page())
        await client.page.goto(f"{url}/webapp/m/{alias}?source=generated&name={name}&pin={pin}")
        await client.page.evaluate("room.ready")
        return client

    async def join(self) -> "Client":
        """Press the button; returns when the page is in the meeting, or says why it is not."""
        await self.page.click("#join")
        await self.until("['in', 'start'].includes(room.state.phase)")
        return self

    async def until(self, expression: str, seconds: float = 45) -> Any:
        """The value of an expression once it is true (playwright's own wait needs eval in the page)."""
        end = time.monotonic() + seconds
        while not (value := await self.page.evaluate(expression)):
            assert time.monotonic() < end, f"{expression} did not come true: {await self.stats()}"
            await self.page.wait_for_timeout(100)
        return value

    async def stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = await self.page.evaluate("room.stats()")
        return stats

    async def uuid(self) -> str:
        mine: str = await self.until("room.state.me?.uuid")
        return mine
