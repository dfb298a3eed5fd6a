"""Which addresses and servers ICE is given."""

import asyncio
import inspect
from collections.abc import Iterator

import aioice.ice
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from kit.media import ice
from kit.meeting.room import IceServers, TurnServer


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    addresses, connection = aioice.ice.get_host_addresses, vars(aioice.ice)["Connection"]
    replaced = ("gather_candidates", "_check_periodic", "connect")
    were = {name: getattr(connection, name) for name in replaced}
    gathering = connection.get_component_candidates.__defaults__
    yield
    aioice.ice.get_host_addresses = addresses
    connection.get_component_candidates.__defaults__ = gathering
    for name, was in were.items():
        setattr(connection, name, was)


def test_loopback_is_offered_beside_the_other_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "_host_addresses", lambda use_ipv4, use_ipv6: ["192.0.2.7"])
    assert "get_host_addresses(" in inspect.getsource(aioice.ice.Connection)
    ice.add_loopback()
    ice.add_loopback()
    assert aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True) == ["192.0.2.7", "127.0.0.1"]
    assert aioice.ice.get_host_addresses(use_ipv4=False, use_ipv6=True) == ["192.0.2.7"]


async def test_aioice_asks_the_function_that_is_replaced() -> None:
    ice.add_loopback()
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        pc.createDataChannel("x")
        await pc.setLocalDescription(await pc.createOffer())
        assert " 127.0.0.1 " in pc.localDescription.sdp
    finally:
        await pc.close()


def test_only_the_rooms_own_servers_are_asked_and_only_those_that_can_be_read() -> None:
    assert ice.configuration(IceServers()).iceServers == []
    turn = TurnServer(("turn:turn.region.test?transport=udp", "turn:?x"), "u", "c")
    given = ice.configuration(IceServers(("stun:stun.region.test", "stun:bad url"), (turn,), relay_only=True))
    assert given.iceServers is not None
    assert [server.urls for server in given.iceServers] == [
        "stun:stun.region.test",
        ["turn:turn.region.test?transport=udp"],
    ]
    assert given.iceTransportPolicy.value == "relay"


def test_relays_are_tried_one_at_a_time_udp_first_and_tls_on_443_last() -> None:
    first = TurnServer(
        ("turns:a.region.test:443?transport=tcp", "turn:a.region.test?transport=tcp", "turn:a.region.test"),
        "u",
        "c",
    )
    second = TurnServer(("turn:b.region.test:3478?transport=udp", "turns:b.region.test:5349"), "v", "d")
    tried = ice.in_order(IceServers(("stun:s.region.test",), (first, second)))
    assert [(turn.urls, turn.username) for one in tried for turn in one.turn] == [
        (("turn:a.region.test",), "u"),
        (("turn:b.region.test:3478?transport=udp",), "v"),
        (("turn:a.region.test?transport=tcp",), "u"),
        (("turns:b.region.test:5349",), "v"),
        (("turns:a.region.test:443?transport=tcp",), "u"),
    ]
    assert all(one.stun == ("stun:s.region.test",) for one in tried)
    direct = IceServers(("stun:s.region.test",))
    assert ice.in_order(direct) == (direct,)


def test_servers_that_do_not_answer_are_not_waited_for_longer_than_set() -> None:
    gather = aioice.ice.Connection.get_component_candidates
    assert list(inspect.signature(gather).parameters)[-1] == "timeout"
    ice.hasten()
    assert inspect.signature(gather).parameters["timeout"].default == ice.GATHER_S


async def test_checks_are_begun_four_at_a_time_and_nobody_waits_when_none_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: [f"127.0.0.{n}" for n in range(1, 7)])
    ice.hasten()
    connection = aioice.ice.Connection(ice_controlling=True)
    connection.remote_username, connection.remote_password = "four", "x" * 22
    nobody = aioice.Candidate("1", 1, "udp", 1, "127.0.0.9", 9, "host")
    try:
        await connection.gather_candidates()
        await connection.add_remote_candidate(nobody)
        await connection.add_remote_candidate(None)
        again = [connection._check_periodic() for _ in range(2)]
        assert again == [True, False]
        assert sum(pair.task is not None for pair in connection._check_list) == 6
    finally:
        await connection.close()


async def test_what_is_closed_while_its_last_check_succeeds_keeps_no_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])
    ice.hasten()
    left, stays = (aioice.ice.Connection(ice_controlling=controls) for controls in (True, False))
    tasks = asyncio.all_tasks()
    try:
        for one in (left, stays):
            await one.gather_candidates()
        for one, other in ((left, stays), (stays, left)):
            one.remote_username, one.remote_password = other.local_username, other.local_password
            await one.add_remote_candidate(other.local_candidates[0])
        connecting = [asyncio.create_task(one.connect()) for one in (left, stays)]
        while not left._check_list_done:  # noqa: ASYNC110 - aioice has no event for it
            await asyncio.sleep(0)
        assert not connecting[0].done()
        await left.close()
        done = await asyncio.gather(*connecting, return_exceptions=True)
        assert isinstance(done[0], ConnectionError)
    finally:
        for one in (left, stays):
            await one.close()
    assert {task for task in asyncio.all_tasks() - tasks if "query_consent" in repr(task)} == set()
