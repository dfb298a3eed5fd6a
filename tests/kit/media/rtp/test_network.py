"""The emulated network and the senses that the estimator's tests and the call bench rest on."""

import itertools
import random
from itertools import groupby

import numpy as np
import pytest

from bench.calls import conditions, scene, senses
from bench.calls.link import Impairment, Link, losses, opportunities

WALL = 8 * 1000.0


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


def _heard(delay: float, missing: range) -> senses.Heard:
    frames = 400
    walls = [WALL + n * 0.02 + delay for n in range(frames)]
    sound = np.concatenate([scene.speech_at(WALL + n * 0.02, scene.FRAME) for n in range(frames)])
    for number in missing:
        sound[number * scene.FRAME : (number + 1) * scene.FRAME] = 0
    return senses.heard(walls, senses.to_hearing(sound))


@pytest.mark.parametrize("delay", [0.08, 0.4, 1.5])
def test_speech_is_recognized_and_its_age_read_off(delay: float) -> None:
    heard = _heard(delay, range(0))
    assert heard.lost_ratio < 0.01
    assert heard.latency_p50_ms == pytest.approx(delay * 1000, abs=1)


def test_missing_speech_is_missed() -> None:
    whole, holed = _heard(0.1, range(0)), _heard(0.1, range(100, 400, 10))
    assert holed.lost_ratio - whole.lost_ratio > 0.05


def test_a_gap_in_the_pictures_is_a_freeze_by_the_standards_words() -> None:
    shown = [(n / 30, 50.0, 1280, 720) for n in range(300) if not 100 <= n < 130]
    seen = senses.seen([(at, age, w, h) for at, age, w, h in shown], 0.0, 10.0)
    assert seen.freeze_count == 1
    assert seen.freeze_seconds == pytest.approx(1.03, abs=0.05)
    assert seen.latency_p95_ms == 50
