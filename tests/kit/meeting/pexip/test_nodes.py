"""Finding the node: by DNS as it comes over the wire, and only where the region allows it."""

import asyncio
import ssl
from collections.abc import Sequence
from functools import partial

import dns.exception
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.meeting.pexip import nodes
from kit.meeting.pexip.room import PexipRoom
from kit.meeting.room import Refused
from kit.visit.model import Invitation, Refusal
from tests.kit.meeting.pexip.certificates import Certificates
from tests.kit.meeting.pexip.nameserver import Record, serving
from tests.kit.meeting.pexip.node import Node, reply, result

SERVICE = "_pexapp._tcp.meet.region.test"
MAINTENANCE = result("Maintenance mode", 503, "failed")


async def test_the_preferred_node_comes_first() -> None:
    records = [
        Record(SERVICE, 20, 0, 443, "px03.meet.region.test"),
        Record(SERVICE, 10, 0, 443, "px01.meet.region.test"),
        Record(SERVICE, 10, 100, 8443, "PX02.meet.region.test"),
    ]
    async with serving(*records) as (server, resolver):
        found = await nodes.lookup(SERVICE, resolver)
    assert found[2] == "px03.meet.region.test:443"
    assert set(found[:2]) == {"px01.meet.region.test:443", "px02.meet.region.test:8443"}
    assert server.asked == [SERVICE]


async def test_without_records_or_without_an_answer_it_is_the_host_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nodes, "DNS_S", 0.2)
    for silent in (False, True):
        async with serving(silent=silent) as (_, resolver):
            with pytest.raises(dns.exception.DNSException):
                await nodes.lookup(SERVICE, resolver)
    none = asyncio.sleep(0, result=())
    assert await nodes.candidates("meet.region.test", (), lambda _: none) == ("meet.region.test",)
    assert isinstance(await nodes.srv("_pexapp._tcp.invalid"), Sequence)


async def test_a_host_with_a_port_is_asked_for_nowhere() -> None:
    async def resolve(_: str) -> Sequence[str]:
        raise AssertionError

    assert await nodes.candidates("meet.region.test:8443", (), resolve) == ("meet.region.test:8443",)


@pytest.mark.parametrize(
    ("node", "may"),
    [
        ("meet.region.test:443", True),
        ("meet.region.test:8443", True),
        ("px01.meet.region.test:443", True),
        ("px01.drift.test:443", True),
        ("px01.drift.test:8443", False),
        ("px02.drift.test:8443", True),
        ("region.test:443", False),
        ("evilmeet.region.test:443", False),
        ("meet.region.test.evil.test:443", False),
        ("evil.test:443", False),
        ("10.0.0.7:443", False),
        ("px01.mееt.region.test:443", False),
        (":443", False),
        ("meet.region.test:0", False),
        ("meet.region.test:99999", False),
        ("meet.region.test", False),
    ],
)
def test_a_node_is_contacted_only_by_a_name_that_is_allowed(node: str, may: bool) -> None:
    allowed = ("meet.region.test", "px01.drift.test", "px02.drift.test:8443")
    assert nodes.may_contact(node, "meet.region.test", allowed) is may


@given(st.lists(st.text(max_size=40), max_size=20), st.text(max_size=20))
def test_whatever_dns_says_every_node_is_allowed(found: list[str], host: str) -> None:
    async def resolve(_: str) -> Sequence[str]:
        return found

    chosen = asyncio.run(nodes.candidates(host, ("px.region.test",), resolve))
    assert 0 < len(chosen) <= nodes.MAX_NODES
    for node in chosen:
        assert node == host or nodes.may_contact(node, host, ("px.region.test",))


@pytest.fixture
def closed() -> str:
    return "localhost:9"


@pytest.mark.parametrize(
    "status", [MAINTENANCE, reply(404, b"<h1>nginx</h1>", "text/html"), reply(302, b""), reply(200, b"")]
)
async def test_the_next_node_is_tried_when_one_takes_nobody(
    node: Node, certificates: Certificates, tls: ssl.SSLContext, closed: str, status: bytes
) -> None:
    node.standing["status"] = result("OK")
    other = Node(certificates, standing={"status": status})
    await other.start()
    ports = [int(host.rpartition(":")[2]) for host in (closed, other.host, node.host)]
    service = "_pexapp._tcp.localhost"
    records = [Record(service, at, 0, port, "localhost") for at, port in enumerate(ports)]
    async with serving(*records) as (_, resolver):
        resolve = partial(nodes.lookup, resolver=resolver)
        invitation = Invitation(host="localhost", alias="sip-1")
        room = PexipRoom(invitation, "Hembesök", tls, lambda _: None, resolve=resolve)
        await room.join()
        assert len(node.asked("request_token")) == 1
        assert other.asked("request_token") == []
        await room.leave()
    await other.stop()


async def test_a_node_that_fails_after_its_status_is_left_for_the_next(
    node: Node, certificates: Certificates, tls: ssl.SSLContext
) -> None:
    node.standing["status"] = result("OK")
    full = Node(certificates, standing={"status": result("OK"), "request_token": MAINTENANCE})
    await full.start()

    async def resolve(_: str) -> Sequence[str]:
        return (full.host, node.host)

    room = PexipRoom(Invitation(host="localhost", alias="sip-1"), "x", tls, lambda _: None, resolve=resolve)
    await room.join()
    assert len(full.asked("request_token")) == len(node.asked("request_token")) == 1
    node.standing["request_token"] = result("Out of resource", 503)
    with pytest.raises(Refused) as refused:
        await room.join()
    assert refused.value.reason in {Refusal.ROOM_FULL, Refusal.ROOM_MAINTENANCE}
    await room.leave()
    await full.stop()


async def test_where_dns_names_only_strangers_nobody_but_the_host_is_contacted(
    node: Node, tls: ssl.SSLContext
) -> None:
    async def resolve(_: str) -> Sequence[str]:
        return (node.host.replace("localhost", "127.0.0.1"),)

    room = PexipRoom(
        Invitation(host="meet.region.test", alias="sip-1"), "x", tls, lambda _: None, resolve=resolve
    )
    with pytest.raises(Refused) as refused:
        await room.join()
    assert refused.value.reason is Refusal.ROOM_UNREACHABLE
    assert node.requests == []
    await room.leave()
