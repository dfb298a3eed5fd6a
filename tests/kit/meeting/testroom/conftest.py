"""A running server, and clients for its rooms."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from kit.meeting.testroom import Config, Limits, TestRoomServer
from kit.meeting.testroom.config import DEFAULT_ROOMS
from tests.kit.meeting.testroom.client import Api

OpenRoom = Callable[[str], Api]


@pytest.fixture
def limits() -> Limits:
    """Override to serve with other limits."""
    return Limits()


@pytest.fixture
async def server(limits: Limits) -> AsyncIterator[TestRoomServer]:
    async with TestRoomServer(Config(rooms=DEFAULT_ROOMS, limits=limits)) as running:
        yield running


@pytest.fixture
async def http(server: TestRoomServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=10, verify=False) as client:
        yield client


@pytest.fixture
def room(http: httpx.AsyncClient) -> OpenRoom:
    return lambda alias: Api(http, alias)
