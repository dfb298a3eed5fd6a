"""Kits come back spread out, and sooner only when the last connection had held."""

from hypothesis import given
from hypothesis import strategies as st

from kit.health.backoff import Backoff, Pace
from kit.health.timing import for_interval

PACE = Pace(first_s=5, most_s=300, stable_s=30)


def test_the_ceiling_doubles_up_to_the_highest() -> None:
    backoff = Backoff(PACE, lambda: 1.0)
    assert [backoff.failed(0) for _ in range(9)] == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_only_a_connection_that_held_brings_it_down() -> None:
    backoff = Backoff(PACE, lambda: 1.0)
    assert [backoff.failed(lasted) for lasted in (0, 29, 0, 30, 0)] == [5, 10, 20, 5, 10]


@given(st.floats(0, 1), st.lists(st.floats(0, 1e6), min_size=1, max_size=2000))
def test_each_wait_is_anywhere_below_the_ceiling(chance: float, lasted: list[float]) -> None:
    backoff = Backoff(PACE, lambda: chance)
    waits = [backoff.failed(each) for each in lasted]
    assert all(0 <= wait <= PACE.most_s for wait in waits)
    assert waits[0] == chance * PACE.first_s


def test_at_the_usual_interval_the_fleets_size_decides() -> None:
    usual = for_interval(60)
    assert (usual.pace.most_s, usual.will_delay_s, usual.resend.in_flight) == (300, 60, 20)


def test_a_kit_that_reports_often_is_missed_soon() -> None:
    bench = for_interval(2)
    assert bench.will_delay_s == 2
    assert bench.pace.most_s == 10
