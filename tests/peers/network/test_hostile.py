"""Routers that answer with anything: nothing of the kit ends by it, and nothing of it is repeated."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

import pytest

from kit.ipc.network import Uplink, UplinkState
from kit.network.firewall import NFT, Firewall, Guest, apply
from kit.network.guard import words
from kit.network.networkmanager import NetworkManager
from kit.network.wifi.manager import Manager, manager
from tests.peers.network.namespace import LIMIT_S, Namespace, end, until
from tests.peers.network.test_networkmanager import Watch, profile
from tests.peers.network.test_wifi_holder import Held

CANARY: Final = "kanariefagel"
_CONTROLS: Final = (CANARY.encode() + bytes(range(1, 32)) + "\u202e\U0001f600".encode() + b"\xff\xfe").hex(
    ":"
)
ABSURD: Final = (
    # Name servers: nobody, everybody, the kit itself, a group, and more than anybody has.
    f"6,0.0.0.0,255.255.255.255,127.0.0.1,224.0.0.251,{','.join(f'10.9.8.{last}' for last in range(1, 30))}",
    f"12,{_CONTROLS}",
    f"15,{_CONTROLS}",
    # A domain that points at itself, a route of 33 bits, a link of one byte.
    "119,c0:00",
    "121,21:ff:ff:ff:ff:ff:c0:a8:4d:01",
    "26,00:01",
    f"43,{'ff:' * 200}ff",
    f"252,{_CONTROLS}",
)


def forced(*options: str) -> tuple[str, ...]:
    return tuple(f"--dhcp-option-force={option}" for option in options)


async def test_an_uplink_whose_router_says_absurd_things_is_an_uplink(
    namespace: Namespace, capfd: pytest.CaptureFixture[str]
) -> None:
    namespace.keyfile("kit-cable", profile(Uplink.CABLE, 1))
    namespace.link("cable", "192.168.7", *forced(*ABSURD))
    namespace.network_manager()
    watch = Watch(NetworkManager(namespace.bus_address))
    watching = asyncio.create_task(watch.run())
    try:
        await watch.until(
            lambda seen: (
                Uplink.CABLE in seen.uplinks
                and seen.uplinks[Uplink.CABLE].state in (UplinkState.READY, UplinkState.IN_USE)
            )
        )
        assert await watch.manager.carry(Uplink.CABLE)
        assert not watching.done()
        assert CANARY not in repr(watch.last)
        assert CANARY not in "".join(capfd.readouterr())
    finally:
        watching.cancel()


async def _told(network: Manager) -> tuple[str, ...]:
    async with asyncio.timeout(LIMIT_S):
        while True:
            if resolvers := (await network.name_servers()).get("kit0"):
                return tuple(resolvers)
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("option", ABSURD, ids=lambda option: option.partition(",")[0])
async def test_a_patients_router_that_says_absurd_things_is_guarded_and_removed(
    namespace: Namespace, option: str
) -> None:
    namespace.link("kit0", "192.168.77", *forced(option))
    namespace.network_manager("[main]\ndns=default\n")
    held = Held(namespace, 600)
    try:
        await asyncio.to_thread(held.on)
        async with manager(namespace.bus_address) as network:
            resolvers = await _told(network)
        guest = words.Guest(resolvers=resolvers[:8])
        assert words.read_word(words.encode(guest)) == guest
        firewall = Firewall(guest=Guest(interface="kit0", resolvers=guest.resolvers))
        assert await apply(firewall, namespace.entered(*NFT))
        held.close()
        await asyncio.to_thread(until, held.is_gone)
    finally:
        end(held.process, signal.SIGKILL)  # type: ignore[arg-type]
