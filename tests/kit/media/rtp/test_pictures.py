import itertools
import random
from collections.abc import Callable

from kit.media.rtp.playout.pictures import MAX_S, PicturePlayout


def _shown(lateness: Callable[[int], float]) -> list[float]:
    """Gaps between pictures, once the playout knows the link; ``lateness`` of each is above the fastest."""
    playout, shown, ready = PicturePlayout(), [], 0.0
    for number in range(900):
        ready = max(ready, number / 30 + lateness(number))
        due = playout.due(ready, number / 30, repaired=lateness(number) > 0.05)
        assert due >= ready
        shown.append(due)
    return [after - before for before, after in itertools.pairwise(shown[300:])]


def test_pictures_are_shown_at_once_while_nothing_has_to_be_repeated() -> None:
    playout = PicturePlayout()
    for number in range(300):
        ready = number / 30 + 0.03 * (number % 3 == 0)
        assert playout.due(ready, number / 30, repaired=False) == ready


def test_pictures_that_were_repeated_do_not_stop_the_others() -> None:
    rng = random.Random(7)
    late = [0.06 if rng.random() < 0.3 else 0.12 if rng.random() < 0.05 else 0.0 for _ in range(900)]
    gaps = _shown(late.__getitem__)
    assert max(gaps) < 0.1
    assert sum(gap > 0.06 for gap in gaps) < 0.06 * len(gaps)


def test_a_picture_never_waits_long_for_its_place() -> None:
    gaps = _shown(lambda number: 0.8 if number % 100 == 99 else 0.06 * (number % 3 == 0))
    assert max(gaps) < 0.8 + MAX_S
    playout = PicturePlayout()
    assert playout.due(0.0, 0.0, repaired=True) == 0.0
    assert playout.due(0.1, 50.0, repaired=True) <= 0.1 + MAX_S


def test_a_link_that_often_stands_still_for_a_moment_does_not_stop_the_picture() -> None:
    playout, shown, ready = PicturePlayout(), [], 0.0
    for number in range(900):
        captured = number / 30
        stands = 1.5 * round(captured / 1.5)
        ready = max(ready, captured, stands + 0.17 if stands <= captured < stands + 0.17 else 0.0)
        shown.append(playout.due(ready, captured, repaired=False))
    gaps = [after - before for before, after in itertools.pairwise(shown[300:])]
    assert max(gaps) < 0.1
    assert max(due - number / 30 for number, due in enumerate(shown)) < 0.2


def test_a_link_that_stood_still_once_costs_no_delay() -> None:
    playout = PicturePlayout()
    for number in range(300):
        ready = max(number / 30, 5.3 if 5.0 <= number / 30 < 5.3 else 0.0)
        assert playout.due(ready, number / 30, repaired=False) == ready


def test_what_waits_for_its_sound_anyway_is_shown_evenly() -> None:
    playout, shown = PicturePlayout(), []
    for number in range(300):
        ready = number / 30 + 0.09 * (number % 7 == 0)
        shown.append(playout.due(ready, number / 30, repaired=False, least_s=0.1))
    gaps = [after - before for before, after in itertools.pairwise(shown[30:])]
    assert max(gaps) < 0.04
