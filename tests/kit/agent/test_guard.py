"""A guard that is not well is counted at once, and told to staff and fleet when that lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from kit.agent.guard import PATIENCE_S
from kit.config import KitConfig
from kit.ipc.state import NoticeKind
from kit.network.guard.client import Guarding
from tests.kit.agent.conftest import Bench
from tests.kit.agent.test_wifi import WifiBench


@pytest.fixture
async def guarded(config: KitConfig, tmp_path: Path) -> AsyncIterator[WifiBench]:
    often = replace(config, health_interval_s=1.0)
    bench = await asyncio.to_thread(WifiBench, often, tmp_path / "machine")
    await bench.start()
    yield bench
    await bench.die()


def counted(bench: Bench) -> dict[str, int]:
    codes = bench.agent.reporter.counters.snapshot()
    return {code: times for code, times in codes.items() if code.startswith("guard_")}


async def test_one_that_is_well_is_told_to_the_fleet_and_no_notice(guarded: WifiBench) -> None:
    guarded.radio.guarded(Guarding.OK)
    await guarded.keeps(b'"guard":"ok"')
    screen = await guarded.screen()
    state = await screen.sees(lambda state: state.revision > 0)
    assert NoticeKind.GUARD_AWAY not in state.notices
    assert counted(guarded) == {}


async def test_one_that_dies_and_is_back_at_once_is_counted_and_no_more(guarded: WifiBench) -> None:
    guarded.radio.guarded(Guarding.OK)
    for _ in range(2):
        guarded.radio.guarded(Guarding.SILENT)
        guarded.radio.guarded(Guarding.OK)
    guarded.ahead += PATIENCE_S
    assert guarded.agent.look().guard is Guarding.OK
    assert counted(guarded) == {"guard_silent": 2}


@pytest.mark.parametrize("guarding", [Guarding.SILENT, Guarding.FAILED])
async def test_one_that_stays_away_is_a_notice_and_a_fault_until_it_is_back(
    guarding: Guarding, guarded: WifiBench
) -> None:
    screen = await guarded.screen()
    guarded.radio.guarded(Guarding.OK)
    guarded.radio.guarded(guarding)
    guarded.ahead += PATIENCE_S
    await screen.sees(lambda state: NoticeKind.GUARD_AWAY in state.notices)
    await guarded.keeps(f'"guard":"{guarding.value}"'.encode())
    assert counted(guarded) == {f"guard_{guarding.value}": 1}
    guarded.radio.guarded(Guarding.OK)
    await screen.sees(lambda state: NoticeKind.GUARD_AWAY not in state.notices)
    assert guarded.agent.look().guard is Guarding.OK


async def test_a_machine_without_any_tells_nothing_of_it(bench: Bench) -> None:
    assert bench.agent.look().guard is None
