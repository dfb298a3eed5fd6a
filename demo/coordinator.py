"""The other side of the meeting: a coordinator at the page with Pexip's own client, in Chromium."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
from msgspec import Struct
from playwright.async_api import Browser, Page

from demo.browser import open_page
from demo.ready import until

NAME = "Vårdsamordnare Norr"
HOST_PIN = "1234"

_NOTE_THE_CLICK = """() => document.getElementById('confirm-yes').addEventListener(
    'click', () => { window.clickedAt = Date.now(); }, {capture: true, once: true})"""


class Spread(Struct, frozen=True):
    """Percentiles in ms as the page counts them; None before anything was measured."""

    count: int = 0
    p50: float | None = None
    p95: float | None = None


class Person(Struct, frozen=True, rename="camel"):
    """One line of the page's list of participants."""

    name: str = ""
    me: bool = False
    waiting: bool = False
    muted: bool = False
    camera_off: bool = False


class ChatLine(Struct, frozen=True):
    """A chat message as the page shows it."""

    text: str = ""
    mine: bool = False


class Seen(Struct, frozen=True):
    """What the page measures: ``window.room.stats()``."""

    phase: str
    remote_fps: float
    waiting: bool = False
    picture_latency_ms: Spread = Spread()
    beep_latency_ms: Spread = Spread()
    sound_dbfs: float = -100.0
    lip_sync_ms: float | None = None
    participants: int = 0
    roster: tuple[Person, ...] = ()
    chat_count: int = 0
    last_chat: ChatLine | None = None
    remote_width: int = 0
    remote_height: int = 0
    codec: str | None = None

    @property
    def kit(self) -> Person | None:
        """The kit in the list, when it is there and let in."""
        return next((person for person in self.roster if not person.me and not person.waiting), None)


class Coordinator:
    """Works at the page as a person does: by its fields and buttons."""

    def __init__(self, page: Page) -> None:
        """``page`` is the open page."""
        self.page = page

    @classmethod
    async def open(cls, browser: Browser, address: str) -> Coordinator:
        """Open the page with its practice camera, whose picture tells the time."""
        return cls(await open_page(browser, f"{address}?source=generated"))

    async def fill_in(self, room: str) -> None:
        """Write what the page asks for before a meeting, as the room's host."""
        for field, value in (("alias", room), ("name", NAME), ("pin", HOST_PIN)):
            await self.page.fill(f"#{field}", value)

    async def join(self, deadline_s: float = 20.0) -> None:
        """Go in with what was filled in."""
        await self.page.click("#join")
        await self.until(
            lambda seen: seen.phase == "in" and not seen.waiting, deadline_s, "the host in the room"
        )

    async def ring(self, alias: str) -> None:
        """Call a device into the meeting."""
        await self.page.fill("#call-alias", alias)
        await self.page.click("#call-unit")

    async def seen(self) -> Seen:
        """Return what the page measures now."""
        stats: Any = await self.page.evaluate("window.room.stats()")
        return msgspec.convert(stats, Seen)

    async def until(self, wanted: Any, deadline_s: float, what: str) -> float:
        """Wait until the page has ``wanted(seen)``; return the seconds it took. TooLate names ``what``."""

        async def probe() -> bool:
            return bool(wanted(await self.seen()))

        return await until(probe, deadline_s, what)

    async def say(self, text: str) -> None:
        """Write to everybody."""
        await self.page.fill("#chat-text", text)
        await self.page.press("#chat-text", "Enter")

    async def end_for_all(self) -> float:
        """End the meeting for everybody; return the unix time at which the button was clicked."""
        await self.page.click("#end-all")
        await self.page.evaluate(_NOTE_THE_CLICK)
        await self.page.click("#confirm-yes")
        clicked: float = await self.page.evaluate("window.clickedAt")
        return clicked / 1000

    async def watch(self, seconds: float) -> list[Seen]:
        """Return what the page measures during some seconds: each second, or as often as it answers."""
        found: list[Seen] = []
        end = time.monotonic() + seconds
        while not found or time.monotonic() < end:
            await asyncio.sleep(1)
            found.append(await self.seen())
        return found
