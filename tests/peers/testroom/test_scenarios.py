"""Each meeting of the table, once with the kit's client and once with Pexip's own: both see the same."""

import asyncio
import os
import re
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, async_playwright

from kit.media import ice, rtp
from kit.meeting.pexip.api import trust
from kit.meeting.testroom import Config, Limits, TestRoomServer, Tls
from kit.meeting.testroom.conference import Conference
from kit.meeting.testroom.config import DEFAULT_ROOMS, Provider, RoomConfig
from kit.meeting.testroom.page import SOURCE
from kit.meeting.testroom.rooms.participant import Participant
from tests.kit.meeting.pexip.certificates import Certificates, make
from tests.kit.meeting.testroom.client import Api, Events, Member
from tests.peers.testroom.browser import CHROMIUM, FLAGS
from tests.peers.testroom.peer import Peer
from tests.peers.testroom.scenarios.clients import NAME, Client, KitClient, SdkClient
from tests.peers.testroom.scenarios.steps import Scenario, Step
from tests.peers.testroom.scenarios.table import SCENARIOS

HERE = Path(__file__).parent / "scenarios"
LIMIT_S = 25.0
HTML = '<!doctype html><meta charset="utf-8"><title>SDK</title><script type="module" src="/sdk.js"></script>'
LIMITS = Limits(statistics_ms=0)
ROOMS = (
    *DEFAULT_ROOMS,
    RoomConfig("bokat-pin", host_pin="1234", guest_pin="5678", number="4713"),
    RoomConfig("inloggat-pin", host_pin="1234", guest_pin="5678", providers=(Provider("siths", "SITHS"),)),
    RoomConfig("visas-ej", host_pin="1234", guests_can_present=False),
)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The library's bundle."""
    out = tmp_path_factory.mktemp("sdk") / "sdk.js"
    subprocess.run(
        [
            *(str(SOURCE / "node_modules/.bin/esbuild"), str(HERE / "sdk.js"), "--bundle", "--format=esm"),
            *("--target=es2022", f"--outfile={out}", "--log-level=warning"),
        ],
        env={**os.environ, "NODE_PATH": str(SOURCE / "node_modules")},
        check=True,
    )
    return out.read_text()


@pytest.fixture
async def server(certificates: Certificates) -> AsyncIterator[TestRoomServer]:
    where = Tls(("127.0.0.1", 0), certificates.certificate, certificates.key)
    async with TestRoomServer(Config(rooms=ROOMS, limits=LIMITS), tls=where) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        await chromium.close()


