"""Another network carries the kit in mid-call."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from kit.config import KitConfig
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc.network import Uplink
from kit.ipc.wire import Link
from tests.kit.agent.conftest import DEADLINE_S, Bench
from tests.kit.agent.test_agent import to_call
from tests.kit.network.test_uplink import ROUTES, default_route, machine

CABLE, MOBILE = default_route("eth0", 100), default_route("wwan0", 700)


@pytest.fixture
async def moving(config: KitConfig, tmp_path: Path) -> AsyncIterator[Bench]:
    """An agent that looks each second at a machine with cable and mobile broadband."""
    root = machine(tmp_path, CABLE + MOBILE, eth0="INTERFACE=eth0", wwan0="DEVTYPE=wwan")
    bench = await asyncio.to_thread(Bench, replace(config, health_interval_s=1.0), root)
    await bench.start()
    yield bench
    await bench.die()


async def carried(bench: Bench, root: Path, routes: str, uplink: Uplink) -> None:
    """Change the machine's routes, and wait until the agent has seen it."""
    (root / "proc/net/route").write_text(ROUTES + routes)
    async with asyncio.timeout(DEADLINE_S):
        while bench.agent.reporter.readings.link.uplink is not uplink:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.02)


async def orders(link: Link[ng.Order], until: type) -> list[type]:
    """Which orders come, up to one of a kind."""
    told: list[type] = []
    async with asyncio.timeout(DEADLINE_S):
        while not told or told[-1] is not until:
            order = await link.receive()
            assert order is not None
            told.append(type(order))
    return told


async def test_another_uplink_moves_the_call_once_and_a_cable_that_was_out_for_a_moment_does_not(
    moving: Bench, tmp_path: Path
) -> None:
    screen, engine = await moving.screen(), await moving.engine()
    await to_call(screen, engine)
    await carried(moving, tmp_path, "", Uplink.NONE)
    await carried(moving, tmp_path, CABLE, Uplink.CABLE)
    await carried(moving, tmp_path, MOBILE, Uplink.MOBILE)
    await asyncio.sleep(0.1)
    await screen.touch(cmd.Mute(muted=True))
    assert (await orders(engine.link, ng.Mute)).count(ng.UplinkChanged) == 1


async def test_outside_a_call_nobody_is_told(moving: Bench, tmp_path: Path) -> None:
    screen, engine = await moving.screen(), await moving.engine()
    await carried(moving, tmp_path, MOBILE, Uplink.MOBILE)
    await asyncio.sleep(0.1)
    await to_call(screen, engine)
    await screen.touch(cmd.Mute(muted=True))
    assert ng.UplinkChanged not in await orders(engine.link, ng.Mute)
