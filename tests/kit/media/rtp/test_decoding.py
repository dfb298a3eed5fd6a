"""The decoder's thread: what it refuses before it costs anything, and that nothing ends it."""

import threading
from collections.abc import Iterator
from fractions import Fraction

import av
import pytest

from kit.media.rtp.codecs import h264, vp8
from kit.media.rtp.decoding import MAX_PIXELS, MAX_WAITING, MAX_WAITING_BYTES, VideoDecoder
from kit.media.rtp.video_buffer import Frame
from tests.kit.media.rtp.hostile import resident_mb

GROWTH_MB = 60.0
STEP = 3000


class Screen:
    """Shows what is decoded, and waits while it is held."""

    def __init__(self, codec: str) -> None:
        self.pictures: list[av.VideoFrame] = []
        self.broken = 0
        self.free, self.ended = threading.Event(), threading.Event()
        self.free.set()
        self.decoder = VideoDecoder(codec, self._show, self._break)

    def _show(self, picture: av.VideoFrame | None) -> None:
        self.free.wait(5)
        if picture is None:
            self.ended.set()
        else:
            self.pictures.append(picture)

    def _break(self) -> None:
        self.broken += 1

    def show(self, *frames: tuple[bytes, ...]) -> None:
        for number, payloads in enumerate(frames):
            self.decoder.add(Frame(number * STEP, payloads, keyframe=number == 0), number * STEP)

    def close(self) -> None:
        self.free.set()
        self.decoder.close()
        assert self.ended.wait(5)


@pytest.fixture(params=["H264", "VP8"])
def screen(request: pytest.FixtureRequest) -> Iterator[Screen]:
    screen = Screen(request.param)
    yield screen
    if not screen.ended.is_set():
        screen.close()


def _coded(codec: str, count: int = 3) -> list[tuple[bytes, ...]]:
    encoder = av.CodecContext.create("libx264" if codec == "H264" else "libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 320, 240, "yuv420p"
    encoder.time_base = Fraction(1, 30)
    encoder.options = {"tune": "zerolatency"} if codec == "H264" else {"lag-in-frames": "0"}
    frames = []
    for number in range(count):
        picture = av.VideoFrame(320, 240, "yuv420p")
        picture.pts = number
        data = b"".join(bytes(packet) for packet in encoder.encode(picture))
        split = h264.packetize(data) if codec == "H264" else vp8.packetize(data, number)
        frames.append(tuple(split))
    return frames


def _name(screen: Screen) -> str:
    return "VP8" if screen.decoder._name == "libvpx" else "H264"


class Bits:
    """Writes a bit stream with Exp-Golomb numbers."""

    def __init__(self) -> None:
        self._text = ""

    def fixed(self, value: int, bits: int) -> "Bits":
        self._text += f"{value:0{bits}b}"
        return self

    def golomb(self, *values: int) -> "Bits":
        for value in values:
            code = f"{value + 1:b}"
            self._text += "0" * (len(code) - 1) + code
        return self

    def bytes(self) -> bytes:
        text = self._text + "1"
        text += "0" * (-len(text) % 8)
        data = int(text, 2).to_bytes(len(text) // 8, "big")
        return data.replace(b"\x00\x00\x00", b"\x00\x00\x03\x00").replace(
            b"\x00\x00\x01", b"\x00\x00\x03\x01"
        )


def _sequence_parameters(width: int, height: int) -> bytes:
    """An H.264 SPS of the baseline profile, level 6.2 (H.264, 7.3.2.1.1)."""
    bits = Bits().fixed(66, 8).fixed(0xC0, 8).fixed(62, 8)
    bits.golomb(0, 0, 2, 16).fixed(0, 1).golomb(width // 16 - 1, height // 16 - 1)
    return b"\x67" + bits.fixed(1, 1).fixed(1, 1).fixed(0, 1).fixed(0, 1).bytes()


def _huge(codec: str) -> tuple[bytes, ...]:
    (first, *_) = _coded(codec, 1)
    if codec == "VP8":
        at = first[0].index(b"\x9d\x01\x2a") + 3
        size = (16383).to_bytes(2, "little")
        return (first[0][:at] + size + size + first[0][at + 4 :], *first[1:])
    units = [unit for payload in first for unit in h264.units(h264.depacketize(payload))]
    rest = [unit for unit in units if unit[0] & 0x1F != 7]
    return tuple(
        payload
        for unit in (_sequence_parameters(16384, 16384), *rest)
        for payload in h264.packetize(b"\x00\x00\x00\x01" + unit)
    )


def test_pictures_that_are_whole_are_shown(screen: Screen) -> None:
    screen.show(*_coded(_name(screen)))
    screen.close()
    assert [(p.width, p.height) for p in screen.pictures] == [(320, 240)] * 3
    assert screen.broken == 0


def test_a_picture_of_sixteen_thousand_squared_is_refused_before_memory_is_taken_for_it(
    screen: Screen,
) -> None:
    huge = _huge(_name(screen))
    before = resident_mb()
    screen.show(huge, huge, huge)
    screen.close()
    assert not screen.pictures
    assert screen.broken == 3
    assert resident_mb() - before < GROWTH_MB


def test_after_what_is_refused_a_key_frame_is_shown(screen: Screen) -> None:
    screen.show(_huge(_name(screen)), (b"\xff\xff\xff",), (b"\x00",), _coded(_name(screen), 1)[0])
    screen.close()
    assert len(screen.pictures) == 1
    assert screen.decoder.counters.failed == 0


def test_a_failure_that_is_not_the_codecs_costs_one_picture(screen: Screen) -> None:
    frames = _coded(_name(screen))
    working = screen.decoder._depacketize

    def once(payload: bytes) -> bytes:
        screen.decoder._depacketize = working
        raise ZeroDivisionError

    screen.decoder._depacketize = once
    screen.show((b"x",), *frames)
    screen.close()
    assert screen.decoder.counters.failed == 1
    assert len(screen.pictures) == len(frames)


@pytest.mark.parametrize(("size", "count"), [(1 << 20, 40), (10, 200)])
def test_what_waits_for_a_slow_decoder_is_bounded_in_number_and_bytes(
    screen: Screen, size: int, count: int
) -> None:
    screen.show(*_coded(_name(screen)))
    screen.free.clear()
    for number in range(count):
        screen.decoder.add(Frame(number, (bytes(size),), keyframe=False), number)
        assert len(screen.decoder._waiting) <= MAX_WAITING
        assert screen.decoder._waiting_bytes <= MAX_WAITING_BYTES
    screen.close()
    assert screen.decoder._waiting_bytes == 0


def test_the_limit_takes_in_what_a_room_may_show() -> None:
    assert 3840 * 2160 <= MAX_PIXELS < 16383 * 16383
