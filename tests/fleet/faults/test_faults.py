"""Routing and the states of a case."""

from __future__ import annotations

import pytest

from fleet.faults import CASE_STATES, STEPS, Route, TransitionError, may_become, route, transition


def test_a_rented_kit_goes_to_the_region() -> None:
    assert route("rental") == Route("region", None)


def test_an_owned_kit_goes_to_the_municipality_which_takes_it_further() -> None:
    assert route("owned") == Route("municipality", "region")


def test_every_state_leads_to_closed_in_the_end() -> None:
    reached = {"closed"}
    for _ in CASE_STATES:
        reached |= {state for state in CASE_STATES if reached & set(STEPS[state])}
    assert reached == set(CASE_STATES)


def test_a_closed_case_stays_closed() -> None:
    assert not any(may_become("closed", state) for state in CASE_STATES)
    with pytest.raises(TransitionError):
        transition("closed", "handling")


def test_a_case_is_not_swapped_without_a_swap_under_way() -> None:
    assert not may_become("received", "swapped")
    assert transition("swapping", "swapped") == "swapped"
