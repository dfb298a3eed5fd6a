"""The reporter without any broker: everything is kept and said, and the loop never waits for a disk."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from fleet.contract import VisitSummary
from kit.config import Broker, KitConfig, Meeting
from kit.health import Reporter, Seen, reporter
from kit.health.timing import Timing
from kit.health.words import Status
from kit.hw.readings import Readings
from kit.ipc.network import Uplink
from kit.ipc.state import FaultCategory, NoticeKind
from tests.kit.hw.trees import TABLET, plant

PATIENCE_S = 20.0


@pytest.fixture
def config(tmp_path: Path, free_port: Callable[[], int]) -> KitConfig:
    return KitConfig(
        kit_id="kit-0007",
        run_dir=tmp_path / "run",
        state_dir=tmp_path / "state",
        broker=Broker(
            host="localhost",
            port=free_port(),
            ca=tmp_path / "ca.pem",
            certificate=tmp_path / "certificate.pem",
            key=tmp_path / "key.pem",
        ),
        meeting=Meeting(allowed_hosts=("mote.example",)),
        health_interval_s=1,
    )


@asynccontextmanager
async def running(config: KitConfig, root: Path = Path("/")) -> AsyncIterator[Reporter]:
    result = Reporter(config, Seen, root=root, timing=Timing())
    await result.open()
    task = asyncio.create_task(result.run())
    try:
        yield result
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        await asyncio.sleep(0.02)


async def test_without_a_broker_reports_are_kept_over_a_restart(config: KitConfig) -> None:
    async with running(config) as first:
        for number in range(5):
            assert await first.report(VisitSummary(duration_s=number))
        kept = first.status.pending
    assert kept >= 5
    async with running(config) as second:
        assert second.status.pending >= kept


async def test_a_broker_that_stays_away_is_said_after_a_while(
    config: KitConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(config) as kit:
        await asyncio.sleep(0.1)
        assert kit.status.trouble == ()
        monkeypatch.setattr(reporter, "AWAY_AFTER_S", 0.2)
        await until(lambda: NoticeKind.BROKER_AWAY in kit.status.trouble)
        assert not kit.status.connected


async def test_a_disk_that_refuses_is_said_until_it_takes_the_reports(config: KitConfig) -> None:
    config.state_dir.write_bytes(b"in the way")
    async with running(config) as kit:
        await kit.report_fault(FaultCategory.PICTURE)
        assert NoticeKind.OUTBOX_FULL in kit.status.trouble
        assert kit.status.pending >= 1
        config.state_dir.unlink()
        await until(lambda: NoticeKind.OUTBOX_FULL not in kit.status.trouble)
        kept = kit.status.pending
    async with running(config) as again:
        assert again.status.pending >= kept


async def test_the_reader_of_news_gets_the_latest_of_each_kind(config: KitConfig, tmp_path: Path) -> None:
    root = plant(tmp_path / "root", TABLET)
    async with running(config, root) as kit:
        news = aiter(kit.news())
        first = {type(await anext(news)) for _ in range(2)}
        assert first == {Readings, Status}
        assert kit.readings.link.uplink is Uplink.CARE_WIFI
        (root / "sys/class/net/wlp2s0/carrier").write_text("0")
        while not isinstance(item := await anext(news), Readings):
            pass
        assert item.link.uplink is Uplink.NONE


async def test_a_fault_is_one_report_with_a_number_of_its_own(config: KitConfig) -> None:
    async with running(replace(config, health_interval_s=60)) as kit:
        await until(lambda: kit.status.pending == 1)
        numbers = {await kit.report_fault(FaultCategory.DAMAGE, "x" * 5000) for _ in range(2)}
        assert len(numbers) == 2
        assert kit.status.pending == 3
        assert kit.counters.snapshot() == {}
