"""What the agent's mobile broadband is like reaches screen and fleet."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from kit.config import KitConfig, Mobile
from kit.ipc.network import SimState
from kit.ipc.state import NoticeKind
from tests.kit.agent.conftest import Bench
from tests.kit.network.test_uplink import default_route, machine

Start = Callable[[Mobile | None], Awaitable[Bench]]
USED = 999_500_000


@pytest.fixture
async def start(config: KitConfig, tmp_path: Path) -> AsyncIterator[Start]:
    """Start an agent on a machine without ModemManager, whose modem has carried some data."""
    root = machine(tmp_path, default_route("wwan0", 700), wwan0="DEVTYPE=wwan")
    folder = root / "sys/class/net/wwan0"
    (folder / "ifindex").write_text("4\n")
    (folder / "statistics").mkdir()
    (folder / "statistics/rx_bytes").write_text(f"{USED}\n")
    (folder / "statistics/tx_bytes").write_text("500000\n")
    started: list[Bench] = []

    async def begin(mobile: Mobile | None) -> Bench:
        bench = await asyncio.to_thread(Bench, replace(config, mobile=mobile, health_interval_s=1.0), root)
        started.append(bench)
        await bench.start()
        return bench

    yield begin
    for bench in started:
        await bench.die()


async def test_a_kit_that_is_meant_to_have_none_says_nothing_of_it(start: Start) -> None:
    bench = await start(None)
    screen = await bench.screen()
    state = await screen.sees(lambda state: state.revision > 0)
    assert state.devices.network.mobile.sim is SimState.UNKNOWN
    assert bench.agent.look().mobile is None


async def test_its_state_is_told_to_screen_and_fleet(start: Start) -> None:
    bench = await start(Mobile(budget_mb=2000))
    screen = await bench.screen()
    state = await screen.sees(
        lambda state: (
            state.devices.network.mobile.sim is SimState.NO_SERVICE and state.devices.network.mobile.used_mb
        )
    )
    assert bench.agent.look().mobile == state.devices.network.mobile
    assert NoticeKind.DATA_USED not in state.notices


async def test_a_months_data_that_is_used_up_is_a_notice_and_no_more(start: Start) -> None:
    bench = await start(Mobile(budget_mb=1000))
    screen = await bench.screen()
    await screen.sees(lambda state: NoticeKind.DATA_USED in state.notices)
