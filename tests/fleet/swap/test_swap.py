"""The steps of a swap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.swap import (
    REPLY_DEADLINE_MS,
    Step,
    StepError,
    Swap,
    can_undo,
    next_steps,
    overdue,
    seconds_to_swapped,
    state_of,
    take,
)
from fleet.swap.model import RETURN_STEPS

STEPS: list[Step] = [
    "fault_reported",
    "confirmed",
    "new_applied",
    "old_applied",
    "old_silent",
    "undone",
    "returned",
    "repair",
    "scrapped",
    "back_as_spare",
]


def play(*steps: Step) -> Swap:
    swap = Swap()
    for number, step in enumerate(steps):
        swap = take(swap, step, 1000 * number)
    return swap


@st.composite
def swaps(draw: st.DrawFn) -> Swap:
    """Any history that the rules allow."""
    swap, now = Swap(), 0
    for _ in range(draw(st.integers(0, 9))):
        allowed = next_steps(swap)
        if not allowed:
            break
        now += draw(st.integers(0, 10_000))
        swap = take(swap, draw(st.sampled_from(allowed)), now)
    return swap


@given(swaps())
def test_it_is_swapped_only_when_the_new_kit_answered_and_the_old_is_out_of_use(swap: Swap) -> None:
    done = swap.at("new_applied") is not None and (
        swap.at("old_applied") is not None or swap.at("old_silent") is not None
    )
    assert (seconds_to_swapped(swap) is not None) == done
    if state_of(swap) == "swapped":
        assert done


@given(swaps())
def test_nothing_can_be_undone_once_the_old_kit_is_back(swap: Swap) -> None:
    if swap.at("returned") is not None:
        assert not can_undo(swap)
    if swap.at("undone") is not None:
        assert not any(swap.at(step) for step in RETURN_STEPS)
        assert next_steps(swap) == ()


@given(swaps(), st.sampled_from(STEPS))
def test_a_step_out_of_turn_is_refused(swap: Swap, step: Step) -> None:
    if step in next_steps(swap):
        assert take(swap, step, 10**9).at(step) == 10**9
    else:
        with pytest.raises(StepError):
            take(swap, step, 10**9)


@given(swaps())
def test_a_swap_is_never_quicker_than_nothing(swap: Swap) -> None:
    seconds = seconds_to_swapped(swap)
    assert seconds is None or seconds >= 0


def test_the_time_runs_from_the_fault_report_until_both_kits_have_answered() -> None:
    swap = play("fault_reported", "confirmed", "old_applied", "new_applied")
    assert state_of(swap) == "swapped"
    assert seconds_to_swapped(swap) == 3.0


def test_a_dead_kit_need_not_answer() -> None:
    assert state_of(play("fault_reported", "confirmed", "old_silent", "new_applied")) == "swapped"


def test_a_kit_that_wakes_up_after_the_swap_is_still_seen_to_be_locked() -> None:
    swap = play("fault_reported", "confirmed", "old_silent", "new_applied")
    assert take(swap, "old_applied", 9000).at("old_applied") == 9000
    assert seconds_to_swapped(take(swap, "old_applied", 9000)) == seconds_to_swapped(swap)


def test_a_new_kit_that_does_not_answer_is_overdue() -> None:
    swap = play("fault_reported", "confirmed")
    assert not overdue(swap, 1000 + REPLY_DEADLINE_MS)
    assert overdue(swap, 1001 + REPLY_DEADLINE_MS)
    assert not overdue(take(swap, "new_applied", 2000), 10**12)
