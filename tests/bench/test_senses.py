"""The measuring itself: what is done to sound and pictures on purpose must stand in the figures."""

from collections.abc import Callable

import av
import numpy as np
import pytest

from bench.calls import scene, senses
from bench.calls.senses import HEARD_FRAME, Heard

WALL = 8 * 1000.0
FRAMES = 500
SECONDS = FRAMES / 50
DELAY_S = 0.1

Picture = tuple[float, float | None, int, int]


def _speech() -> tuple[list[float], scene.Sound]:
    """Walls of what is played with a delay of 100 ms, and the sound at 48 kHz."""
    walls = [WALL + n * 0.02 + DELAY_S for n in range(FRAMES)]
    return walls, np.concatenate([scene.speech_at(WALL + n * 0.02, scene.FRAME) for n in range(FRAMES)])


def _heard(walls: list[float], sound: scene.Sound) -> Heard:
    begun = WALL + DELAY_S
    return senses.heard(walls, senses.to_hearing(sound), begun, begun + SECONDS)


@pytest.mark.parametrize("delay", [0.08, 0.4, 1.5])
def test_speech_is_recognized_and_its_age_read_off(delay: float) -> None:
    walls, sound = _speech()
    later = [wall - DELAY_S + delay for wall in walls]
    heard = senses.heard(later, senses.to_hearing(sound), later[0], later[0] + SECONDS)
    assert heard.lost_ratio == 0
    assert heard.latency_p50_ms == pytest.approx(delay * 1000, abs=1)


@pytest.mark.parametrize("kbps", [16, 32])
def test_coding_is_no_loss(kbps: int) -> None:
    walls, sound = _speech()
    coder = av.CodecContext.create("libopus", "w")
    coder.sample_rate, coder.layout, coder.format, coder.bit_rate = 48_000, "mono", "s16", kbps * 1000
    decoder = av.CodecContext.create("libopus", "r")
    coded: list[scene.Sound] = []
    for number, frame in enumerate(sound.reshape(-1, 1, scene.FRAME)):  # FFmpeg decodes to two channels
        given = av.AudioFrame.from_ndarray(frame, format="s16", layout="mono")
        given.sample_rate, given.pts = 48_000, number * scene.FRAME
        for packet in coder.encode(given):
            for out in decoder.decode(av.Packet(bytes(packet))):
                assert (out.format.name, len(out.layout.channels)) == ("s16", 2)
                coded += [out.to_ndarray()[0, ::2].astype(np.int16)]
    assert _heard(walls[: len(coded)], np.concatenate(coded)).lost_ratio < 0.005


def _share_of_speech(first: int, last: int) -> float:
    """How much of all that is loud lies in these frames."""
    loud = [senses.is_loud(WALL + n * 0.02) for n in range(1, FRAMES - 1)]
    return sum(loud[first - 1 : last - 1]) / sum(loud)


def _silenced(walls: list[float], sound: scene.Sound) -> tuple[list[float], scene.Sound]:
    sound[200 * scene.FRAME : 250 * scene.FRAME] = 0
    return walls, sound


def _never_given(walls: list[float], sound: scene.Sound) -> tuple[list[float], scene.Sound]:
    return walls[:200] + walls[250:], np.delete(sound, slice(200 * scene.FRAME, 250 * scene.FRAME))


@pytest.mark.parametrize("cut", [_silenced, _never_given])
def test_a_second_cut_out_is_a_second_lost(
    cut: Callable[[list[float], scene.Sound], tuple[list[float], scene.Sound]],
) -> None:
    heard = _heard(*cut(*_speech()))
    assert heard.lost_ratio == pytest.approx(_share_of_speech(200, 250), abs=0.015)
    assert min(heard.lost_at) == pytest.approx(WALL + DELAY_S + 4, abs=0.2)
    assert max(heard.lost_at) == pytest.approx(WALL + DELAY_S + 5, abs=0.2)


def test_what_is_missing_at_the_beginning_and_at_the_end_is_lost_too() -> None:
    walls, sound = _speech()
    heard = _heard(walls[100:-50], sound[100 * scene.FRAME : -50 * scene.FRAME])
    assert heard.lost_ratio == pytest.approx(_share_of_speech(1, 100) + _share_of_speech(450, 499), abs=0.02)


