"""A batch of messages, committed."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from fleet.contract import (
    DesiredApplied,
    Dropped,
    Fault,
    Health,
    PatientWifiRemoved,
    VisitSummary,
)
from fleet.ingest.intake import Incoming, trusted_time
from fleet.store import Store
from fleet.store.presence import state_of
from fleet.store.tables import (
    DesiredVersion,
    FaultCase,
    HealthRow,
    LatestHealth,
    RefusalCount,
    ReportEvent,
    ReportStream,
)
from tests.fleet.samples import NOON, STREAM, WELL, last_will, online, report, take_in


def stream_of(store: Store, kit: str = "kit-0001") -> ReportStream:
    with store.reading() as session:
        return session.scalars(select(ReportStream).where(ReportStream.kit_id == kit)).one()


def refusals(store: Store) -> dict[tuple[str, str], int]:
    with store.reading() as session:
        return {(row.kit, row.code): row.count for row in session.scalars(select(RefusalCount))}


def test_reports_are_acknowledged_up_to_the_first_hole(store: Store) -> None:
    assert take_in(store, report(WELL, seq=1), report(WELL, seq=2), report(WELL, seq=4)) == {
        "kit-0001": [(2, [])]
    }
    assert take_in(store, report(WELL, seq=3)) == {"kit-0001": [(4, [])]}


def test_a_repeated_report_is_acknowledged_again_and_stored_once(store: Store) -> None:
    take_in(store, report(WELL, seq=1))
    assert take_in(store, report(WELL, seq=1), report(WELL, seq=1)) == {"kit-0001": [(1, [])]}
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(HealthRow)) == 1
    assert stream_of(store).duplicates == 2


def test_what_the_contract_refuses_is_counted_and_does_not_block_the_stream(store: Store) -> None:
    bad = report(Dropped(reason="outbox_full"), seq=2)
    bad = Incoming(bad.topic, bad.payload.replace(b'"dropped"', b'"later_version"'))
    assert take_in(store, report(WELL, seq=1), bad, report(WELL, seq=3)) == {"kit-0001": [(3, [2])]}
    assert refusals(store) == {("kit-0001", "not_in_contract"): 1}
    assert take_in(store, bad) == {"kit-0001": [(3, [2])]}
    assert stream_of(store).refused == 1


def test_garbage_is_counted_and_the_rest_of_the_batch_is_kept(store: Store) -> None:
    garbage = Incoming("kits/kit-0001/report", b"\xff")
    strange = Incoming("kits/../report", b"{}")
    assert take_in(store, garbage, strange, report(WELL, seq=1)) == {"kit-0001": [(1, [])]}
    assert refusals(store) == {("kit-0001", "not_json"): 1, ("unknown", "unknown_topic"): 1}


def test_a_kit_that_is_not_in_the_register_is_counted_and_keeps_its_reports(store: Store) -> None:
    assert take_in(store, report(WELL, kit="kit-0099")) == {}
    assert refusals(store) == {("kit-0099", "unknown_kit"): 1}


def test_a_kit_cannot_report_for_another(store: Store) -> None:
    forged = Incoming("kits/kit-0002/report", report(WELL, kit="kit-0001").payload)
    assert take_in(store, forged) == {}
    assert refusals(store) == {("kit-0002", "wrong_kit"): 1}


def test_what_the_kit_no_longer_holds_is_counted_as_lost(store: Store) -> None:
    take_in(store, report(WELL, seq=1))
    assert take_in(store, report(WELL, seq=5, oldest=5)) == {"kit-0001": [(5, [])]}
    assert stream_of(store).lost == 3


def test_what_the_kit_gave_up_is_counted_as_dropped(store: Store) -> None:
    assert take_in(store, report(Dropped(reason="outbox_full"), seq=1)) == {"kit-0001": [(1, [])]}
    assert (stream_of(store).dropped, stream_of(store).committed) == (1, 0)


def test_two_outboxes_of_one_kit_are_counted_apart(store: Store) -> None:
    assert take_in(store, report(WELL, seq=1), report(WELL, seq=1, stream="6" * 32)) == {
        "kit-0001": [(1, []), (1, [])]
    }


def test_the_latest_health_is_the_newest_not_the_last_to_arrive(store: Store) -> None:
    take_in(store, report(WELL, seq=2), now=NOON + 1000)
    older = Incoming(
        "kits/kit-0001/report",
        report(Health(), seq=1).payload.replace(str(NOON).encode(), str(NOON - 1).encode()),
    )
    take_in(store, older, now=NOON + 2000)
    with store.reading() as session:
        assert "battery" in session.get_one(LatestHealth, "kit-0001").body


@pytest.mark.parametrize(
    ("at", "received", "kept"),
    [
        (NOON, NOON, NOON),
        (NOON + 1000, NOON, NOON),
        (5000, NOON, NOON),
        (NOON - 86_400_000, NOON, NOON - 86_400_000),
    ],
)
def test_a_kits_clock_is_believed_only_when_it_can_be_true(at: int, received: int, kept: int) -> None:
    assert trusted_time(at, received) == kept


def test_the_last_will_silences_the_kit_at_once(store: Store) -> None:
    take_in(store, online(), report(WELL))
    take_in(store, last_will(), now=NOON + 5000)
    with store.reading() as session:
        state = state_of(session, "kit-0001")
    assert (state.word, state.why, state.since) == ("silent", "connection_lost", NOON + 5000)


def test_a_fault_report_becomes_a_case_with_its_facts(store: Store) -> None:
    take_in(store, report(Fault(local_id=STREAM, category="sound", text="Hörs inte", facts=WELL)))
    with store.reading() as session:
        case = session.scalars(select(FaultCase)).one()
    assert (case.kit_id, case.category, case.text, case.responsible, case.state) == (
        "kit-0001",
        "sound",
        "Hörs inte",
        "region",
        "received",
    )
    assert case.facts is not None
    assert case.facts["battery"]["percent"] == 87


def test_a_second_fault_report_belongs_to_the_open_case(store: Store) -> None:
    take_in(store, report(Fault(local_id=STREAM, category="sound"), seq=1))
    take_in(store, report(Fault(local_id="6" * 32, category="picture"), seq=2))
    with store.reading() as session:
        case = session.scalars(select(FaultCase)).one()
    assert case.local_id == "6" * 32


def test_other_reports_are_kept_whole(store: Store) -> None:
    take_in(
        store,
        report(VisitSummary(duration_s=60, participants=3), seq=1),
        report(PatientWifiRemoved(verified=True), seq=2),
        report(DesiredApplied(version=1), seq=3),
    )
    with store.reading() as session:
        kinds = [row.kind for row in session.scalars(select(ReportEvent).order_by(ReportEvent.seq))]
        applied = session.get_one(DesiredVersion, ("kit-0001", 1)).applied_at
    assert kinds == ["visit_summary", "patient_wifi_removed", "desired_applied"]
    assert applied == NOON


def test_a_desired_state_that_could_not_be_applied_says_why(store: Store) -> None:
    take_in(store, report(DesiredApplied(version=1, problem="disk_full")))
    with store.reading() as session:
        row = session.get_one(DesiredVersion, ("kit-0001", 1))
    assert (row.applied_at, row.problem) == (None, "disk_full")
