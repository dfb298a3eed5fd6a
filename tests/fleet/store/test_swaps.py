"""A swap in the database: what moves, what each kit is told, and what completes it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fleet.contract import Case, Desired, DesiredApplied, Fault, decode
from fleet.store import Store, cases, swaps
from fleet.store.tables import FaultCase, Kit, MeetingRow, Outgoing, SwapRow
from fleet.swap import StepError, seconds_to_swapped, state_of
from tests.fleet.samples import NOON, STREAM, WELL, last_will, online, report, take_in

OLD, NEW = "kit-0001", "kit-0002"
WHO = "Utrustningsservice"


@pytest.fixture
def case(store: Store) -> int:
    """kit-0001 and its spare are online, and kit-0001 has reported a fault. Its number."""
    take_in(store, online(OLD), online(NEW, 2), report(WELL, seq=1), now=NOON)
    take_in(store, report(Fault(local_id=STREAM, category="picture"), seq=2), now=NOON)
    with store.writing() as session:
        session.add(
            MeetingRow(kit_id=OLD, id="m1", title="SIP-möte", start=NOON, link="https://meet.example/m/1")
        )
        return session.scalars(select(FaultCase.number)).one()


def confirm(store: Store, number: int, now: int = NOON + 60_000) -> None:
    with store.writing() as session:
        swaps.confirm(session, session.get_one(FaultCase, number), session.get_one(Kit, NEW), WHO, now)


def desired(store: Store, kit: str) -> Desired:
    with store.reading() as session:
        return decode(Desired, session.get_one(Outgoing, (kit, "cmd/desired")).payload)


def told_case(store: Store) -> Case:
    with store.reading() as session:
        return decode(Case, session.get_one(Outgoing, (OLD, "cmd/case")).payload)


def answer(store: Store, kit: str, seq: int, now: int) -> None:
    take_in(store, report(DesiredApplied(version=desired(store, kit).version), kit=kit, seq=seq), now=now)


def state(store: Store) -> str:
    with store.reading() as session:
        row = session.scalars(select(SwapRow)).one()
        assert row.state == state_of(swaps.steps(session, row))
        return row.state


def test_the_kit_learns_that_its_report_is_a_case_and_who_has_it(store: Store, case: int) -> None:
    told = told_case(store)
    assert (told.number, told.state, told.local_id, told.handled_by.responsible) == (
        case,
        "received",
        STREAM,
        "region",
    )


def test_the_spare_becomes_the_unit_and_the_old_kit_is_locked(store: Store, case: int) -> None:
    confirm(store, case)
    new, old = desired(store, NEW), desired(store, OLD)
    assert (new.unit_name, new.place, [m.id for m in new.meetings]) == (
        "Enhet 01",
        "Hemsjukvården Norr",
        ["m1"],
    )
    assert new.takes_over is not None
    assert new.takes_over.from_kit == OLD
    assert old.locked is not None
    assert (old.locked.reason, old.locked.replaced_by, old.locked.replaced_by_unit) == (
        "replaced",
        NEW,
        "Enhet 01",
    )
    assert (old.unit_name, old.meetings) == ("Reserv 02", [])
    assert (told_case(store).state, told_case(store).replacement) == ("swapping", NEW)


def test_the_swap_is_complete_when_both_kits_have_answered(store: Store, case: int) -> None:
    confirm(store, case)
    answer(store, NEW, 1, NOON + 62_000)
    assert state(store) == "moving"
    answer(store, OLD, 3, NOON + 63_500)
    assert (state(store), told_case(store).state) == ("swapped", "swapped")
    with store.reading() as session:
        row = session.scalars(select(SwapRow)).one()
        assert seconds_to_swapped(swaps.steps(session, row)) == 63.5


def test_an_answer_to_an_older_state_completes_nothing(store: Store, case: int) -> None:
    confirm(store, case)
    take_in(store, report(DesiredApplied(version=1), kit=NEW), report(DesiredApplied(version=1), seq=3))
    assert state(store) == "moving"


def test_an_answer_that_it_could_not_be_applied_completes_nothing(store: Store, case: int) -> None:
    confirm(store, case)
    version = desired(store, NEW).version
    take_in(store, report(DesiredApplied(version=version, problem="disk_full"), kit=NEW))
    assert state(store) == "moving"


def test_a_kit_that_dies_during_the_swap_does_not_hold_it_up(store: Store, case: int) -> None:
    confirm(store, case)
    answer(store, NEW, 1, NOON + 62_000)
    take_in(store, last_will(OLD), now=NOON + 64_000)
    assert state(store) == "swapped"


def test_undoing_gives_both_kits_back_what_they_had(store: Store, case: int) -> None:
    before = desired(store, OLD), desired(store, NEW)
    confirm(store, case)
    answer(store, NEW, 1, NOON + 62_000)
    with store.writing() as session:
        swaps.undo(session, session.scalars(select(SwapRow)).one(), WHO, NOON + 90_000)
    after = desired(store, OLD), desired(store, NEW)
    for old, new in zip(before, after, strict=True):
        assert (old.unit_name, old.place, new.locked, new.takes_over) == (
            new.unit_name,
            new.place,
            None,
            None,
        )
    assert [meeting.id for meeting in after[0].meetings] == ["m1"]
    assert (state(store), told_case(store).state, told_case(store).replacement) == (
        "undone",
        "handling",
        None,
    )
    with store.reading() as session:
        assert (session.get_one(Kit, OLD).role, session.get_one(Kit, NEW).role) == ("active", "spare")


def test_after_undoing_another_swap_may_follow(store: Store, case: int) -> None:
    confirm(store, case)
    with store.writing() as session:
        swaps.undo(session, session.scalars(select(SwapRow)).one(), WHO, NOON + 90_000)
    confirm(store, case, NOON + 95_000)
    with store.reading() as session:
        assert [row.state for row in session.scalars(select(SwapRow).order_by(SwapRow.id))] == [
            "undone",
            "moving",
        ]


def test_the_old_kit_comes_back_is_repaired_and_is_a_spare_again(store: Store, case: int) -> None:
    confirm(store, case)
    answer(store, NEW, 1, NOON + 62_000)
    answer(store, OLD, 3, NOON + 63_000)
    with store.writing() as session:
        row = session.scalars(select(SwapRow)).one()
        swaps.afterwards(session, row, "returned", WHO, NOON + 100_000)
        with pytest.raises(StepError):
            swaps.undo(session, row, WHO, NOON + 100_001)
        swaps.afterwards(session, row, "repair", WHO, NOON + 110_000)
        assert session.get_one(Kit, OLD).role == "repair"
        swaps.afterwards(session, row, "back_as_spare", WHO, NOON + 120_000)
        assert session.get_one(Kit, OLD).role == "spare"
        assert session.get_one(FaultCase, case).state == "closed"
    assert desired(store, OLD).locked is None
    assert desired(store, NEW).takes_over is None


def test_two_people_cannot_take_the_same_spare(store: Store, case: int) -> None:
    confirm(store, case)
    take_in(store, report(Fault(local_id="9" * 32, category="sound"), kit="kit-0003"))
    with store.reading() as session:
        other = session.scalars(select(FaultCase.number).where(FaultCase.kit_id == "kit-0003")).one()
    with pytest.raises(swaps.SwapRefusedError) as caught:
        confirm(store, other)
    assert caught.value.code == "spare_gone"


def test_the_same_case_cannot_be_swapped_twice(store: Store, case: int) -> None:
    confirm(store, case)
    with pytest.raises(swaps.SwapRefusedError) as caught:
        confirm(store, case)
    assert caught.value.code == "already_swapping"


def test_a_closed_case_cannot_be_swapped(store: Store, case: int) -> None:
    with store.writing() as session:
        cases.move(session, session.get_one(FaultCase, case), "closed", WHO, NOON)
    with pytest.raises(swaps.SwapRefusedError) as caught:
        confirm(store, case)
    assert caught.value.code == "case_closed"
