"""The rooms that are joined, a Chromium in each, and a Chromium that joins: Pexip's test room and Janus."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Literal, Protocol

from playwright.async_api import Browser, Page, async_playwright

from bench.joins import HERE, WITHIN_S, Times
from kit.meeting.testroom import Config, TestRoomServer, Tls
from kit.meeting.testroom.config import DEFAULT_ROOMS
from kit.visit.model import Invitation, Service
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.janus import browser as guests
from tests.peers.janus.server import ROOM, TestJanus
from tests.peers.testroom.browser import CHROMIUM, FLAGS

Kind = Literal["pexip", "janus"]
KINDS: tuple[Kind, ...] = ("pexip", "janus")
ALIAS = "oppet"
KIT = "Hembesök"
_SIZE = {"width": 1280, "height": 720, "fps": 25}
_JOIN_JANUS = """
async options => {
    near_.begin();
    room = options.room;
    await open(options.url);
    session = (await ask({janus: 'create'})).data.id;
    const handle = (window.publisher = await attach(heard));
    const joined = await tell(handle, {request: 'join', ptype: 'publisher', room, display: 'Norr'});
    const {id, private_id: own, publishers} = joined.plugindata.data;
    [me, privateId] = [id, own];
    publish(handle, ...near_.own, false);
    publishers.forEach(subscribe);
}
"""
"""What plain WebRTC can do at its best: sends and subscribes at the same time."""
_PREPARE_JANUS = "size => { near_.own = [camera('lime', size.width, size.height, size.fps), voice(600)]; }"
_JOIN_PEXIP = "alias => { near_.begin(); room.join({alias, name: 'Norr', pin: ''}); }"


class Meeting(Protocol):
    """A server with one room."""

    service: Kind

    @property
    def host(self) -> str:
        """What stands in an invitation."""
        ...

    @property
    def invitation(self) -> Invitation:
        """For the kit."""
        ...

    async def fill(self) -> None:
        """Let a Chromium come that sends picture and sound; returns when it does."""
        ...

    async def chromium(self, settle_s: float) -> Times:
        """Let another Chromium be ready, join after ``settle_s`` and leave."""
        ...

    async def kits(self) -> int:
        """How often the kit is there: seats at Pexip, sessions with all their handles in Janus."""
        ...

    async def left_behind(self) -> str:
        """What the server holds beyond that of the one who was there before; empty when all is well."""
        ...

    async def restart(self, down_s: float) -> None:
        """End the server, start it again, and let the Chromium come again."""
        ...


class PexipMeeting:
    """The test room, its page and Pexip's library as the others."""

    service: Kind = "pexip"

    def __init__(self, browser: Browser, certificates: Certificates) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._browser, self._certificates = browser, certificates
        self._far: Page | None = None
        self.server = self._make()

    @property
    def host(self) -> str:
        """See :class:`Meeting`."""
        return f"localhost:{self._port}"

    @property
    def invitation(self) -> Invitation:
        """See :class:`Meeting`."""
        return Invitation(host=self.host, alias=ALIAS, pin=None)

    async def fill(self) -> None:
        """See :class:`Meeting`."""
        self._far = await self._page("far.js")
        await self._enter(self._far)

    async def chromium(self, settle_s: float) -> Times:
        """See :class:`Meeting`."""
        page = await self._page("near.js")
        await asyncio.sleep(settle_s)
        await page.evaluate(_JOIN_PEXIP, ALIAS)
        try:
            return await _found(page)
        finally:
            await page.evaluate("room.leave()")
            await page.context.close()

    async def kits(self) -> int:
        """See :class:`Meeting`."""
        return len(self.seats()) - (self._far is not None)

    async def left_behind(self) -> str:
        """See :class:`Meeting`."""
        running = self.server.rooms.running(ALIAS)
        seats, tokens = len(self.seats()), sum(len(conference.tokens) for conference in running)
        expected = int(self._far is not None)
        return "" if (seats, tokens) == (expected, expected) else f"{seats} seats, {tokens} tokens"

    async def restart(self, down_s: float) -> None:
        """See :class:`Meeting`."""
        far, self._far = self._far, await self._page("far.js")
        await self.server.stop()
        if far is not None:
            await far.context.close()
        await asyncio.sleep(down_s)
        self.server = self._make()
        await self.server.start()
        await self._enter(self._far)

    def seats(self) -> list[str]:
        """Uuids of everybody in the room."""
        return [u for conference in self.server.rooms.running(ALIAS) for u in conference.meeting.participants]

    async def _page(self, script: str) -> Page:
        context = await self._browser.new_context(ignore_https_errors=True, locale="sv-SE")
        await context.add_init_script(path=HERE / script)
        page = await context.new_page()
        await page.goto(f"https://{self.host}/webapp/m/{ALIAS}?source=generated&name=Norr")
        await page.evaluate("room.ready")
        return page

    async def _enter(self, page: Page) -> None:
        await page.evaluate("alias => void room.join({alias, name: 'Vårdsamordnare', pin: ''})", ALIAS)
        await _until(page, "room.client.latestStats?.outbound.video?.packetsTransmitted > 0")

    def _make(self) -> TestRoomServer:
        where = Tls(("127.0.0.1", self._port), self._certificates.certificate, self._certificates.key)
        return TestRoomServer(Config(rooms=DEFAULT_ROOMS), tls=where)


