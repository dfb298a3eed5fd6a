"""A call may be left at any moment of its beginning: nothing of it stays, here or at the server."""

import asyncio
import socket
import time
from collections import Counter
from functools import partial

import psutil
import pytest

from kit.ipc import engine as ng
from kit.media import ice, rtp
from kit.media.call import Call
from kit.media.forwarded import ForwardedLeg
from kit.media.legs import CallLeg
from kit.media.reception import PLACES
from kit.media.stats import Counters
from kit.meeting.janus.room import JanusRoom
from kit.meeting.pexip.api import trust
from kit.meeting.room import IceServers
from kit.visit.model import Invitation, Service
from tests.kit.media.rtp.seam import aiortc_as_it_was
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.janus.browser import Guests
from tests.peers.janus.server import ROOM, TestJanus
from tests.peers.janus.test_pictures import SMALL
from tests.peers.janus.test_room import comes

__all__ = ["aiortc_as_it_was"]

LEAVES = 40
LIMIT_S = 40.0


class Desk:
    """In the engine's place: makes legs, and notes when the call is there."""

    def __init__(self) -> None:
        self.joined = asyncio.Event()

    def make_leg(self, servers: IceServers) -> CallLeg:
        return ForwardedLeg(servers, self, 500_000, len(PLACES))

    def tell(self, event: ng.Event) -> None:
        if isinstance(event, ng.RoomJoined):
            self.joined.set()

    def picture_at(self, place: int, picture: object) -> None: ...
    def vacate(self, place: int) -> None: ...
    def switched(self, leg: CallLeg | None) -> None: ...
    def counted(self, counters: Counters) -> None: ...
    def media_gone(self) -> None: ...
    def presented(self, *, on: bool) -> None: ...
    def floor_lost(self) -> None: ...


@pytest.fixture(autouse=True)
def ours() -> None:
    rtp.install()
    ice.hasten()


def _tasks() -> Counter[str]:
    return Counter(str(task.get_coro()).split(" at ")[0] for task in asyncio.all_tasks())


def _sockets() -> int:
    return sum(connection.type == socket.SOCK_DGRAM for connection in psutil.Process().net_connections())


async def _until_as_before(tasks: Counter[str], sockets: int) -> None:
    """What is being closed takes a moment."""
    end = time.monotonic() + LIMIT_S
    while (more := _tasks() - tasks) or _sockets() > sockets:
        assert time.monotonic() < end, (more, sockets, _sockets())
        await asyncio.sleep(0.1)


async def test_a_call_that_is_left_while_it_connects_leaves_no_socket_and_no_task(
    janus: TestJanus, guests: Guests, certificates: Certificates
) -> None:
    await comes(guests, janus, "red", **SMALL)
    tls = trust(certificates.ca)
    where = Invitation(host=janus.host, alias=str(ROOM), service=Service.JANUS)

    async def call_for(seconds: float) -> float:
        """Return how long it took to be in the room."""
        desk, began = Desk(), time.monotonic()
        make_room = partial(JanusRoom, where, "Hembesök", tls, servers=IceServers())
        call = asyncio.create_task(Call(desk, make_room).run(None))
        joining = asyncio.create_task(desk.joined.wait())
        await asyncio.wait({joining}, timeout=seconds)
        took = time.monotonic() - began
        for task in (joining, call):
            task.cancel()
        await asyncio.gather(joining, call, return_exceptions=True)
        return took

    tasks, sockets = _tasks(), _sockets()
    whole = await call_for(LIMIT_S)
    await _until_as_before(tasks, sockets)
    for number in range(LEAVES):
        await call_for(whole * number / LEAVES)
    await _until_as_before(tasks, sockets)
    await janus.left(1)
