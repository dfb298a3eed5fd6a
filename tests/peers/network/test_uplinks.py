"""The real agent steers the real NetworkManager between two uplinks."""

import asyncio
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.ipc import engine as ng
from kit.ipc.call import Quality
from kit.ipc.network import Uplink, UplinkState
from kit.ipc.wire import Peer
from kit.network import steering, uplinks
from tests.peers.network import inside
from tests.peers.network.inside import Inside
from tests.peers.network.namespace import Namespace, end, until
from tests.peers.network.test_networkmanager import carrier, two_uplinks

DROP = """
nft add table inet gone
nft add chain inet gone input '{{ type filter hook input priority 0; }}'
nft add rule inet gone input iifname {far} meta l4proto {{ tcp, udp }} drop
"""
REFUSE = """
nft add table inet away
nft add chain inet away input '{ type filter hook input priority 0; }'
nft add rule inet away input iifname world-mobile tcp dport 443 counter reject with tcp reset
nft add rule inet away input tcp dport 443 reject with tcp reset
"""
WITHIN_S = 5.0
"""Far more than a change takes, far less than NetworkManager needs to give a pulled cable up (6 s)."""


@pytest.fixture
def manager(namespace: Namespace) -> subprocess.Popen[str]:
    """Cable and mobile broadband, and both lead to the region."""
    two_uplinks(namespace)
    inside.region(namespace)
    inside.listens(namespace)
    return namespace.network_manager()


@pytest.fixture
async def kit(manager: subprocess.Popen[str], namespace: Namespace, tmp_path: Path) -> AsyncIterator[Inside]:
    """The agent is there, and both uplinks are up."""
    async with Inside(namespace, tmp_path) as kit:
        await kit.settled()
        yield kit


def state_of(kit: Inside, uplink: Uplink) -> UplinkState | None:
    return next((view.state for view in kit.network.uplinks if view.uplink is uplink), None)


async def test_a_cable_that_is_pulled_gives_way_at_once_and_comes_back_when_it_is_stable(
    kit: Inside, namespace: Namespace
) -> None:
    namespace.run("ip link set world-cable down", world=True)
    assert await kit.carried_by(Uplink.MOBILE) < WITHIN_S
    await kit.sees(lambda _: state_of(kit, Uplink.MOBILE) is UplinkState.IN_USE)
    assert state_of(kit, Uplink.CABLE) is UplinkState.DOWN
    namespace.run("ip link set world-cable up", world=True)
    assert await kit.carried_by(Uplink.CABLE) >= uplinks.STABLE_S - 1
    assert carrier(namespace) == "cable"
    assert "192.168.8." in namespace.run("ip -4 -brief address show dev mobile")


async def test_a_cable_that_is_up_and_leads_nowhere_is_left_also_without_a_call(
    kit: Inside, namespace: Namespace
) -> None:
    namespace.run(DROP.format(far="world-cable"), world=True)
    await kit.carried_by(Uplink.MOBILE)
    await kit.sees(lambda _: state_of(kit, Uplink.CABLE) is UplinkState.FAILED)


async def test_a_cable_that_leads_nowhere_is_left_though_a_call_goes_on_well_over_the_former_uplink(
    kit: Inside, namespace: Namespace
) -> None:
    engine = await kit.connect(Peer.ENGINE, ng.Order)
    await engine.send(ng.CallQuality(Quality(receive_kbps=900, packets_lost_percent=0.0, round_trip_ms=40)))
    namespace.run(DROP.format(far="world-cable"), world=True)
    await kit.carried_by(Uplink.MOBILE)
    await kit.sees(lambda _: state_of(kit, Uplink.CABLE) is UplinkState.FAILED)
    await engine.close()


async def test_where_the_region_answers_through_no_uplink_none_is_blamed(
    kit: Inside, namespace: Namespace
) -> None:
    def asked_through_the_other() -> bool:
        counted = re.search(r"packets (\d+)", namespace.run("nft list table inet away", world=True))
        return counted is not None and int(counted[1]) > steering.CHECKS_FAILED

    namespace.run(REFUSE, world=True)
    await asyncio.to_thread(until, asked_through_the_other)
    assert kit.network.uplink is Uplink.CABLE
    assert state_of(kit, Uplink.MOBILE) is UplinkState.READY


async def test_where_the_engine_says_that_the_path_is_dead_the_next_uplink_carries_and_the_engine_is_told(
    kit: Inside, namespace: Namespace
) -> None:
    engine = await kit.connect(Peer.ENGINE, ng.Order)
    await asyncio.sleep(uplinks.NEW_S)
    await engine.send(ng.PathChanging(on=True))
    assert await kit.carried_by(Uplink.MOBILE) < WITHIN_S
    await kit.sees(lambda _: state_of(kit, Uplink.CABLE) is UplinkState.FAILED)
    await engine.close()


async def test_without_networkmanager_the_kernels_word_is_shown(namespace: Namespace, tmp_path: Path) -> None:
    two_uplinks(namespace)
    namespace.run("ip address add 192.168.7.9/24 dev cable && ip link set cable up")
    namespace.run("ip route add default via 192.168.7.1")
    async with Inside(namespace, tmp_path) as kit:
        await kit.carried_by(Uplink.CABLE)
        assert kit.network.uplinks == ()
        namespace.run("ip link set world-cable down", world=True)
        await kit.carried_by(Uplink.NONE)


async def test_networkmanager_dies_and_comes_back_under_the_agent(
    kit: Inside, manager: subprocess.Popen[str], namespace: Namespace
) -> None:
    end(manager, signal.SIGKILL)
    await kit.sees(lambda _: kit.network.uplinks == ())
    namespace.network_manager()
    await kit.sees(lambda _: state_of(kit, Uplink.CABLE) is UplinkState.IN_USE)
    namespace.run("ip link set world-cable down", world=True)
    assert await kit.carried_by(Uplink.MOBILE) < WITHIN_S