def test_each_tenth_frame_missing_is_a_tenth_lost() -> None:
    walls, sound = _speech()
    for number in range(0, FRAMES, 10):
        sound[number * scene.FRAME : (number + 1) * scene.FRAME] = 0
    assert _heard(walls, sound).lost_ratio == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("first", [200, 230, 250, 280])
def test_speech_is_found_again_as_soon_as_it_goes_on_later_than_before(first: int) -> None:
    walls, sound = _speech()
    heard = _heard([wall + (0.3 if n >= first else 0) for n, wall in enumerate(walls)], sound)
    assert max(heard.lost_at) < walls[first] + 0.3 + 0.1


def test_nothing_heard_is_all_lost() -> None:
    assert senses.heard([], np.zeros(0, np.int16), WALL, WALL + SECONDS).lost_ratio == 1
    walls, sound = _speech()
    assert _heard(walls, np.zeros_like(sound)).lost_ratio == 1


def test_sound_that_comes_in_unsteady_steps_is_whole_while_a_card_would_have_it() -> None:
    walls, sound = _speech()
    unsteady = [wall + 0.03 * (n % 3) / 2 for n, wall in enumerate(walls)]
    assert _heard(unsteady, sound).lost_ratio == 0


def test_sound_that_halts_and_then_rushes_is_late_from_then_on() -> None:
    walls, sound = _speech()
    halting = [max(wall, walls[250]) if n >= 200 else wall for n, wall in enumerate(walls)]
    heard = _heard(halting, sound)
    assert heard.lost_ratio > 0.05
    assert heard.latency_p50_ms is not None
    assert heard.latency_p50_ms == pytest.approx(1100, abs=60)


def test_the_samples_of_a_frame_are_where_the_time_says() -> None:
    walls, sound = _speech()
    assert len(senses.to_hearing(sound)) == len(walls) * HEARD_FRAME


def _pictures(age_ms: float = 50.0, fps: float = 30.0) -> list[Picture]:
    return [(WALL + (n + 0.5) / fps, age_ms, 1280, 720) for n in range(int(SECONDS * fps))]


def _seen(pictures: list[Picture]) -> senses.Seen:
    return senses.seen(pictures, WALL, WALL + SECONDS)


@pytest.mark.parametrize("fps", [30.0, 5.0])
def test_steady_pictures_have_no_freeze(fps: float) -> None:
    seen = _seen(_pictures(fps=fps))
    assert (seen.freeze_count, seen.freeze_seconds) == (0, 0)
    assert seen.fps == pytest.approx(fps, rel=0.02)


def test_a_gap_in_the_pictures_is_a_freeze_by_the_standards_words() -> None:
    seen = _seen([picture for n, picture in enumerate(_pictures()) if not 100 <= n < 130])
    assert seen.freeze_count == 1
    assert seen.freeze_seconds == pytest.approx(1.03, abs=0.05)


def test_the_same_picture_shown_again_does_not_hide_a_freeze() -> None:
    pictures = _pictures()
    for n in range(100, 130):
        pictures[n] = (pictures[n][0], 50.0 + (n - 99) * 1000 / 30, 1280, 720)
    seen = _seen(pictures)
    assert seen.freeze_seconds == pytest.approx(1.03, abs=0.05)
    assert seen.fps == pytest.approx(27, abs=0.2)


def test_a_time_code_that_was_read_wrong_hides_nothing() -> None:
    pictures = _pictures()
    pictures[100] = (pictures[100][0], -3_000_000.0, 1280, 720)
    pictures[200] = (pictures[200][0], None, 1280, 720)
    assert _seen(pictures) == _seen(_pictures())


def test_no_picture_until_the_end_is_a_freeze() -> None:
    assert _seen(_pictures()[:-60]).freeze_seconds == pytest.approx(2, abs=0.05)
    assert _seen([]).freeze_seconds == SECONDS


def test_pictures_that_are_held_back_are_older() -> None:
    prompt, late = _seen(_pictures()), _seen(_pictures(150.0))
    assert prompt.latency_p50_ms is not None
    assert late.latency_p50_ms is not None
    assert late.latency_p50_ms - prompt.latency_p50_ms == pytest.approx(100)
    halved = _pictures()[:200] + _pictures(350.0)[200:]
    assert (_seen(halved).latency_p50_ms, _seen(halved).latency_p95_ms) == (50, 350)
