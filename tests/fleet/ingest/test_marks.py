"""The high-water mark, against a plain set as its model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.marks import MAX_RANGES, Mark, TooManyHoles, skip, take, waiting

STEPS = st.lists(st.one_of(st.integers(1, 40), st.integers(1, 45).map(lambda n: -n)), max_size=80)
"""Positive: that number arrives. Negative: the kit says that it holds nothing below it."""


def contiguous(numbers: set[int]) -> int:
    count = 0
    while count + 1 in numbers:
        count += 1
    return count


@given(STEPS)
def test_the_mark_says_what_a_set_would(steps: list[int]) -> None:
    mark, received, closed = Mark(), set[int](), set[int]()
    for step in steps:
        if step > 0:
            grown = take(mark, step)
            assert (grown is None) == (step in received | closed)
            mark = grown or mark
            received.add(step)
        else:
            gone = set(range(1, -step)) - received - closed
            mark, lost = skip(mark, -step)
            assert lost == len(gone)
            closed |= gone
        known = received | closed
        assert mark.contiguous == contiguous(known)
        assert {n for low, high in mark.above for n in range(low, high + 1)} == {
            n for n in known if n > mark.contiguous
        }
        assert waiting(mark) == len(set(range(1, max(known, default=0) + 1)) - known)


@given(st.permutations(list(range(1, 30))))
def test_any_order_ends_without_holes(order: list[int]) -> None:
    mark = Mark()
    for seq in order:
        mark = take(mark, seq) or mark
    assert mark == Mark(29)


def test_a_stream_of_holes_is_held_back_instead_of_growing() -> None:
    mark = Mark()
    for seq in range(2, 2 + 2 * MAX_RANGES, 2):
        mark = take(mark, seq) or mark
    with pytest.raises(TooManyHoles):
        take(mark, 10_000)
    assert take(mark, 3) is not None
    assert take(mark, 1) is not None
