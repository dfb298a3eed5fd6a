"""A browser's pictures on their way to the kit, on links that are narrow, that stop for a moment or fall."""

import functools

import pytest

from bench.calls.link import Impairment
from tests.kit.media.rtp.downstream import Downstream
from tests.kit.media.rtp.patterns import dipping_trace


def test_on_a_narrow_link_pictures_do_not_wait_for_seconds() -> None:
    way = Downstream(Impairment(rate_kbps=150, queue_ms=600))
    seen = way.run(30)
    assert seen.age(0.95, 15, 30) < 0.6
    assert seen.frozen(15, 30) == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_link_that_stops_for_a_moment_is_used_again_at_once(seed: int) -> None:
    way = Downstream(Impairment(queue_ms=1000), seed)
    way.there.follow(dipping_trace(40, 4000, [12.0, 16.0, 20.0, 24.0]), 0, 0.0)
    seen = way.run(28)
    assert seen.frozen(11, 28) < 4 * 0.45
    assert seen.requests == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_a_deep_fall_one_key_frame_comes_through_and_stays_the_only_one(seed: int) -> None:
    way = Downstream(Impairment(rate_kbps=2000), seed)
    seen = way.run(30, {20.0: functools.partial(way.set_rate, 300)})
    assert seen.frozen(19, 30) < 2.5
    assert seen.requests <= 2
    assert seen.age(0.95, 24, 30) < 0.3


def test_what_is_lost_in_bursts_is_repeated_without_a_key_frame() -> None:
    way = Downstream(Impairment(loss=0.05, burst=8), 2)
    seen = way.run(25)
    assert seen.frozen(8, 25) < 0.5
    assert seen.age(0.95, 8, 25) < 0.25
