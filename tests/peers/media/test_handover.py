"""The network changes or fails in mid-call: the call goes over to another path, and is heard again soon."""

import asyncio
import ssl
import time
from collections.abc import Iterator

import pytest

from kit.ipc import engine as ng
from kit.ipc.pictures import Stream
from kit.media.call import MOVE_S
from tests.peers.media.conftest import Node, heard_at_speaker, until
from tests.peers.media.kit import Kit
from tests.peers.media.other import Other
from tests.peers.media.pauses import pauses_s
from tests.peers.media.pulse import Pulse
from tests.peers.media.relay import Network
from tests.peers.media.test_recovery import ROOM, in_call, moved, quiet_for

DETECTED_S = 3.0
AGAIN_S = 2.0


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    network = Network(monkeypatch)
    yield network
    network.close()


async def test_a_change_of_the_network_that_is_told_is_hardly_heard(
    kit: Kit, node: Node, tls: ssl.SSLContext, pulse: Pulse, network: Network
) -> None:
    async with Other(node.host, ROOM, tls, pin=None):
        me = await in_call(kit, node)
        former = network.newest()
        listening = asyncio.create_task(heard_at_speaker(pulse, 6.0))
        await asyncio.sleep(1.0)
        await kit.order(ng.UplinkChanged())
        await moved(kit)
        assert network.newest() is not former
        former.dead = True
        pauses = pauses_s(await listening)
        assert sum(pauses) < 0.5, pauses
        await kit.picture(Stream.REMOTE)
        assert me in node.seats(ROOM)


async def test_a_path_that_dies_is_noticed_and_left_for_another(
    kit: Kit, node: Node, tls: ssl.SSLContext, pulse: Pulse, network: Network
) -> None:
    async with Other(node.host, ROOM, tls, pin=None):
        me = await in_call(kit, node)
        listening = asyncio.create_task(heard_at_speaker(pulse, 9.0))
        await asyncio.sleep(1.0)
        network.newest().dead = True
        began = time.monotonic()
        await kit.wait_for(ng.PathChanging, where=lambda event: event.on)
        noticed_s = time.monotonic() - began
        await kit.wait_for(ng.PathChanging, where=lambda event: not event.on)
        assert noticed_s < DETECTED_S
        pauses = pauses_s(await listening)
        assert 0.5 < pauses[0] < DETECTED_S + AGAIN_S, (noticed_s, pauses)
        assert not [event for event in kit.events if isinstance(event, ng.CallInterrupted)]
        assert me in node.seats(ROOM)


def only_these(network: Network) -> int:
    """Let the paths that there are carry on, and no new one; return how many there are."""
    for path in network.paths.values():
        path.stays = True
    network.dead = True
    return len(network.paths)


async def test_an_attempt_on_a_network_that_leads_nowhere_is_given_up_when_another_one_carries(
    kit: Kit, node: Node, tls: ssl.SSLContext, network: Network
) -> None:
    async with Other(node.host, ROOM, tls, pin=None):
        me = await in_call(kit, node)
        former = network.newest()
        known = only_these(network)
        former.dead = True
        await until(lambda: len(network.paths) == known + 1)
        network.newest().dead = True
        network.dead = False
        await kit.order(ng.UplinkChanged())
        await moved(kit)
        assert len(network.paths) == known + 2
        assert not [event for event in kit.events if isinstance(event, ng.CallInterrupted)]
        assert network.newest() is not former
        assert me in node.seats(ROOM)


async def test_where_the_new_network_lets_no_media_through_the_call_stays_on_the_former_one(
    kit: Kit, node: Node, tls: ssl.SSLContext, pulse: Pulse, network: Network
) -> None:
    async with Other(node.host, ROOM, tls, pin=None):
        me = await in_call(kit, node)
        known = only_these(network)
        listening = asyncio.create_task(heard_at_speaker(pulse, MOVE_S + AGAIN_S))
        await kit.order(ng.UplinkChanged())
        await moved(kit)
        assert len(network.paths) > known
        pauses = pauses_s(await listening)
        # On the new network it would be gone all the time.
        assert sum(pauses) < MOVE_S / 2, pauses
        assert not [event for event in kit.events if isinstance(event, ng.CallInterrupted)]
        assert me in node.seats(ROOM)


async def test_after_an_outage_the_call_is_heard_again_within_two_seconds(
    kit: Kit, node: Node, tls: ssl.SSLContext, pulse: Pulse, network: Network
) -> None:
    async with Other(node.host, ROOM, tls, pin=None):
        await in_call(kit, node)
        listening = asyncio.create_task(heard_at_speaker(pulse, 9.0))
        await asyncio.sleep(1.0)
        network.dead = True
        await asyncio.sleep(3.0)
        network.dead = False
        pauses = pauses_s(await listening)
        assert 2.0 < pauses[0] < 3.0 + AGAIN_S, pauses
        await moved(kit)
        await quiet_for(kit, 2.0)
        assert [event.on for event in kit.events if isinstance(event, ng.PathChanging)] == [True, False]


async def test_where_pictures_do_not_fit_sound_goes_on_alone_and_pictures_come_back(
    kit: Kit, node: Node, tls: ssl.SSLContext, voice: None, network: Network
) -> None:
    async with Other(node.host, ROOM, tls, pin=None) as nurse:
        await in_call(kit, node)
        path = network.newest()
        path.rate_bps = 60_000
        await kit.wait_for(ng.CallQuality, where=lambda event: event.quality.video_stopped)
        await until(lambda: nurse.level_dbfs() > -25)
        path.rate_bps = None
        await kit.wait_for(
            ng.CallQuality,
            where=lambda event: not event.quality.video_stopped and (event.quality.send_fps or 0) > 5,
        )
        assert not [event for event in kit.events if isinstance(event, ng.CallInterrupted)]