class Meeting:
    """One meeting while it is played: the host, the lab, and the client under test."""

    def __init__(
        self, server: TestRoomServer, http: httpx.AsyncClient, scenario: Scenario, client: Client
    ) -> None:
        self.server, self.client, self.room = server, client, scenario.room
        self.api = Api(http, scenario.room)
        self.host: Member | None = None
        self.heard: Events | None = None
        self.peer: Peer | None = None
        self.stack = AsyncExitStack()
        self.before = ""
        """Name of the client's call, or its token, before something happened to it."""

    async def play(self, step: Step) -> None:
        match step.actor:
            case "client":
                await self.client.do(step.verb, **step.values)
            case "host":
                await self._host(step.verb, **step.values)
            case "lab":
                await self._lab(step.verb, **step.values)
            case "room":
                await self._room(step.verb, **step.values)
            case "sees":
                await self._sees(step.values)

    async def close(self) -> None:
        await self.client.close()
        if self.peer is not None:
            await self.peer.vanish()
        await self.stack.aclose()

    async def _sees(self, wanted: dict[str, Any]) -> None:
        end = time.monotonic() + LIMIT_S
        while True:
            state = await self.client.state()
            if all(state[key] == value for key, value in wanted.items()):
                return
            assert time.monotonic() < end, f"{wanted} was not seen, but {state}"
            await asyncio.sleep(0.05)

    async def _until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not condition():  # noqa: ASYNC110 - the room tells nobody
                await asyncio.sleep(0.05)

    def _here(self, name: str = NAME) -> list[tuple[Conference, Participant]]:
        return [
            (conference, person)
            for conference in self.server.rooms.running(self.room)
            for person in conference.meeting.participants.values()
            if person.display_name == name
        ]

    def _call(self) -> str:
        """The client's call, once it has media; empty before."""
        for conference, person in self._here():
            leg = conference.bridge.legs.get(person.uuid)
            if leg is not None and leg.call is not None and leg.call.state == "connected":
                return leg.call.uuid
        return ""

    def _token(self) -> str:
        return "".join(c.tokens._current[person.uuid].token for c, person in self._here())

    def _uuid(self, name: str = NAME) -> str:
        for _, person in self._here(name):
            return person.uuid
        raise AssertionError(f"{name} is not in the room")

    async def _host(self, verb: str, **values: Any) -> None:
        if verb == "join":
            self.host = await self.api.join("Samordnare", pin=values["pin"])
            self.heard = await self.stack.enter_async_context(self.host.events())
            return
        if verb == "guest":
            await self.api.join(values["name"], pin="none")
            return
        host, heard = self.host, self.heard
        assert host is not None
        assert heard is not None
        match verb:
            case "read":
                await heard.wait("message_received", lambda data: data["payload"] == values["text"])
            case "media":
                self.peer = Peer(host, 440.0, slides=True)
                await self.peer.place()
            case "say":
                await host.ok("message", {"type": "text/plain", "payload": values["text"]})
            case "transfer":
                body = {"conference_alias": values["to"], "role": "guest"}
                await host.ok(f"participants/{self._uuid()}/transfer", body)
            case "lock" | "unlock":
                await host.ok(verb)
            case "end":
                await host.ok("disconnect")
            case "present" | "stop_presenting":
                await host.ok(f"participants/<me>/{'take' if verb == 'present' else 'release'}_floor")
            case _:
                words = {"admit": "unlock", "lower_hand": "clearbuzz"}
                await host.ok(f"participants/{self._uuid()}/{words.get(verb, verb)}")

    async def _room(self, verb: str, **values: Any) -> None:
        def knows() -> bool:
            ((_, person),) = self._here()
            return all(getattr(person, key) == value for key, value in values.items())

        conditions: dict[str, Callable[[], bool]] = {
            "left": lambda: not self._here(),
            "knows": knows,
            "placed_anew": lambda: self._call() not in {"", self.before},
            "refreshed": lambda: self._token() != self.before,
        }
        await self._until(conditions[verb])

    async def _lab(self, verb: str, **values: Any) -> None:
        lab = self.server.lab
        match verb:
            case "put_out":
                await lab.put_out(self.room, self._uuid(), values["reason"])
            case "expire":
                lab.expire(self.room, self._uuid())
            case "lose_call":
                await self._until(self._call)
                self.before = self._call()
                lab.lose_call(self.room, self._uuid())
            case "ask_refresh":
                self.before = self._token()
                lab.push(self.room, "refresh_token", participant=self._uuid())
            case "layout":
                seen = {"view": "1:7", "participants": [self._uuid(name) for name in values["names"]]}
                lab.push(self.room, "layout", seen)
            case "stage":
                data = [{"participant_uuid": self._uuid("Samordnare"), "stage_index": 0, **values}]
                lab.push(self.room, "stage", data)
            case "maintenance" | "refuse" | "heal":
                getattr(lab, verb)(**values)
            case _:
                getattr(lab, verb)(self.room, **values)


async def play(server: TestRoomServer, scenario: Scenario, client: Client) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=20, verify=False) as http:
        meeting = Meeting(server, http, scenario, client)
        try:
            for step in scenario.steps:
                await meeting.play(step)
        finally:
            await meeting.close()


def named(scenario: Scenario) -> str:
    return re.sub(r"\W+", "-", scenario.name)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=named)
async def test_the_kit_sees_it(
    server: TestRoomServer, certificates: Certificates, scenario: Scenario
) -> None:
    ice.add_loopback()
    rtp.install()
    tls: ssl.SSLContext = await asyncio.to_thread(trust, certificates.ca)
    host = server.tls_url.removeprefix("https://").replace("127.0.0.1", "localhost")
    await play(server, scenario, KitClient(host, scenario.room, tls))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=named)
async def test_pexips_own_client_sees_it(
    server: TestRoomServer, browser: Browser, sdk: str, scenario: Scenario
) -> None:
    page = await (await browser.new_context()).new_page()
    await page.route("**/sdk.html", lambda route: route.fulfill(content_type="text/html", body=HTML))
    await page.route("**/sdk.js", lambda route: route.fulfill(content_type="text/javascript", body=sdk))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(f"{server.url}/sdk.html")
    await page.wait_for_function("window.sdk", timeout=10_000)
    await play(server, scenario, SdkClient(page, scenario.room))
    assert errors == []
