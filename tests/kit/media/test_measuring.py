"""What ``--measure`` writes down of the sound that leaves the speaker."""

import json
from pathlib import Path

import numpy as np
import pytest

from kit.ipc.call import Quality
from kit.media.level import BLOCK, silence
from kit.media.measuring import LOUD, Measurements, SilenceFinder

TONE = np.full(BLOCK, 3000, np.int16)


def test_what_was_silent_from_the_start_ends_with_the_first_loud_sample() -> None:
    finder = SilenceFinder()
    block = silence()
    block[480:] = 3000
    assert finder.feed(silence(), 1000.0) == []
    assert finder.feed(block, 1020.0)[0] == pytest.approx((0.0, 1030.0))
    assert finder.loud_until_ms == pytest.approx(1040.0, abs=0.1)


def test_a_gap_without_any_blocks_is_silence_too() -> None:
    finder = SilenceFinder()
    finder.feed(TONE, 1000.0)
    assert finder.feed(TONE, 1020.0) == []
    assert finder.feed(TONE, 3000.0)[0] == pytest.approx((1040.0, 3000.0), abs=0.1)


def test_a_pause_and_noise_are_no_silence_and_no_sound() -> None:
    finder = SilenceFinder()
    finder.feed(TONE, 1000.0)
    assert finder.feed(np.full(BLOCK, int(LOUD) - 1, np.int16), 1020.0) == []
    assert finder.feed(TONE, 1100.0) == []


def test_each_silence_is_written_once(tmp_path: Path) -> None:
    measurements = Measurements(tmp_path / "measured.jsonl")
    measurements.leaving(TONE, 10.0)
    measurements.write(Quality(), 7)
    measurements.write(Quality(), 7)
    first, second = (json.loads(line) for line in (tmp_path / "measured.jsonl").read_text().splitlines())
    assert first["silences_ms"] == [[0.0, 10_000.0]]
    assert second["silences_ms"] == second["sounds_ms"] == []
    assert len(first["sounds_ms"]) == 1
    assert first["tasks"] == 7
    assert second["heard_ms"] == pytest.approx(10_020.0, abs=0.1)
