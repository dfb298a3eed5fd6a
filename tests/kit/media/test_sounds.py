"""Levels, the microphone test, the speaker's feed and the finder of beeps."""

import numpy as np
import pytest

from kit.media.beeps import BeepFinder
from kit.media.feed import Feed, chime
from kit.media.level import BLOCK, BLOCK_S, RATE, Block, clipped, dbfs, overdriven, silence
from kit.media.listening import Listening
from kit.media.timecode import BEEP_HZ, BEEP_MS

RNG = np.random.default_rng(5)


def tone(seconds: float, peak: float, hz: float = 300.0) -> Block:
    at = np.arange(int(seconds * RATE)) / RATE
    wave: Block = (np.sin(2 * np.pi * hz * at) * peak).astype(np.int16)
    return wave


def speech(seconds: float, peak: float) -> Block:
    """Noise with the rhythm of syllables, and pauses."""
    at = np.arange(int(seconds * RATE)) / RATE
    rhythm = np.maximum(np.sin(2 * np.pi * 3 * at), 0) * (np.sin(2 * np.pi * 0.4 * at) > -0.2)
    noise: Block = (RNG.normal(0, peak / 3, len(at)) * rhythm).clip(-32768, 32767).astype(np.int16)
    return noise


def blocks(sound: Block) -> list[Block]:
    return [sound[at : at + BLOCK] for at in range(0, len(sound) - BLOCK + 1, BLOCK)]


@pytest.mark.parametrize(
    ("sound", "level"),
    [(np.full(BLOCK, -32768, np.int16), 0.0), (tone(0.1, 32767), -3.0), (silence(), -120.0)],
)
def test_levels_are_below_full_scale(sound: Block, level: float) -> None:
    assert dbfs(sound) == pytest.approx(level, abs=0.05)
    assert dbfs(np.zeros(0, np.int16)) == -120


@pytest.mark.parametrize(
    ("sound", "too_loud"),
    [
        (tone(0.02, 32000), False),
        (clipped(tone(0.02, 32767).astype(float) * 3), True),
        (-clipped(tone(0.02, 32767).astype(float) * 3), True),
        (np.r_[np.zeros(950, np.int16), np.full(7, 32767, np.int16)], False),
        (silence(), False),
    ],
)
def test_an_input_at_its_limit_is_told_from_a_single_peak(sound: Block, too_loud: bool) -> None:
    assert overdriven(sound) is too_loud


@pytest.mark.parametrize(
    ("sound", "passed"),
    [
        (speech(5.1, 6000), True),
        (speech(5.1, 60), False),
        (np.zeros(RATE * 6, np.int16), False),
        (np.full(RATE * 6, 32767, np.int16), False),
        (np.concatenate([np.zeros(RATE * 4, np.int16), speech(1.2, 8000)]), True),
    ],
)
def test_the_microphone_test_hears_people_and_not_silence(sound: Block, passed: bool) -> None:
    test = Listening(5.0)
    for block in blocks(sound):
        test.add(block)
    assert test.done
    assert test.passed() is passed


def test_what_was_heard_is_played_back_once_and_forgotten() -> None:
    test = Listening(1.0)
    sound = speech(1.5, 5000)
    for block in blocks(sound):
        test.add(block)
    assert (test.replay() == sound[: int(1.0 / BLOCK_S) * BLOCK]).all()
    assert len(test.replay()) == 0


def test_the_feed_plays_a_clip_over_the_call_and_says_when_it_has_ended() -> None:
    ended: list[bool] = []
    feed = Feed(lambda: ended.append(True))
    feed.listen(lambda _delay_s: np.full(BLOCK, 100, np.int16))
    feed.play(np.full(2 * BLOCK + 7, 1000, np.int16))
    feed.next_block()
    assert (feed.next_block() == 1100).all()
    assert not ended
    third = feed.next_block()
    assert (third[:7] == 1100).all()
    assert (third[7:] == 100).all()
    assert ended == [True]


def test_a_speaker_that_is_off_is_silent_and_the_sound_is_not_kept_for_later() -> None:
    feed = Feed(lambda: None)
    said = iter(np.full(BLOCK, 1 + number, np.int16) for number in range(100))
    feed.listen(lambda _delay_s: next(said))
    feed.off = True
    for _ in range(10):
        assert not feed.next_block().any()
    feed.off = False
    assert feed.next_block()[-1] == 11


def test_without_a_call_or_before_its_first_sound_there_is_silence() -> None:
    feed = Feed(lambda: None)
    assert not feed.next_block().any()
    feed.listen(lambda _delay_s: None)
    assert not feed.next_block().any()


def test_the_test_tone_is_pleasant_to_the_speaker() -> None:
    sound = chime()
    assert 1 < len(sound) / RATE < 2
    assert np.abs(sound).max() < 12_000
    assert abs(int(sound[0])) < 50


def test_beeps_are_found_to_the_millisecond_in_speech_that_is_louder() -> None:
    sound = speech(6, 4000).astype(np.int32)
    starts = [0.5, 1.5, 2.5, 4.5]
    for start in starts:
        beep = tone(BEEP_MS / 1000, 9000, BEEP_HZ)
        at = int(start * RATE) + 13
        sound[at - 4000 : at + len(beep) + 4000] = 0
        sound[at : at + len(beep)] = beep
    finder = BeepFinder()
    found: list[float] = []
    for number, block in enumerate(blocks(sound.clip(-32768, 32767).astype(np.int16))):
        found += finder.feed(block, number * BLOCK_S * 1000)
    assert found == pytest.approx([start * 1000 for start in starts], abs=2)


def test_speech_alone_and_other_tones_are_no_beeps() -> None:
    for sound in (speech(5, 8000), tone(3, 9000, 440.0), np.zeros(RATE, np.int16)):
        finder = BeepFinder()
        assert not [f for block in blocks(sound) for f in finder.feed(block, 0.0)]
