"""How datagrams come from a socket to who takes them: all at once, in order, and none that is too long."""

import asyncio
import socket
from collections.abc import AsyncIterator

import aioice.ice
import pytest
from aioice.ice import Connection

from kit.media.rtp import edge
from kit.media.rtp.edge import Datagrams
from kit.media.rtp.guard import MAX_DATAGRAM, Refusals, Refused

LIMIT_S = 40.0
MEDIA, DTLS = b"\x80", b"\x16"


class Socket:
    """A path of aioice with our edge, and somebody who sends to it."""

    def __init__(self, connection: Connection) -> None:
        self.refusals = Refusals()
        self.datagrams = connection._queue = Datagrams(self.refusals)
        self.port = connection.local_candidates[0].port
        self._sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(self, *datagrams: bytes) -> None:
        """All are in the socket's queue when this returns."""
        for data in datagrams:
            self._sender.sendto(data, ("127.0.0.1", self.port))

    def close(self) -> None:
        """End the sender."""
        self._sender.close()


@pytest.fixture
async def path(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Socket]:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])
    edge.hasten()
    connection = Connection(ice_controlling=True)
    await connection.gather_candidates()
    path = Socket(connection)
    yield path
    path.close()
    await connection.close()


async def _until(taken: list[bytes], count: int) -> None:
    async with asyncio.timeout(LIMIT_S):
        while len(taken) < count:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_pictures_packets_are_taken_in_one_turn_of_the_loop(path: Socket) -> None:
    taken: list[bytes] = []

    def take(data: bytes) -> None:
        if not taken:
            asyncio.get_running_loop().call_soon(taken.append, b"the next turn")
        taken.append(data)

    path.datagrams.media = take
    sent = [MEDIA + bytes((number,)) for number in range(20)]
    path.send(*sent)
    await _until(taken, 21)
    assert taken == [*sent, b"the next turn"]


async def test_a_flood_leaves_the_loop_its_turns(path: Socket) -> None:
    taken: list[bytes] = []

    def take(data: bytes) -> None:
        if not taken:
            asyncio.get_running_loop().call_soon(taken.append, b"the next turn")
        taken.append(data)

    path.datagrams.media = take
    path.send(*(MEDIA for _ in range(2 * edge._AT_ONCE)))
    await _until(taken, edge._AT_ONCE + 10)
    assert taken.index(b"the next turn") <= edge._AT_ONCE + 1


async def test_media_does_not_overtake_what_came_before_it(path: Socket) -> None:
    taken: list[bytes] = []
    path.datagrams.media = taken.append
    path.send(DTLS + b"1", MEDIA + b"2", MEDIA + b"3")
    async with asyncio.timeout(LIMIT_S):
        while path.datagrams.qsize() < 3:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert [path.datagrams.get_nowait() for _ in range(3)] == [
        (DTLS + b"1", 1),
        (MEDIA + b"2", 1),
        (MEDIA + b"3", 1),
    ]
    assert not taken
    path.send(MEDIA + b"4")
    await _until(taken, 1)
    assert taken == [MEDIA + b"4"]


async def test_a_datagram_that_is_too_long_is_refused_though_it_is_not_read_to_its_end(path: Socket) -> None:
    taken: list[bytes] = []
    path.datagrams.media = taken.append
    path.send(MEDIA * (MAX_DATAGRAM + 1), MEDIA * 60_000, b"", MEDIA * MAX_DATAGRAM)
    await _until(taken, 1)
    assert taken == [MEDIA * MAX_DATAGRAM]
    assert path.refusals[Refused.LENGTH] == 3
