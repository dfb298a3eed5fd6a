"""A room server and a browser for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from playwright.async_api import Browser, async_playwright

from kit.meeting.testroom import Config, Limits, TestRoomServer
from kit.meeting.testroom.config import DEFAULT_ROOMS
from kit.meeting.testroom.page import BUILT
from tests.kit.meeting.testroom.client import Api
from tests.peers.testroom.browser import CHROMIUM, FLAGS, Client

Join = Callable[..., Awaitable[Client]]


@pytest.fixture
def limits() -> Limits:
    """Override to serve with other limits."""
    return Limits(statistics_ms=1000)


@pytest.fixture
async def server(limits: Limits) -> AsyncIterator[TestRoomServer]:
    async with TestRoomServer(Config(rooms=DEFAULT_ROOMS, limits=limits)) as running:
        yield running


@pytest.fixture
async def http(server: TestRoomServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=20, verify=False) as client:
        yield client


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    assert (BUILT / "index.html").is_file(), "the page is not built: npm ci && npm run build in its folder"
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def join(server: TestRoomServer, browser: Browser) -> AsyncIterator[Join]:
    """Open the page and join; at the end no page may have thrown."""
    clients: list[Client] = []

    async def open_and_join(name: str, pin: str = "", alias: str = "hembesok") -> Client:
        clients.append(await Client.open(browser, server.url, alias, name, pin))
        return await clients[-1].join()

    yield open_and_join
    for client in clients:
        assert client.errors == []


@pytest.fixture
def api(http: httpx.AsyncClient) -> Api:
    """The API of the room that the pages meet in."""
    return Api(http, "hembesok")
