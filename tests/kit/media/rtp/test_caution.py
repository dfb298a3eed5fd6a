"""A link that falls again and again is not filled; one that fell once is."""

import pytest

from kit.media.rtp.congestion.caution import Caution

MEGABIT = 1_000_000


def fallen(*moments: float) -> Caution:
    caution = Caution()
    for moment in moments:
        caution.fell(moment)
    return caution


def test_a_link_that_never_fell_is_used_whole() -> None:
    assert Caution().bounded(100.0, 2 * MEGABIT) == 2 * MEGABIT


def test_each_fall_leaves_less_of_it() -> None:
    shares = [fallen(*range(0, 3 * count, 3)).bounded(10.0, 2 * MEGABIT) for count in range(5)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] >= 0.5 * 2 * MEGABIT


def test_one_fall_that_is_noticed_twice_counts_once() -> None:
    assert fallen(5.0, 5.4, 5.9).bounded(6.0, 2 * MEGABIT) == fallen(5.0).bounded(6.0, 2 * MEGABIT)


def test_falls_are_forgotten_after_half_a_minute() -> None:
    assert fallen(0.0, 3.0, 6.0).bounded(40.0, 2 * MEGABIT) == 2 * MEGABIT


@pytest.mark.parametrize("rate", [70_000, 150_000, 399_000])
def test_what_faces_and_sound_need_is_never_held_back(rate: float) -> None:
    assert fallen(0.0, 3.0, 6.0, 9.0).bounded(10.0, rate) == rate


def test_a_wide_link_grows_a_narrow_one_is_probed() -> None:
    assert Caution().worth_probing(0.0, 200_000, returned=False)
    assert not Caution().worth_probing(0.0, MEGABIT, returned=False)


def test_after_silence_a_link_that_had_been_well_is_probed_at_once() -> None:
    assert fallen(0.0).worth_probing(1.0, MEGABIT, returned=True)
    assert not fallen(0.0, 5.0).worth_probing(6.0, MEGABIT, returned=True)
