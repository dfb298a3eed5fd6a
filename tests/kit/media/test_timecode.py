import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.media import timecode

SIZES = [(320, 180), (480, 270), (640, 360), (854, 480), (1280, 720), (1920, 1080)]


def scene(width: int, height: int) -> timecode.Plane:
    ramp = np.linspace(40, 200, width)[None, :] + np.linspace(-30, 30, height)[:, None]
    return ramp.astype(np.uint8)


@pytest.mark.parametrize(("width", "height"), SIZES)
@given(ms=st.integers(min_value=0, max_value=2**43))
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_at_every_size(width: int, height: int, ms: int) -> None:
    luma = scene(width, height)
    timecode.write(luma, ms)
    assert timecode.read(luma) == ms % timecode.SPAN_MS


def test_the_layout_is_the_shared_one() -> None:
    luma = np.full((360, 640), 90, np.uint8)
    timecode.write(luma, 0x2ABCDEF)
    row = luma[10, 10::20]
    bits = "".join("1" if cell > 128 else "0" for cell in row)
    nibbles = 0x2 + 0xA + 0xB + 0xC + 0xD + 0xE + 0xF
    assert bits == "10" + f"{0x2ABCDEF:026b}" + f"{nibbles % 16:04b}"
    assert (luma[:30] != 90).all()
    assert (luma[30:] == 90).all()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_noise_and_low_contrast_do_not_change_the_reading(width: int, height: int) -> None:
    rng = np.random.default_rng(7)
    for ms in range(1_700_000_000_000, 1_700_000_000_000 + 8 * 997, 997):
        luma = scene(width, height)
        timecode.write(luma, ms)
        weak = luma.astype(np.float64) * 0.5 + 50 + rng.normal(0, 12, luma.shape)
        assert timecode.read(np.clip(weak, 0, 255).astype(np.uint8)) == ms % timecode.SPAN_MS


def test_a_picture_scaled_down_by_half_still_reads() -> None:
    luma = scene(1280, 720)
    timecode.write(luma, 123_456_789)
    half = luma.reshape(360, 2, 640, 2).mean(axis=(1, 3)).astype(np.uint8)
    assert timecode.read(half) == 123_456_789 % timecode.SPAN_MS


def test_one_wrong_cell_is_refused() -> None:
    luma = scene(640, 360)
    timecode.write(luma, 55_555)
    luma[:30, 300:320] = 251 - luma[0, 305]
    assert timecode.read(luma) is None


def test_pictures_without_a_code_are_refused() -> None:
    rng = np.random.default_rng(3)
    assert timecode.read(np.full((360, 640), 16, np.uint8)) is None
    assert timecode.read(scene(640, 360)) is None
    assert timecode.read(rng.integers(0, 256, (360, 640)).astype(np.uint8)) is None
    assert timecode.read(np.zeros((60, 100), np.uint8)) is None


def test_a_half_faded_picture_is_refused_rather_than_guessed() -> None:
    luma = scene(640, 360)
    timecode.write(luma, 98_765_432)
    luma[:30, 340:360] = 125
    assert timecode.read(luma) is None


def test_age_wraps_with_the_code() -> None:
    wall = 1_700_000_000_123
    assert timecode.age_ms((wall - 80) % timecode.SPAN_MS, wall) == 80
    assert timecode.age_ms((wall + 5) % timecode.SPAN_MS, wall) == -5
    assert timecode.age_ms(timecode.SPAN_MS - 10, timecode.SPAN_MS * 3 + 10) == 20