class JanusMeeting:
    """A real Janus; the others are pages that speak its JSON and plain WebRTC."""

    service: Kind = "janus"

    def __init__(self, browser: Browser, janus: TestJanus) -> None:
        self._browser, self.janus = browser, janus
        self._far: guests.Guest | None = None

    @property
    def host(self) -> str:
        """See :class:`Meeting`."""
        return self.janus.host

    @property
    def invitation(self) -> Invitation:
        """See :class:`Meeting`."""
        return Invitation(host=self.host, alias=str(ROOM), service=Service.JANUS)

    async def fill(self) -> None:
        """See :class:`Meeting`."""
        page = await self._page("far.js")
        self._far = guests.Guest(page)
        await self._far.join(self.janus.plain, ROOM, "Vårdsamordnare", colour="red", hertz=440.0, **_SIZE)
        await self._far.speak()

    async def chromium(self, settle_s: float) -> Times:
        """See :class:`Meeting`."""
        page = await self._page("near.js")
        await page.evaluate(_PREPARE_JANUS, _SIZE)
        await asyncio.sleep(settle_s)
        await page.evaluate(_JOIN_JANUS, {"url": f"wss://{self.host}", "room": ROOM})
        try:
            return await _found(page)
        finally:
            await page.evaluate("leave()")
            await page.context.close()

    async def kits(self) -> int:
        """See :class:`Meeting`."""
        return len(await self.janus.sessions()) - (self._far is not None)

    async def left_behind(self) -> str:
        """See :class:`Meeting`."""
        sessions, handles = len(await self.janus.sessions()), await self.janus.handles()
        # The one who was there first sends with one, and receives with another since somebody came.
        most = 0 if self._far is None else 2
        fits = sessions == most // 2 and handles <= most
        return "" if fits else f"{sessions} sessions, {handles} handles"

    async def restart(self, down_s: float) -> None:
        """See :class:`Meeting`."""
        await self.janus.kill()
        await asyncio.sleep(down_s)
        await self.janus.revive()
        await self.fill()

    async def _page(self, script: str) -> Page:
        context = await self._browser.new_context(ignore_https_errors=True)
        await context.add_init_script(path=HERE / script)
        page = await context.new_page()
        await page.route("**/*", guests.serve)
        await page.goto(guests.ADDRESS)
        return page


@contextlib.asynccontextmanager
async def meeting(kind: Kind, certificates: Certificates, reclaim_s: int = 0) -> AsyncIterator[Meeting]:
    """A server with somebody in its room; ``reclaim_s``: how long Janus keeps a session without a socket."""
    off = "LocalNetworkAccessChecks"
    flags = [f"{flag},{off}" if flag.startswith("--disable-features=") else flag for flag in FLAGS]
    flags.append("--ignore-certificate-errors")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            if kind == "pexip":
                there = PexipMeeting(browser, certificates)
                await there.server.start()
                try:
                    await there.fill()
                    yield there
                finally:
                    await there.server.stop()
            else:
                async with TestJanus(certificates, reclaim_s) as janus:
                    forwarded = JanusMeeting(browser, janus)
                    await forwarded.fill()
                    yield forwarded
        finally:
            await browser.close()


async def _found(page: Page) -> Times:
    picture, sound = await _until(page, "near_.found()")
    return Times(picture, sound)


async def _until(page: Page, expression: str) -> list[float]:
    """The value of an expression once it is there; TimeoutError when it never is."""
    async with asyncio.timeout(WITHIN_S):
        while not (found := await page.evaluate(expression)):  # noqa: ASYNC110 - the page cannot tell
            await asyncio.sleep(0.1)
    value: list[float] = found
    return value
