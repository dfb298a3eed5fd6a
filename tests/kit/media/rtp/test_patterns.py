"""Sound, requests and frames over the named losses, in simulated time; the estimator on a mobile network."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from bench.calls.link import Impairment
from kit.media.rtp.allocation import FLOOR_BPS
from kit.media.rtp.nack import NackList
from kit.media.rtp.playout.playout import FRAME, AudioPlayout
from kit.media.rtp.video_buffer import VideoBuffer
from tests.kit.media.rtp.patterns import CALM, PATTERNS, mobile_trace
from tests.kit.media.rtp.test_playout import Numbers
from tests.kit.media.rtp.world import World

KEY, DELTA = b"K", b"p"
SHORT = 100
PER_FRAME, FRAME_S, TICK_S = 3, 1 / 30, 0.005
WAY_S = 0.025

named = pytest.mark.parametrize("lost", PATTERNS.values(), ids=PATTERNS)


def _heard(lost: Sequence[bool]) -> tuple[AudioPlayout, list[int]]:
    playout, heard = AudioPlayout(Numbers(), 1), []
    for number, gone in enumerate(lost):
        if not gone:
            playout.add(number * FRAME, b"%d" % (number + 1), number * 0.02)
        pcm = playout.pull()
        heard += [] if pcm is None else _numbers(pcm[:, 0])
    return playout, heard


def _numbers(samples: npt.NDArray[np.int16]) -> list[int]:
    """Packets that are heard for long enough to be no crossfade."""
    edges = [0, *(np.flatnonzero(np.diff(samples)) + 1).tolist(), len(samples)]
    return [int(samples[begin]) for begin, end in pairwise(edges) if end - begin > SHORT]


@named
def test_all_sound_that_came_is_played_in_order_and_what_was_lost_costs_no_more(
    lost: Sequence[bool],
) -> None:
    playout, heard = _heard(lost)
    numbers = [number for number in heard if number]
    assert all(one <= other for one, other in pairwise(numbers))
    played, came = set(numbers), {number + 1 for number, gone in enumerate(lost) if not gone}
    in_buffer = {number for number in came if number > max(played)}
    # While the delay is brought back after a silence, whole periods are left out.
    assert len(came - played - in_buffer) <= playout.counts.removed_for_acceleration / FRAME + 1
    assert playout.counts.concealed <= (sum(lost) + 3) * FRAME


@named
def test_after_the_losses_the_delay_is_short_again(lost: Sequence[bool]) -> None:
    playout, _ = _heard((*lost, *(400 * [False])))
    assert playout.level_s < 0.12


@dataclass
class Video:
    """A stream of frames of three packets over a link, with what is asked for again on its way back."""

    lost: Sequence[bool]
    copies_lost: Sequence[bool]
    shown: dict[int, float] = field(default_factory=dict)
    asked: int = 0
    key_frames_asked: int = 0

    def run(self) -> None:
        nacks, buffer = NackList(), VideoBuffer(lambda payload: payload.startswith(KEY))
        under_way: list[tuple[float, int, bool]] = []
        copies, now, sent, key = iter(self.copies_lost), 0.0, 0, 0
        end = len(self.lost) / PER_FRAME * FRAME_S + 2.0
        while now < end:
            while sent < len(self.lost) and sent // PER_FRAME * FRAME_S <= now:
                if not self.lost[sent]:
                    heapq.heappush(under_way, (now + WAY_S, sent, False))
                sent += 1
            while under_way and under_way[0][0] <= now:
                _, number, again = heapq.heappop(under_way)
                nacks.add(number, now, retransmitted=again)
                marker = number % PER_FRAME == PER_FRAME - 1
                first = number % PER_FRAME == 0
                payload = KEY if first and number // PER_FRAME in (0, key) else DELTA
                buffer.add(number, number // PER_FRAME, payload, now, marker=marker)
            for number in nacks.due(now, buffer.oldest_useful):
                self.asked += 1
                if not next(copies, False):
                    heapq.heappush(under_way, (now + 2 * WAY_S, number, True))
            if buffer.on_tick(now):
                self.key_frames_asked += 1
                key = sent // PER_FRAME + 1
            while (frame := buffer.take()) is not None:
                assert frame.timestamp not in self.shown
                assert len(frame.payloads) == PER_FRAME
                self.shown[frame.timestamp] = now
            now += TICK_S


@named
def test_every_picture_comes_once_in_order_when_the_copies_come(lost: Sequence[bool]) -> None:
    video = Video(lost, ())
    video.run()
    frames = (len(lost) - 1) // PER_FRAME
    missed = set(range(frames)) - set(video.shown)
    assert not missed
    assert list(video.shown) == sorted(video.shown)
    # At once where the next packet shows it, and repeated while the copies are under way on a lossy link.
    assert sum(lost) - PER_FRAME <= video.asked <= 2.2 * sum(lost) + 2
    assert video.key_frames_asked == 0 or max(_runs(lost)) > PER_FRAME * 8


@named
def test_pictures_go_on_when_copies_are_lost_too(lost: Sequence[bool]) -> None:
    video = Video(lost, lost[CALM:])
    video.run()
    assert list(video.shown) == sorted(video.shown)
    assert max(video.shown) >= (len(lost) - 1) // PER_FRAME - 1
    times = list(video.shown.values())
    assert max(later - earlier for earlier, later in pairwise(times)) < 1.5


def _runs(lost: Sequence[bool]) -> list[int]:
    runs, run = [0], 0
    for gone in lost:
        run = run + 1 if gone else 0
        runs.append(run)
    return runs


def test_on_a_mobile_network_sound_comes_through_and_the_link_is_used() -> None:
    seconds = 30
    trace = mobile_trace(seconds)
    world = World(Impairment(delay_ms=30, queue_ms=1000))
    world.link.follow(trace, 0, 0.0)
    run = world.run(seconds)
    capacity = len(trace) * 1500 * 8 / seconds
    carried = sum(arrival.size for arrival in run.arrivals) * 8 / seconds
    assert carried > 0.35 * capacity
    assert run.delay(0.5, 2, seconds - 2) < 0.15
    assert run.delay(0.95, 2, seconds - 2) < 1.2
    assert all(FLOOR_BPS <= moment.target <= 3_000_000 for moment in run.moments)
    assert run.sound_share(2, 0.4 * seconds) > 0.95


def test_the_mobile_network_is_the_same_each_time() -> None:
    trace = mobile_trace(10)
    assert trace == mobile_trace(10) != mobile_trace(10, seed=8)
    gaps = np.diff(trace)
    assert gaps.max() > 1400
    assert 500_000 < len(trace) * 1500 * 8 / 10 < 6_000_000
