"""Pictures are made smaller as swscale does it by area, and seen as they were."""

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.video.reformatter import Interpolation, VideoReformatter

from kit.media.encoders.ladder import CAMERA, Rung
from kit.media.encoders.scaling import fit, halved

Planes = list[npt.NDArray[np.int16]]


def noise(width: int, height: int) -> av.VideoFrame:
    pixels = np.random.default_rng(5).integers(0, 256, (height * 3 // 2, width), np.uint8)
    return av.VideoFrame.from_ndarray(pixels, format="yuv420p")


def by_area(picture: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    return VideoReformatter().reformat(picture, width=width, height=height, interpolation=Interpolation.AREA)


def pixels(picture: av.VideoFrame) -> npt.NDArray[np.int16]:
    return picture.to_ndarray().astype(np.int16)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280), (644, 484), (64, 36)])
def test_half_a_picture_is_bit_by_bit_what_swscale_makes_of_it(width: int, height: int) -> None:
    picture = noise(width, height)
    assert np.array_equal(pixels(halved(picture)), pixels(by_area(picture, width // 2, height // 2)))


@pytest.mark.parametrize(("rung", "size"), [(CAMERA[2], (480, 270)), (CAMERA[0], (320, 180))])
def test_what_was_halved_on_the_way_down_looks_the_same(rung: Rung, size: tuple[int, int]) -> None:
    smooth = by_area(by_area(noise(1280, 720), 80, 44), 1280, 720)
    made, wanted = fit(smooth, rung), by_area(smooth, *size)
    assert (made.width, made.height) == size
    assert np.abs(pixels(made) - pixels(wanted)).max() <= 2


def test_pictures_are_never_scaled_up_and_have_even_sides() -> None:
    small = av.VideoFrame(320, 180, "yuv420p")
    assert fit(small, CAMERA[-1]) is small
    odd = fit(av.VideoFrame(1366, 768, "yuv420p"), CAMERA[3])
    assert (odd.width % 2, odd.height % 2) == (0, 0)


def test_pictures_of_other_formats_become_yuv420p() -> None:
    assert fit(av.VideoFrame(640, 360, "nv12"), CAMERA[3]).format.name == "yuv420p"
