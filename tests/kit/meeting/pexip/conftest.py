import asyncio
import ssl
from collections.abc import AsyncIterator, Callable

import pytest

from kit.meeting.pexip.api import trust
from tests.kit.meeting.pexip.certificates import Certificates, make
from tests.kit.meeting.pexip.node import Node


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


async def until(condition: Callable[[], object], limit_s: float = 3.0) -> None:
    """Wait until a callable says yes."""
    deadline = asyncio.get_running_loop().time() + limit_s
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await asyncio.sleep(0.01)
