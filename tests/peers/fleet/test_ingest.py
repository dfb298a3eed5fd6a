"""Ingest between a real broker and the store: nothing lost, nothing doubled, nothing that stops it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from fleet.contract import Health
from fleet.store import Store, tables
from fleet.store.desired import refresh
from fleet.store.presence import state_of
from fleet.store.tables import HealthRow, RefusalCount, ReportStream
from tests.fleet.samples import WELL, report
from tests.peers.fleet.support import Broker, Kit, Program, ingest, listening, wait_for

StartKit = Callable[..., Kit]


def streams(store: Store) -> dict[str, ReportStream]:
    with store.reading() as session:
        return {row.kit_id: row for row in session.scalars(select(ReportStream))}


def health_of(store: Store, kit: str) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(HealthRow).where(HealthRow.kit_id == kit)) or 0


def word(store: Store, kit: str) -> str:
    with store.reading() as session:
        return state_of(session, kit).word


def test_a_report_is_committed_and_then_acknowledged_to_the_kit(
    store: Store, taker: Program, kit: StartKit
) -> None:
    sender = kit()
    for _ in range(3):
        sender.report(WELL)
    wait_for(lambda: sender.empty and sender.acked >= 4)
    assert health_of(store, "kit-0001") == 3
    assert sender.desired is not None
    assert sender.desired.unit_name == "Enhet 01"


def test_killing_ingest_in_mid_stream_loses_nothing_and_doubles_nothing(
    store: Store, taker: Program, kit: StartKit
) -> None:
    kits = [kit(name, obedient=False) for name in ("kit-0001", "kit-0002", "kit-0003")]
    for number in range(700):
        for sender in kits:
            sender.report(Health(load=number))
    for reached in (100, 300, 500):
        wait_for(lambda reached=reached: kits[0].acked >= reached)  # type: ignore[misc]
        assert not kits[0].empty
        taker.end(signal.SIGKILL)
        taker.start()
    wait_for(lambda: all(sender.empty for sender in kits), 60)
    for name, stream in streams(store).items():
        assert health_of(store, name) == 700
        assert (stream.contiguous, stream.committed, stream.lost, stream.above) == (700, 700, 0, [])


def test_a_kit_that_dies_is_silent_at_once(store: Store, taker: Program, kit: StartKit) -> None:
    sender = kit()
    wait_for(lambda: word(store, "kit-0001") == "online")
    sender.stop()
    began = time.monotonic()
    wait_for(lambda: word(store, "kit-0001") == "silent")
    assert time.monotonic() - began < 10


def test_a_kit_that_only_goes_quiet_is_called_late_then_silent(
    store: Store, broker: Broker, kit: StartKit, tmp_path: Path
) -> None:
    quick = ingest(tmp_path, broker.port, store.url, "--late-after", "2", "--silent-after", "4")
    quick.start()
    try:
        kit(obedient=False)
        wait_for(lambda: word(store, "kit-0001") == "online")
        wait_for(lambda: word(store, "kit-0001") == "late")
        wait_for(lambda: word(store, "kit-0001") == "silent")
    finally:
        quick.stop()


def test_what_the_contract_refuses_is_counted_and_the_stream_goes_on(
    store: Store, taker: Program, kit: StartKit
) -> None:
    sender = kit(obedient=False)
    wait_for(lambda: word(store, "kit-0001") == "online")
    for _ in range(3):
        sender.report(WELL)
    sender.put(2, report(WELL, seq=2, stream=sender.stream).payload.replace(b'"health"', b'"later"'))
    sender.raw(b"\xff garbage")
    wait_for(lambda: sender.empty and bool(sender.refused))
    assert 2 in sender.refused
    with store.reading() as session:
        codes = {row.code: row.count for row in session.scalars(select(RefusalCount))}
    assert codes.keys() == {"not_in_contract", "not_json"}
    assert taker.process is not None
    assert taker.process.poll() is None


def test_a_broker_that_comes_back_empty_is_told_everything_again(
    store: Store, broker: Broker, taker: Program, kit: StartKit
) -> None:
    sender = kit(obedient=False)
    wait_for(lambda: sender.desired is not None)
    sender.desired = None
    broker.end(signal.SIGKILL)
    sender.report(WELL)
    with store.writing() as session:
        row = session.get_one(tables.Kit, "kit-0001")
        row.place = "Hemsjukvården Öst"
        refresh(session, row, "test", 1)
    wait_for(lambda: not listening(store))
    broker.start()
    wait_for(lambda: sender.desired is not None and sender.empty)
    assert sender.desired is not None
    assert sender.desired.place == "Hemsjukvården Öst"
    assert listening(store)


def test_ingest_says_goodbye_when_asked_to_end(store: Store, taker: Program) -> None:
    assert taker.end() == 0
    assert not listening(store)
