"""The relay as a process: packets cross, each flow has its own sockets, and a change of address is one."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.calls.conditions import Condition, Step
from bench.calls.network import Network
from bench.calls.relay import HOST, Order

SDP = "v=0\r\na=candidate:1 1 udp 2130706431 {} {} typ host\r\na=candidate:2 1 tcp 1 {} 9 typ host\r\n"
DEADLINE_S = 5.0


class End:
    """One side of a flow: a socket, and where the relay told it that the other side is."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((HOST, 0))
        self.sock.setblocking(False)
        self.other = (HOST, 0)

    def sdp(self) -> str:
        return SDP.format(HOST, self.sock.getsockname()[1], HOST)

    def heard_of(self, sdp: str) -> None:
        (line,) = [line for line in sdp.splitlines() if line.startswith("a=candidate")]
        self.other = (line.split()[4], int(line.split()[5]))

    def send(self, data: bytes) -> None:
        self.sock.sendto(data, self.other)

    async def receive(self) -> tuple[bytes, tuple[str, int]]:
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(loop.sock_recvfrom(self.sock, 100), DEADLINE_S)


async def _flow(network: Network, number: int) -> tuple[End, End]:
    near, far = End(), End()
    near.heard_of(network.for_near(number, far.sdp()))
    far.heard_of(network.for_far(number, near.sdp()))
    await network.meet(number, near.sdp(), far.sdp())
    return near, far


async def _network() -> Network:
    steps = (Step(at=0.2, rebind=True),)
    made = Network(Order(Condition(name="moved", delay=1, steps=steps), 1, flows=2))
    await made.open()
    return made


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    made = await _network()
    yield made
    await made.close()


async def test_each_flow_leads_to_its_own_other_side(network: Network) -> None:
    flows = [await _flow(network, number) for number in (0, 1)]
    for number, (near, far) in enumerate(flows):
        near.send(b"up %d" % number)
        assert await far.receive() == (b"up %d" % number, far.other)
        far.send(b"down %d" % number)
        assert await near.receive() == (b"down %d" % number, near.other)
    for end in (end for flow in flows for end in flow):
        end.sock.close()


async def test_after_a_change_of_address_the_far_side_hears_from_another_and_the_old_is_silent(
    network: Network,
) -> None:
    near, far = await _flow(network, 0)
    await network.start()
    async with asyncio.timeout(DEADLINE_S):
        source = far.other
        while source == far.other:
            near.send(b"still here")
            _, source = await far.receive()
    far.send(b"lost")
    old, far.other = far.other, source
    far.send(b"found")
    assert old != source
    assert (await near.receive())[0] == b"found"
    for end in (near, far):
        end.sock.close()


async def test_what_comes_from_elsewhere_is_passed_over_and_draws_nothing_to_itself(network: Network) -> None:
    near, far = await _flow(network, 0)
    stranger = End()
    stranger.other = near.other
    stranger.send(b"from another address")
    near.send(b"up")
    assert (await far.receive())[0] == b"up"
    far.send(b"down")
    assert (await near.receive())[0] == b"down"
    for end in (near, far, stranger):
        end.sock.close()


async def test_bytes_are_counted_from_the_start_on() -> None:
    network = await _network()
    near, far = await _flow(network, 0)
    near.send(b"before")
    await far.receive()
    await network.start()
    far.send(b"x" * 100)
    await near.receive()
    account = await network.close()
    assert (sum(account.up), sum(account.down)) == (0, 100)
    for end in (near, far):
        end.sock.close()


async def test_a_trace_begins_when_the_two_have_met(tmp_path: Path) -> None:
    trace = tmp_path / "gone.up"
    trace.write_text("".join(f"{moment}\n" for moment in (*range(0, 300, 5), 60_000)), encoding="ascii")
    condition = Condition(name="gone", trace_up=str(trace), trace_down=str(trace), queue=1000)
    network = Network(Order(condition, 0))
    await network.open()
    try:
        await asyncio.sleep(0.5)
        near, far = await _flow(network, 0)
        near.send(b"in time")
        assert (await far.receive())[0] == b"in time"
    finally:
        await network.close()
    near.sock.close()
    far.sock.close()
