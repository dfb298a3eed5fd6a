import numpy as np
import pytest

from demo.beeps import RATE, latencies_s, onsets
from demo.kitchen import Kitchen, speech


@pytest.fixture(scope="module")
def kitchen() -> Kitchen:
    return Kitchen(speech())


def heard(kitchen: Kitchen, at: float, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return kitchen.hear(int(at * RATE), int(seconds * RATE)).astype(np.float64) / 32768


def test_each_beep_is_found_among_voices(kitchen: Kitchen) -> None:
    found = onsets(heard(kitchen, 1_800_000_000.25, 12))
    assert found == pytest.approx([0.75 + second for second in range(12)], abs=0.003)


def test_latency_is_counted_from_the_full_second(kitchen: Kitchen) -> None:
    late = heard(kitchen, 1_800_000_000.4, 3)
    assert latencies_s(onsets(late), 1_800_000_000.4 + 0.153) == pytest.approx([0.153] * 3, abs=0.003)


@pytest.mark.parametrize("level", [1.0, 0.1])
def test_a_quiet_and_noisy_line_is_heard_too(kitchen: Kitchen, level: float) -> None:
    noise = np.random.default_rng(7).normal(0, 0.002, 4 * RATE)
    found = onsets(level * heard(kitchen, 1_800_000_000.5, 4) + noise)
    assert found == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.004)


def test_speech_and_silence_are_no_beeps() -> None:
    spoken = speech().astype(np.float64) / 32768
    assert onsets(spoken) == []
    assert onsets(np.zeros(RATE)) == []
    assert onsets(np.zeros(10)) == []


def test_a_beep_that_is_cut_by_the_beginning_is_left_out(kitchen: Kitchen) -> None:
    found = onsets(heard(kitchen, 1_800_000_000.02, 1.5))
    assert found == pytest.approx([0.98], abs=0.003)


def test_a_steady_tone_is_no_beep() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE) / RATE)
    assert onsets(tone) == []
