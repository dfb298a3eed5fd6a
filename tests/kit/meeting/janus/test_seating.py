"""Whose picture is where: nobody moves without need, whoever speaks comes forward."""

import hypothesis.strategies as st
from hypothesis import given

from kit.meeting.janus.seating import SMALL, SPEAKS_S, STAYS_S, Seating


def seated(*films: int) -> Seating:
    seating = Seating()
    seating.arrange(0.0, films, ())
    return seating


def speaks(seating: Seating, films: list[int], talking: set[int], begin: float, seconds: float) -> float:
    """Let time pass in quarters of a second; return the time."""
    for step in range(int(seconds * 4)):
        seating.arrange(begin + step / 4, films, talking)
    return begin + seconds


def test_who_came_first_is_large_and_the_rest_small_in_their_order() -> None:
    assert seated().places == (None, None, None, None)
    assert seated(7).places == (7, None, None, None)
    assert seated(1, 2, 3, 4, 5).places == (1, 2, 3, 4)


def test_a_cough_brings_nobody_forward() -> None:
    films, seating = [1, 2], seated(1, 2)
    at = speaks(seating, films, {2}, 10.0, SPEAKS_S / 2)
    speaks(seating, films, set(), at, 5.0)
    assert seating.places[0] == 1


def test_who_goes_on_speaking_changes_places_with_the_large_one() -> None:
    seating = seated(1, 2, 3)
    speaks(seating, [1, 2, 3], {3}, 10.0, 2.0)
    assert seating.places == (3, 2, 1, None)


def test_two_who_speak_by_turns_do_not_make_the_picture_flap() -> None:
    films, seating, at, changes = [1, 2], seated(1, 2), 10.0, 0
    for turn in range(40):
        before = seating.places
        at = speaks(seating, films, {1 + turn % 2}, at, 1.5)
        changes += before != seating.places
    assert 0 < changes <= 60 / STAYS_S + 1


def test_who_speaks_stays_large_while_another_joins_in() -> None:
    seating = seated(1, 2)
    speaks(seating, [1, 2], {1, 2}, 10.0, 10.0)
    assert seating.places[0] == 1


def test_one_who_is_not_shown_takes_the_place_of_who_was_silent_longest() -> None:
    films, seating = [1, 2, 3, 4, 5], seated(1, 2, 3, 4, 5)
    at = speaks(seating, films, {2}, 10.0, 2.0)
    at = speaks(seating, films, {4}, at + 5, 2.0)
    speaks(seating, films, {5}, at + 5, 2.0)
    assert seating.places[0] == 5
    assert set(seating.places) in ({5, 4, 2, 1}, {5, 4, 2, 3})


def test_the_chosen_one_is_large_at_once_whoever_speaks_and_the_speaker_again_afterwards() -> None:
    films, seating = [1, 2, 3], seated(1, 2, 3)
    seating.arrange(1.0, films, {2}, pinned=3)
    assert seating.places[0] == 3
    for step in range(40):
        seating.arrange(2.0 + step / 4, films, {2}, pinned=3)
    assert seating.places[0] == 3
    seating.arrange(13.0, films, {2})
    assert seating.places[0] == 2


def test_a_place_that_falls_empty_goes_to_one_who_waited() -> None:
    seating = seated(1, 2, 3, 4, 5)
    seating.arrange(1.0, [1, 2, 4, 5], ())
    assert seating.places == (1, 2, 5, 4) or set(seating.places) == {1, 2, 4, 5}
    seating.arrange(2.0, [4, 5], ())
    assert seating.places[0] in (4, 5)
    assert seating.places[2:] == (None, None)


@given(st.lists(st.tuples(st.sets(st.integers(1, 8)), st.sets(st.integers(1, 8)), st.integers(0, 9))))
def test_whatever_happens_nobody_is_there_twice_and_no_place_is_empty_in_vain(
    moments: list[tuple[set[int], set[int], int]],
) -> None:
    seating = Seating()
    for number, (films, talking, pinned) in enumerate(moments):
        seating.arrange(number * 1.3, sorted(films), talking, pinned or None)
        there = [one for one in seating.places if one is not None]
        assert len(there) == len(set(there)) == min(len(films), 1 + SMALL)
        assert set(there) <= films
        assert list(seating.places[: len(there)]) == there
        if pinned in films:
            assert seating.places[0] == pinned
