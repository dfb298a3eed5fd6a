"""What of a handshake is lost is soon sent again."""

import asyncio

import aioice.ice
import pytest
from aioice.ice import Connection
from aiortc import RTCConfiguration, RTCPeerConnection

from kit.media import rtp
from kit.media.rtp.handshake import Flight

LIMIT_S = 40.0
HANDSHAKE, RECORD_HEADER, CLIENT_HELLO = 22, 13, 1


class Wire:
    """What a flight is given as its path."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.coming: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, data: bytes) -> None:
        self.sent.append(data)

    async def waits_for(self, count: int) -> None:
        async with asyncio.timeout(LIMIT_S):
            while len(self.sent) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_what_gets_no_answer_is_sent_again_and_what_got_one_is_not() -> None:
    wire = Wire()
    flight = Flight(wire.send, wire.coming.get)
    await flight.send(b"first")
    wire.coming.put_nowait(b"answer")
    assert await flight.receive() == b"answer"
    await flight.send(b"second")
    await flight.send(b"third")
    repeating = asyncio.create_task(flight.repeat())
    await wire.waits_for(7)
    repeating.cancel()
    assert wire.sent[:7] == [b"first", *[b"second", b"third"] * 3]


async def test_a_hello_that_the_other_side_passes_over_costs_no_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rtp.install()
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])
    sent: list[bytes] = []
    through = Connection.send

    async def lose_the_first(connection: Connection, data: bytes) -> None:
        sent.append(data)
        if len(sent) > 1:
            await through(connection, data)

    monkeypatch.setattr(Connection, "send", lose_the_first)
    near, far = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    try:
        near.createDataChannel("x")
        await near.setLocalDescription(await near.createOffer())
        await far.setRemoteDescription(near.localDescription)
        await far.setLocalDescription(await far.createAnswer())
        await near.setRemoteDescription(far.localDescription)
        async with asyncio.timeout(LIMIT_S):
            while {near.connectionState, far.connectionState} != {"connected"}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        await asyncio.gather(near.close(), far.close())
    assert (sent[0][0], sent[0][RECORD_HEADER]) == (HANDSHAKE, CLIENT_HELLO)
    # OpenSSL's own repetition has another number.
    assert sent.count(sent[0]) > 1
