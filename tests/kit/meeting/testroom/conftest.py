"""A running server, and clients for its rooms."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import pytest_asyncio

from kit.meeting.testroom import Config, Limits, TestRoomServer
from kit.meeting.testroom.config import DEFAULT_DEVICES, DEFAULT_ROOMS
from tests.kit.media.rtp.seam import aiortc_as_it_was
from tests.kit.meeting.testroom.client import Api

__all__ = ["aiortc_as_it_was"]

OpenRoom = Callable[[str], Api]


@pytest.fixture(scope="module")
def limits() -> Limits:
    """Override to serve with other limits."""
    return Limits()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(limits: Limits) -> AsyncIterator[TestRoomServer]:
    """One server for a module of tests, with a lab."""
    config = Config(rooms=DEFAULT_ROOMS, devices=DEFAULT_DEVICES, limits=limits)
    async with TestRoomServer(config, lab_listen=("127.0.0.1", 0)) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def server(running: TestRoomServer) -> AsyncIterator[TestRoomServer]:
    """The server with empty rooms and nothing broken."""
    yield running
    running.lab.heal()
    await running.rooms.end_meetings()


@pytest_asyncio.fixture(loop_scope="module")
async def http(server: TestRoomServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=10, verify=False) as client:
        yield client


@pytest.fixture
def room(http: httpx.AsyncClient) -> OpenRoom:
    return lambda alias: Api(http, alias)
