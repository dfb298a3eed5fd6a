import asyncio
import ssl
from collections.abc import AsyncIterator, Callable

import pytest

from kit.meeting.pexip.api import trust
from tests.kit.meeting.pexip.certificates import Certificates, make
from tests.kit.meeting.pexip.node import Node, result
from tests.kit.meeting.pexip.seat import Seat


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def tls(certificates: Certificates) -> ssl.SSLContext:
    return trust(certificates.ca)


@pytest.fixture
async def node(certificates: Certificates) -> AsyncIterator[Node]:
    node = Node(certificates)
    await node.start()
    yield node
    await node.stop()


@pytest.fixture
async def seat(node: Node, tls: ssl.SSLContext) -> AsyncIterator[Seat]:
    node.standing |= {
        "calls": result({"call_uuid": "c1", "sdp": "v=0\r\nm=video 9 x 1\r\nb=TIAS:512000\r\n"}),
        "ack": result(True),
        "message": result(True),
        "client_mute": result(True),
        "client_unmute": result(True),
        "video_muted": result(True),
        "statistics": result(None),
        "disconnect": result(None),
    }
    seat = Seat(node, tls)
    yield seat
    await seat.room.leave()


async def until(condition: Callable[[], object], limit_s: float = 3.0) -> None:
    """Wait until a callable says yes."""
    deadline = asyncio.get_running_loop().time() + limit_s
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await asyncio.sleep(0.01)
