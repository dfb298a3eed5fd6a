"""What is under way is bounded, sent again when it is not acknowledged, and never sent twice in between."""

from hypothesis import given
from hypothesis import strategies as st

from kit.health.store import Row
from kit.health.window import Resend, Window

RESEND = Resend(in_flight=3, first_s=10, most_s=40)


def rows(*numbers: int, stream: str = "a") -> list[Row]:
    return [Row(stream=stream, seq=number, at=0, expendable=True, body=b"{}") for number in numbers]


def test_no_more_than_the_limit_is_under_way() -> None:
    window = Window(RESEND)
    assert window.to_send(rows(1, 2, 3, 4), 0) == rows(1, 2, 3)
    assert window.to_send(rows(1, 2, 3, 4), 1) == []
    window.acknowledged("a", 2, 2)
    assert window.to_send(rows(3, 4, 5, 6), 2) == rows(4, 5)


def test_without_acknowledgement_all_is_sent_again_after_waits_that_double() -> None:
    window = Window(RESEND)
    sent = [second for second in range(200) if window.to_send(rows(1, 2), second)]
    assert sent == [0, 10, 30, 70, 110, 150, 190]


def test_an_acknowledgement_restores_the_first_wait() -> None:
    window = Window(RESEND)
    window.to_send(rows(1, 2), 0)
    window.to_send(rows(1, 2), 10)
    assert window.due == 30
    window.acknowledged("a", 1, 12)
    assert window.due == 22
    window.acknowledged("a", 2, 13)
    assert window.due is None


def test_an_acknowledgement_of_something_else_does_not_prolong_the_wait() -> None:
    window = Window(RESEND)
    window.to_send(rows(5), 0)
    window.acknowledged("b", 9, 8)
    window.acknowledged("a", 4, 9)
    assert window.due == 10


def test_streams_have_numbers_of_their_own() -> None:
    window = Window(RESEND)
    both = rows(1, stream="a") + rows(1, stream="b")
    assert window.to_send(both, 0) == both
    window.acknowledged("a", 1, 1)
    assert not window.is_under_way("a", 1)
    assert window.is_under_way("b", 1)


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(0, 12)), max_size=30))
def test_whatever_is_acknowledged_the_window_stays_within_its_limit(steps: list[tuple[int, int]]) -> None:
    window = Window(RESEND)
    now, floor = 0.0, 0
    under_way: set[int] = set()
    for wait, acknowledged in steps:
        now += wait
        if window.due is not None and now >= window.due:
            under_way.clear()
        sent = [row.seq for row in window.to_send(rows(*range(floor + 1, floor + 8)), now)]
        assert not under_way & set(sent)
        under_way |= set(sent)
        assert len(under_way) <= RESEND.in_flight
        window.acknowledged("a", acknowledged, now)
        floor = max(floor, acknowledged)
        under_way = {number for number in under_way if number > acknowledged}
