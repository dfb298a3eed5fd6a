"""What is remembered of a peer does not grow with what it sends, however it lies."""

import random
from collections import deque
from collections.abc import Callable, Iterator

import pytest

from kit.media.rtp.congestion.estimator import Limits, SendSideEstimator
from kit.media.rtp.feedback import ArrivalLog
from kit.media.rtp.guard import IDLE_S, MAX_STREAMS, PACKETS_BURST, PACKETS_PER_S, Allowance, Refused, Streams
from kit.media.rtp.nack import NackList
from kit.media.rtp.playout.playout import AudioPlayout
from kit.media.rtp.reception import Reception
from kit.media.rtp.video_buffer import VideoBuffer
from tests.kit.media.rtp.test_playout import Numbers

STEPS, RECEIVED = 24_000, 3000
SLACK = 3000
MOST_HELD = 30_000
"""Of all buffers together: 1,000 missing packets and their requests, 2,048 waiting ones, 4,000 arrivals."""


def footprint(thing: object, seen: set[int] | None = None) -> int:
    """Count what a thing holds, in all containers and objects of ours below it."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    if isinstance(thing, dict):
        return len(thing) + sum(footprint(value, seen) for value in thing.values())
    if isinstance(thing, list | tuple | set | deque):
        return len(thing) + sum(footprint(value, seen) for value in thing)
    if type(thing).__module__.startswith("kit."):
        slots = [getattr(thing, name, None) for name in getattr(type(thing), "__slots__", ())]
        return footprint([*vars(thing).values()] if hasattr(thing, "__dict__") else slots, seen)
    return 0


def _no_feedback(number: int, now: float, rng: random.Random) -> list[tuple[int, float | None]]:
    return []


def _always_the_same_moment(number: int, now: float, rng: random.Random) -> list[tuple[int, float | None]]:
    return [(number & 0xFFFF, 1000.0)]


def _ever_earlier(number: int, now: float, rng: random.Random) -> list[tuple[int, float | None]]:
    return [(number & 0xFFFF, -0.01 * number)]


def _any_moment(number: int, now: float, rng: random.Random) -> list[tuple[int, float | None]]:
    return [(number & 0xFFFF, rng.uniform(-1e6, 1e6))]


def _all_lost(number: int, now: float, rng: random.Random) -> list[tuple[int, float | None]]:
    return [(number & 0xFFFF, None)]


def _about_others(number: int, now: float, rng: random.Random) -> list[tuple[int, float | None]]:
    return [(rng.randrange(1 << 16), now if rng.random() < 0.5 else None) for _ in range(3)]


Lie = Callable[[int, float, random.Random], list[tuple[int, float | None]]]


@pytest.mark.parametrize(
    "lie",
    [_no_feedback, _always_the_same_moment, _ever_earlier, _any_moment, _all_lost, _about_others],
)
def test_an_estimator_that_is_lied_to_neither_grows_nor_leaves_its_limits(lie: Lie) -> None:
    estimator, rng, limits = SendSideEstimator(Limits()), random.Random(7), Limits()
    estimator.begin_probing(0.0)
    halfway = 0
    for number in range(STEPS):
        now = number / 300
        probe = estimator.take_probe()
        estimator.on_sent(now, 1000, probe.cluster if probe is not None else 0)
        if reports := lie(number, now, rng):
            estimator.on_feedback(now + 0.05, reports)
        if number % 15 == 0:
            estimator.on_tick(now)
        assert limits.floor <= estimator.target <= limits.ceiling
        if number == STEPS // 2:
            halfway = footprint(estimator)
    assert footprint(estimator) <= halfway + SLACK


def _random(rng: random.Random) -> Iterator[int]:
    while True:
        yield rng.randrange(1 << 20)


def _leaps(rng: random.Random) -> Iterator[int]:
    number = 0
    while True:
        number += rng.choice((1, 3, 900, 30_000))
        yield number


def _swinging(rng: random.Random) -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number + (500 if number % 2 else 0)


@pytest.mark.parametrize("numbers", [_random, _leaps, _swinging])
def test_what_is_held_of_a_received_stream_stays_bounded(
    numbers: Callable[[random.Random], Iterator[int]],
) -> None:
    rng = random.Random(7)
    nacks, log, reception = NackList(), ArrivalLog(), Reception(1, 90_000)
    video, sound = VideoBuffer(lambda payload: payload == b"K"), AudioPlayout(Numbers(), 1)
    held = (nacks, log, reception, video, sound)
    for step, number in zip(range(RECEIVED), numbers(rng), strict=False):
        now = step / 500
        nacks.add(number, now, retransmitted=rng.random() < 0.1)
        nacks.due(now, None)
        log.add(number & 0xFFFF, now)
        reception.add(number & 0xFFFF, rng.randrange(1 << 32), 100, now)
        video.add(number, number // 3, rng.choice((b"K", b"p", b"")), now, marker=rng.random() < 0.3)
        sound.add(number * 960, b"1", now)
        if step % 10 == 0:
            sound.pull()
            log.build()
            video.on_tick(now)
        if step % 500 == 0:
            assert footprint(held) < MOST_HELD


def test_an_allowance_gives_its_burst_and_then_its_rate() -> None:
    allowance = Allowance(10, 5)
    assert [allowance.take(0.0) for _ in range(6)] == 5 * [True] + [False]
    assert sum(allowance.take(step / 1000) for step in range(1, 1001)) == pytest.approx(10, abs=1)
    assert not allowance.take(100.0, 6)
    assert allowance.take(100.0, 5)


def test_time_that_goes_back_gives_nothing() -> None:
    allowance = Allowance(10, 1)
    assert allowance.take(50.0)
    assert not allowance.take(10.0)
    assert not allowance.take(10.05)


def test_a_stream_too_fast_is_refused_and_others_are_not() -> None:
    streams = Streams(lambda _: None)
    flood = [streams.judge(1, step / 100_000) for step in range(200_000)]
    assert flood.count(None) == pytest.approx(PACKETS_BURST + 2 * PACKETS_PER_S, abs=2)
    assert set(flood) == {None, Refused.RATE}
    assert all(streams.judge(2, 2 + step / 50) is None for step in range(100))
    assert streams.judge(1, 4.0, report=True) is None


def test_a_new_stream_takes_the_place_of_one_long_silent_and_of_no_other() -> None:
    forgotten: list[int] = []
    streams = Streams(forgotten.append)
    assert all(streams.judge(ssrc, ssrc / 100) is None for ssrc in range(MAX_STREAMS))
    assert streams.judge(1000, 1.0) is Refused.STREAMS
    assert forgotten == [1000]
    assert all(streams.judge(ssrc, 5.0) is None for ssrc in range(1, MAX_STREAMS))
    assert streams.judge(1000, IDLE_S + 0.1) is None
    assert forgotten == [1000, 0]
    assert len(streams) == MAX_STREAMS
