"""Devices that lie: pictures, descriptors, uevents and drivers' answers that no honest device sends."""

import ctypes
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kit.config import Camera as Wish
from kit.media.cameras import uapi
from kit.media.cameras.decode import Corrupt, Decoder
from kit.media.cameras.modes import COST, Mode
from kit.media.cameras.v4l2 import V4l2Camera
from kit.media.cards import declares_cancelling
from kit.media.hotplug import subsystem
from kit.media.worker import DeviceGone
from tests.kit.media.cameras.simulated import Driver, bars, jpeg, raw

GOOD = jpeg(bars(320, 180))
WISH = Wish(width=320, height=180, fps=30)
_HEADER = GOOD.index(b"\xff\xc0") + 5


def decoded(decoder: Decoder, data: bytes) -> bool:
    try:
        picture = decoder.picture(memoryview(data))
    except Corrupt:
        return False
    assert (picture.format.name, picture.width, picture.height) == ("yuv420p", 320, 180)
    return True


@given(st.integers(0, 2**32), st.integers(1, 60))
def test_a_damaged_jpeg_is_a_picture_of_the_agreed_size_or_refused(seed: int, changes: int) -> None:
    chance, data = random.Random(seed), bytearray(GOOD)
    for _ in range(changes):
        data[chance.randrange(len(data))] = chance.randrange(256)
    cut = chance.randrange(len(data)) if chance.random() < 0.3 else len(data)
    decoder = Decoder("MJPG", 320, 180, 0)
    for _ in range(17):
        decoded(decoder, bytes(data[:cut]))
    assert decoded(decoder, GOOD)


@given(st.binary(max_size=2000), st.sampled_from(sorted(COST)), st.integers(0, 1 << 20))
def test_any_bytes_are_a_picture_or_refused(data: bytes, fourcc: str, stride: int) -> None:
    assert not decoded(Decoder(fourcc, 320, 180, stride), data)


def test_a_jpeg_that_claims_to_be_huge_is_refused_before_memory_is_taken() -> None:
    huge = GOOD[:_HEADER] + (65_500).to_bytes(2, "big") * 2 + GOOD[_HEADER + 4 :]
    assert not decoded(Decoder("MJPG", 320, 180, 0), huge)


@given(st.binary(max_size=600))
def test_any_descriptors_end(data: bytes) -> None:
    declares_cancelling(data)


@given(st.binary(max_size=600))
def test_any_uevent_names_a_subsystem_or_none(data: bytes) -> None:
    name = subsystem(data)
    assert name is None or name.isascii()


class Liar(Driver):
    """Answers with other numbers than it should."""

    def __init__(self, seed: int) -> None:
        super().__init__(Mode("YUYV", 320, 180, 30.0), Mode("MJPG", 320, 180, 30.0))
        self._chance = random.Random(seed)

    def ioctl(self, request: int, argument: Any) -> None:
        super().ioctl(request, argument)
        if isinstance(argument, uapi.Buffer | ctypes.c_int32) or self._chance.random() < 0.5:
            return
        names = [name for name, *_ in argument._fields_]
        numbers = [name for name in names if isinstance(getattr(argument, name), int)]
        lie = self._chance.choice([0, 1, 7, 255, 16_384, 2**31, 2**32 - 1])
        setattr(argument, self._chance.choice(numbers), lie)


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_a_driver_that_lies_gives_pictures_or_is_refused(seed: int) -> None:
    driver = Liar(seed)
    try:
        camera = V4l2Camera("/dev/video0", "", WISH, lambda _: driver)
    except DeviceGone:
        assert driver.closed
        return
    driver.fill(raw(bars(320, 180), "YUYV"))
    shot = camera.read()
    if shot is not None:
        assert shot.picture.format.name == "yuv420p"
    camera.close()
