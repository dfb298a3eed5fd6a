"""The first second of sound: heard with the first packet, and in store soon after."""

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from bench.calls import scene, senses
from kit.media.rtp.codecs import opus
from kit.media.rtp.codecs.opus import Pcm
from kit.media.rtp.playout.delay import FIRST_S
from kit.media.rtp.playout.playout import FRAME, AudioPlayout
from kit.media.rtp.sound_in import SoundDecoder
from tests.kit.media.rtp.test_playout import Numbers

WAY_S, FRAME_S = 0.06, 0.02
PACKETS = 110
CALLS = 20
"""Each begins at another moment of the speech, and between two packets at another moment of the card."""
WALL = 8000.0


@dataclass
class Heard:
    """What came out of one call's first two seconds."""

    playout: AudioPlayout
    walls: list[float] = field(default_factory=list)
    sound: list[Pcm] = field(default_factory=list)
    full_s: float | None = None
    """When the store had what a lost packet's recovery needs, after the first packet."""

    @property
    def concealed(self) -> int:
        return self.playout.counts.concealed


def _coded(sound: Pcm) -> list[bytes]:
    encoder = opus.OpusEncoder(1)
    encoder.configure(32_000, 10)
    return [encoder.encode(sound[at : at + FRAME].tobytes(), FRAME) for at in range(0, len(sound), FRAME)]


@functools.cache
def _speech(call: int) -> list[bytes]:
    return _coded(scene.speech_at(WALL + call * 0.37, PACKETS * FRAME))


@functools.cache
def _noise(call: int) -> list[bytes]:
    return _coded(np.random.default_rng(call).normal(0, 3000, PACKETS * FRAME).astype(np.int16))


@functools.cache
def _silence(_: int) -> list[bytes]:
    return _coded(np.zeros(PACKETS * FRAME, np.int16))


def _arrivals(call: int, jitter_s: float) -> list[float]:
    rng, arrivals = np.random.default_rng(call), [0.0]
    for number in range(PACKETS):
        late = abs(rng.normal(0, jitter_s)) if jitter_s else 0.0
        arrivals.append(max(arrivals[-1], number * FRAME_S + WAY_S + late))
    return arrivals[1:]


def _hear(packets: Sequence[bytes], arrivals: Sequence[float], call: int, first: int = 1) -> Heard:
    """Pull by a card's clock from when ``first`` packets are there."""
    heard = Heard(AudioPlayout(SoundDecoder(1), 1))
    added = 0
    for pull in itertools.count():
        now = FRAME_S * (pull + (call + 0.5) / CALLS)
        if added == len(arrivals):
            return heard
        while added < len(arrivals) and arrivals[added] <= now:
            heard.playout.add(added * FRAME, packets[added], arrivals[added])
            added += 1
        if added >= first:
            pcm = heard.playout.pull()
            assert pcm is not None
            heard.walls.append(now)
            heard.sound.append(pcm)
            if heard.full_s is None and heard.playout.level_s + FRAME_S > FIRST_S - 1e-6:
                heard.full_s = now - arrivals[0]
    raise AssertionError


@pytest.mark.parametrize("sound", [_speech, _noise, _silence])
def test_sound_begins_with_the_first_packet_and_its_store_is_full_within_a_second(
    sound: Callable[[int], list[bytes]],
) -> None:
    for call in range(CALLS):
        arrivals = _arrivals(call, 0)
        heard = _hear(sound(call), arrivals, call)
        assert heard.walls[0] - arrivals[0] < FRAME_S
        assert heard.full_s is not None
        assert heard.full_s < 1.0
        assert heard.concealed == 0
        assert heard.playout.counts.buffer_delay_s / heard.playout.counts.emitted < FIRST_S


def test_a_second_packet_that_comes_after_the_card_has_asked_costs_its_own_length_once() -> None:
    for call in range(CALLS):
        first, second, *others = _arrivals(call, 0)
        heard = _hear(_speech(call), [first, second + 0.019, *others], call)
        assert heard.concealed in (0, FRAME)
        assert heard.playout.counts.concealment_events <= 1


@pytest.mark.parametrize("jitter_s", [0.002, 0.005, 0.01, 0.02, 0.04])
def test_jitter_at_the_beginning_costs_little_more_than_waiting_for_two_packets(jitter_s: float) -> None:
    """Whoever waited has 20 ms more in store, and what the second was late: this must be made up once."""
    now, waited = (
        sum(_hear(_speech(n), _arrivals(n, jitter_s), n, first).concealed for n in range(CALLS))
        for first in (1, 2)
    )
    assert now - waited <= CALLS * (FRAME + 2 * jitter_s * opus.RATE)


def test_the_speech_of_the_first_second_is_recognized() -> None:
    lost = []
    for call in range(CALLS):
        heard = _hear(_speech(call), _arrivals(call, 0.002), call)
        begun = WALL + call * 0.37
        walls = [begun + wall for wall in heard.walls]
        sound = senses.to_hearing(np.concatenate(heard.sound).reshape(-1))
        lost.append(senses.heard(walls, sound, walls[0], walls[0] + 2.0).lost_ratio)
    assert np.mean(lost) < 0.01
    assert max(lost) < 0.05


@pytest.mark.parametrize("lost", [20, 60, 100])
def test_a_single_loss_is_recovered_as_soon_as_the_store_is_full(lost: int) -> None:
    playout = AudioPlayout(Numbers(), 1)
    for number in range(PACKETS):
        if number != lost:
            playout.add(number * FRAME, b"%d" % (number + 1), number * FRAME_S)
        playout.pull()
    assert (playout.counts.recovered, playout.counts.concealed) == (FRAME, 0)


def test_a_store_that_shrinks_keeps_the_next_packet_behind_one_that_may_be_lost() -> None:
    playout, late = AudioPlayout(Numbers(), 1), range(10, 14)
    for number in range(600):
        if number not in late:
            for arrived in late if number == late.stop else ():
                playout.add(arrived * FRAME, b"7", number * FRAME_S)
            playout.add(number * FRAME, b"7", number * FRAME_S)
        playout.pull()
    assert playout.counts.removed_for_acceleration > 0
    assert playout.target_s < 0.03
    assert FIRST_S <= playout.level_s + FRAME_S < FIRST_S + 0.02
