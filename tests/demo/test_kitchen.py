import numpy as np
import pytest

from demo.kitchen import RATE, Kitchen, beep, speech
from kit.media.timecode import BEEP_HZ, BEEP_MS


@pytest.fixture(scope="module")
def kitchen() -> Kitchen:
    return Kitchen(speech())


def test_each_full_second_beeps_with_nobody_speaking_over_it(kitchen: Kitchen) -> None:
    for second in (1_800_000_000, 1_800_000_007):
        around = kitchen.hear(second * RATE - RATE // 20, RATE // 10 + RATE * BEEP_MS // 1000)
        expected = np.zeros_like(around)
        expected[RATE // 20 : RATE // 20 + len(beep())] = beep()
        assert np.array_equal(around, expected)


def test_the_beep_has_the_frequency_of_the_time_code() -> None:
    spectrum = np.abs(np.fft.rfft(beep().astype(float)))
    peak = np.argmax(spectrum) * RATE / len(beep())
    assert abs(peak - BEEP_HZ) < 20


def test_somebody_speaks_between_the_beeps(kitchen: Kitchen) -> None:
    ten_seconds = kitchen.hear(1_800_000_000 * RATE, 10 * RATE).reshape(10, RATE) / 32768
    between = ten_seconds[:, RATE // 4 : -RATE // 4]
    levels = 10 * np.log10(np.mean(between**2, axis=1) + 1e-12)
    assert np.median(levels) > -35


def test_periods_join_without_a_seam(kitchen: Kitchen) -> None:
    start = 1_800_000_000 * RATE + 12_345
    whole = kitchen.hear(start, 4000)
    parts = np.concatenate([kitchen.hear(start + at, 1000) for at in range(0, 4000, 1000)])
    assert np.array_equal(whole, parts)
