"""Periods, responsibilities, consequences and costs."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.agreements import (
    DUTIES,
    Numbers,
    Period,
    PeriodError,
    begin,
    changes,
    compare,
    in_force,
    support_body,
)
from fleet.contract.limits import Agreement

FIRST = date(2026, 1, 1)
KINDS: st.SearchStrategy[Agreement] = st.sampled_from(["rental", "owned"])


@given(st.lists(st.tuples(KINDS, st.integers(0, 400)), max_size=8))
def test_every_day_since_the_beginning_has_exactly_one_agreement(asked: list[tuple[Agreement, int]]) -> None:
    periods: tuple[Period, ...] = (Period("rental", FIRST),)
    for kind, day in asked:
        try:
            periods = begin(periods, kind, FIRST + timedelta(days=day))
        except PeriodError:
            continue
    for offset in range(0, 420, 7):
        day_asked = FIRST + timedelta(days=offset)
        holding = [p for p in periods if p.start <= day_asked and (p.end is None or day_asked < p.end)]
        assert len(holding) == 1
        assert in_force(periods, day_asked) == holding[0]
    assert all(a.kind != b.kind for a, b in pairwise(periods))


def test_a_change_from_a_day_ends_the_old_period_there() -> None:
    assert begin((Period("rental", FIRST),), "owned", date(2026, 7, 1)) == (
        Period("rental", FIRST, date(2026, 7, 1)),
        Period("owned", date(2026, 7, 1)),
    )


@pytest.mark.parametrize(
    ("kind", "start", "code"),
    [("rental", date(2026, 7, 1), "same_kind"), ("owned", date(2025, 7, 1), "before_current")],
)
def test_a_change_that_is_none_or_comes_too_early_is_refused(kind: Agreement, start: date, code: str) -> None:
    with pytest.raises(PeriodError) as caught:
        begin((Period("rental", FIRST),), kind, start)
    assert caught.value.code == code


def test_no_agreement_is_in_force_before_the_first() -> None:
    assert in_force((Period("rental", FIRST),), date(2025, 12, 31)) is None


def test_the_region_answers_for_the_equipment_only_when_it_is_rented() -> None:
    moved = [duty.text for duty in DUTIES if duty.rental != duty.owned]
    assert len(DUTIES) == 11
    assert len(moved) == 6
    assert "Service och support, byte av trasig utrustning" in moved


def test_the_agreement_decides_whose_number_the_kiosk_shows() -> None:
    assert support_body("rental", "norr") == "region"
    assert support_body("owned", "norr") == "norr"


def test_going_over_to_owned_says_what_must_be_done_with_the_rented_kits() -> None:
    found = changes("rental", "owned", ("kit-0001",), ("kit-0009",))
    assert {change.code: change.kits for change in found.kits} == {
        "support_changes": ("kit-0001", "kit-0009"),
        "return_or_buy_out": ("kit-0001",),
        "region_spares_end": ("kit-0001", "kit-0009"),
    }
    assert len(found.duties) == 6


def test_no_change_has_no_consequences() -> None:
    assert changes("owned", "owned", ("kit-0001",), ()).kits == ()


def test_the_comparison_adds_up() -> None:
    numbers = Numbers(
        kits=2,
        years=3,
        base_fee_year=1000,
        rent_kit_month=100,
        price_kit=10_000,
        life_years=2,
        spare_share=0.5,
        broadband_kit_month=10,
        support_hours_kit_year=1,
        hour_cost=500,
        setup_hours_kit=2,
        training_year=300,
    )
    years = compare(numbers)
    running = 1000 + 300 + 2 * 10 * 12 + 2 * 500
    bought = 3 * (10_000 + 2 * 500)
    assert [year.rental for year in years] == [1000 + 2 * 100 * 12] * 3
    assert [year.owned for year in years] == [running + bought, running, running + bought]
    assert years[-1].owned_total == sum(year.owned for year in years)
    assert years[-1].rental_total == sum(year.rental for year in years)
