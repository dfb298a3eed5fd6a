"""The real engine tries its link: told, measured, stopped, refused in a call, and led over a relay."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from kit.ipc import engine as ng
from kit.ipc.linktest import LinkTried, LinkTrying, StopTryingLink, TrialEnd, TryLink
from kit.ipc.pictures import Stream
from kit.visit.model import Invitation
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.media.conftest import Node, until
from tests.peers.media.kit import Kit, write_config
from tests.peers.media.other import Other
from tests.peers.media.pulse import Pulse
from tests.peers.media.test_relays import coturn

__all__ = ["coturn"]
ECHO, ROOM = "eko", "hembesok"


def order(host: str, alias: str = ECHO) -> TryLink:
    return TryLink((Invitation(host=host, alias=alias, pin=""),), "Hembesök", (host,))


def in_echo(node: Node) -> list[str]:
    return node.seats(ECHO)


async def test_a_test_tells_how_far_it_has_come_what_it_met_and_leaves_nothing(kit: Kit, node: Node) -> None:
    await kit.order(order(node.host))
    first = await kit.wait_for(LinkTrying)
    later = await kit.wait_for(LinkTrying, where=lambda event: event.progress > first.progress)
    assert 0 <= first.progress < later.progress <= 1
    # Neither camera nor microphone is open: what is sent was made for it.
    assert kit.pictures.latest(Stream.SELF) is None
    assert not [event for event in kit.events if isinstance(event, ng.Level | ng.RoomJoined | ng.Roster)]
    tried = await kit.wait_for(LinkTried)
    assert tried.end is TrialEnd.MEASURED
    assert tried.figures is not None
    assert min(tried.figures.up_kbps, tried.figures.down_kbps) > 0
    await until(lambda: not in_echo(node))
    assert kit.pictures.latest(Stream.REMOTE) is None


async def test_a_test_that_is_stopped_says_so_and_gives_its_seat_back(kit: Kit, node: Node) -> None:
    await kit.order(order(node.host))
    await kit.wait_for(LinkTrying)
    await kit.order(StopTryingLink())
    assert await kit.wait_for(LinkTried) == LinkTried(TrialEnd.STOPPED)
    await until(lambda: not in_echo(node))


async def test_there_is_one_test_at_a_time(kit: Kit, node: Node) -> None:
    await kit.order(order(node.host))
    await kit.order(order(node.host))
    assert await kit.wait_for(LinkTried) == LinkTried(TrialEnd.BUSY)
    await kit.order(StopTryingLink())
    assert await kit.wait_for(LinkTried) == LinkTried(TrialEnd.STOPPED)


async def test_a_call_is_never_disturbed_and_always_goes_first(
    kit: Kit, node: Node, tls: ssl.SSLContext
) -> None:
    async with Other(node.host, ROOM, tls):
        await kit.order(order(node.host))
        await kit.wait_for(LinkTrying)
        await kit.join(node.host, ROOM)
        assert await kit.wait_for(LinkTried) == LinkTried(TrialEnd.STOPPED)
        await kit.wait_for(ng.RoomJoined)
        await kit.order(order(node.host))
        assert await kit.wait_for(LinkTried) == LinkTried(TrialEnd.BUSY)
        await kit.picture(Stream.REMOTE)


async def test_an_agent_that_dies_ends_the_test(kit: Kit, node: Node) -> None:
    await kit.order(order(node.host))
    await kit.wait_for(LinkTrying)
    await kit.stop_listening()
    await until(lambda: not in_echo(node))


async def test_a_region_that_is_away_is_said_and_its_relay_is_measured_all_the_same(
    certificates: Certificates, coturn: dict[str, int], pulse: Pulse, tmp_path: Path
) -> None:
    folder = tmp_path / "relayed"
    folder.mkdir()
    config = write_config(folder, ca=certificates.ca, host="localhost:9")
    (folder / "credential").write_text("secret\n", "utf-8")
    relay = f'urls = ["turn:127.0.0.1:{coturn["tcp"]}?transport=tcp"]\nusername = "kit"'
    credential = f'credential_file = "{folder / "credential"}"'
    text = config.read_text("utf-8")
    config.write_text(f"{text}\n[[meeting.relays]]\n{relay}\n{credential}\n", "utf-8")
    async with Kit(config, pulse.environment) as kit:
        await kit.order(order("localhost:9"))
        tried = await kit.wait_for(LinkTried)
    assert tried.end is TrialEnd.UNREACHABLE
    assert tried.figures is not None
    assert tried.figures.up_kbps > 0


async def test_without_a_relay_nothing_is_said_of_a_link_that_leads_nowhere(kit: Kit) -> None:
    await kit.order(order("localhost:9"))
    assert await kit.wait_for(LinkTried) == LinkTried(TrialEnd.UNREACHABLE)


@pytest.mark.parametrize("rooms", [("finns-inte", ECHO), ("hembesok", ECHO)])
async def test_the_next_room_is_taken_where_the_first_lets_nobody_in(
    kit: Kit, node: Node, rooms: tuple[str, str]
) -> None:
    both = tuple(Invitation(host=node.host, alias=alias, pin="999999") for alias in rooms)
    await kit.order(TryLink(both, "Hembesök", (node.host,)))
    async with asyncio.timeout(60):
        await until(lambda: in_echo(node))
    await kit.order(StopTryingLink())
    assert await kit.wait_for(LinkTried) == LinkTried(TrialEnd.STOPPED)
