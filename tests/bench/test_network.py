"""The emulated network that the estimator's tests and the measured calls rest on."""

import itertools
import random
from itertools import groupby

import pytest

from bench.calls import conditions
from bench.calls.link import Impairment, Link, losses, opportunities


def _through(link: Link[int], packets: int, gap: float, size: int = 1172) -> list[tuple[float, int]]:
    out, every = [], round(gap * 1000)
    for step in range(packets * every + 3000):
        number, between = divmod(step, every)
        if not between and number < packets:
            link.offer(step / 1000, size, number)
        out += [(step / 1000, item) for item in link.due(step / 1000)]
    return out


@pytest.mark.parametrize(("share", "burst"), [(0.05, 1.0), (0.1, 1.0), (0.05, 8.0)])
def test_losses_have_their_share_and_their_bursts(share: float, burst: float) -> None:
    pattern = list(itertools.islice(losses(share, burst, random.Random(1)), 200_000))
    assert sum(pattern) / len(pattern) == pytest.approx(share, rel=0.1)
    runs = [len(list(run)) for lost, run in groupby(pattern) if lost]
    assert sum(runs) / len(runs) == pytest.approx(max(burst, 1 / (1 - share)), rel=0.1)


def test_a_given_pattern_decides_which_packets_are_lost() -> None:
    link: Link[int] = Link(Impairment(delay_ms=5), 1, [False, True, False, True])
    assert [item for _, item in _through(link, 4, 0.01)] == [0, 2]
    assert link.lost == 2


def test_a_bottleneck_passes_its_rate_and_drops_beyond_its_queue() -> None:
    link: Link[int] = Link(Impairment(delay_ms=0, rate_kbps=480, queue_ms=100), 1)
    out = _through(link, 500, 0.01)
    assert len([at for at, _ in out if at < 5]) * 1200 * 8 / 5 == pytest.approx(480_000, rel=0.05)
    assert link.dropped > 200
    assert max(at - item * 0.01 for at, item in out) < 0.13


def test_jitter_keeps_the_order_but_for_the_reordered() -> None:
    steady = _through(Link(Impairment(delay_ms=60, jitter_ms=20), 1), 500, 0.01)
    assert [item for _, item in steady] == sorted(item for _, item in steady)
    mixed = _through(Link(Impairment(delay_ms=60, jitter_ms=20, reorder=0.05), 1), 500, 0.01)
    assert [item for _, item in mixed] != sorted(item for _, item in mixed)
    assert len(mixed) == 500


def test_a_trace_lets_1500_bytes_cross_at_its_moments_and_begins_again() -> None:
    assert list(itertools.islice(opportunities([10, 20, 50], 0), 5)) == [0.01, 0.02, 0.05, 0.06, 0.07]
    link: Link[int] = Link(Impairment(delay_ms=0, queue_ms=1000), 1)
    link.follow([10, 20, 50], 0, 0.0)
    out = _through(link, 100, 0.01, size=1472)
    assert len([at for at, _ in out if at <= 1.0]) == 60


def test_an_outage_passes_nothing() -> None:
    assert _through(Link(Impairment(rate_kbps=0), 1), 20, 0.01) == []


def test_every_condition_of_the_file_can_be_read() -> None:
    names = [condition.name for condition in conditions.read()]
    assert len(names) == len(set(names)) >= 12
