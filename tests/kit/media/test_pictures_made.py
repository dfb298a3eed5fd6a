"""The generated scene: readable time, a flash at each full second, movement, and little cost."""

import time

import numpy as np
import pytest

from kit.media import paint, timecode
from kit.media.camera import GeneratedCamera, planes
from kit.media.paint import Planes
from kit.media.scene import FLASH_MS, Scene

NOON = 1_700_000_000_000


def empty(width: int, height: int) -> Planes:
    half = (height // 2, width // 2)
    return Planes(np.zeros((height, width), np.uint8), np.zeros(half, np.uint8), np.zeros(half, np.uint8))


@pytest.mark.parametrize(("width", "height"), [(640, 360), (1280, 720), (322, 182)])
def test_the_time_of_each_picture_can_be_read_from_it(width: int, height: int) -> None:
    scene, on = Scene(width, height), empty(width, height)
    for at in range(NOON, NOON + 4000, 333):
        scene.draw(on, at)
        assert timecode.read(on.y) == at % timecode.SPAN_MS


def test_the_lamp_is_white_at_the_full_second_only() -> None:
    scene, on = Scene(640, 360), empty(640, 360)

    def brightest(at: int) -> int:
        scene.draw(on, at)
        return int(on.y[100:135, 490:560].max())

    assert brightest(NOON) > brightest(NOON + FLASH_MS + 20) + 20
    assert brightest(NOON + 1000 + FLASH_MS - 1) == brightest(NOON)


def test_the_picture_moves_all_the_time() -> None:
    scene, one, two = Scene(640, 360), empty(640, 360), empty(640, 360)
    for at in range(NOON, NOON + 10_000, 1000):
        scene.draw(one, at)
        scene.draw(two, at + 400)
        below = timecode.strip_height(360) + 1
        assert (one.y[below:] != two.y[below:]).sum() > 200


def test_drawing_is_cheap() -> None:
    scene, on = Scene(640, 360), empty(640, 360)
    scene.draw(on, NOON)
    began = time.thread_time()
    for number in range(50):
        scene.draw(on, NOON + number * 40)
    assert (time.thread_time() - began) / 50 < 0.004


def test_the_generated_camera_keeps_its_pace_and_its_time() -> None:
    camera = GeneratedCamera(640, 360, 50)
    shots = [camera.read() for _ in range(11)]
    gaps = np.diff([shot.captured_us for shot in shots]) / 1000
    assert np.median(gaps) == pytest.approx(20, abs=4)
    for shot in shots:
        code = timecode.read(planes(shot.picture).y)
        assert code is not None
        assert abs(timecode.age_ms(code, shot.captured_us // 1000)) <= 1


def test_a_sprite_is_cut_off_at_the_edges_and_never_wraps() -> None:
    on = empty(64, 36)
    shape = paint.canvas(20, 20)
    paint.disc(shape, (10, 10), 9, (255, 255, 255))
    sprite = paint.cut(shape)
    for x, y in ((-10, -10), (58, 30), (-40, 0), (200, 200)):
        paint.put(on, sprite, x, y)
    assert on.y[0, 0] > 200
    assert on.y[-1, -1] > 200
    assert on.y[0, -1] == 0
    assert on.y[-1, 0] == 0


@pytest.mark.parametrize(
    ("colour", "yuv"),
    [
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
        ((255, 0, 0), (81, 90, 240)),
        ((0, 0, 255), (41, 240, 110)),
    ],
)
def test_colours_are_bt601_in_limited_range(colour: tuple[int, int, int], yuv: tuple[int, int, int]) -> None:
    on = paint.canvas(16, 16)
    paint.box(on, (-4, -4), (40, 40), colour)
    sprite = paint.cut(on)
    assert (sprite.y[8, 8], sprite.u[4, 4], sprite.v[4, 4]) == pytest.approx(yuv, abs=1)
