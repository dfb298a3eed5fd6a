"""Many voices in one."""

import itertools

import numpy as np
import pytest

from kit.media.level import BLOCK, RATE, Block
from kit.media.mixing import CEILING, Mixer


def tone(hertz: float, loudness: int, blocks: int = 1) -> Block:
    at = np.arange(BLOCK * blocks) / RATE
    return (loudness * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def mixed(mixer: Mixer, *voices: Block) -> Block:
    found = mixer.mix(voices)
    assert found is not None
    return found


def test_of_nobody_there_is_nothing_and_one_alone_is_as_it_came() -> None:
    mixer = Mixer()
    voice = tone(440, 32_000)
    assert mixer.mix([]) is None
    assert mixed(mixer, voice) is voice


def test_voices_that_fit_are_added_up_unchanged() -> None:
    one, two = tone(440, 9000), tone(700, 9000)
    assert np.array_equal(mixed(Mixer(), one, two), one + two)


@pytest.mark.parametrize("count", [2, 5, 24])
def test_a_sum_that_would_clip_is_turned_down_and_keeps_its_shape(count: int) -> None:
    voice = tone(440, 30_000)
    heard = mixed(Mixer(), *[voice] * count)
    assert np.abs(heard).max() <= CEILING + 1
    assert np.corrcoef(heard, voice)[0, 1] > 0.999


def test_after_a_loud_moment_the_loudness_comes_back_within_two_seconds_without_a_jump() -> None:
    mixer = Mixer()
    loud, soft = tone(400, 30_000), tone(400, 6000)
    mixed(mixer, loud, loud)
    peaks = [int(np.abs(mixed(mixer, soft, np.zeros_like(soft))).max()) for _ in range(100)]
    assert peaks[0] < 4000
    assert peaks[-1] == 6000 or abs(peaks[-1] - 6000) < 10
    assert all(later <= 1.05 * sooner + 2 for sooner, later in itertools.pairwise(peaks))
