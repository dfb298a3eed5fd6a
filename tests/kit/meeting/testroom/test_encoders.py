import fractions
from collections.abc import Iterator
from typing import Any

import aiortc.rtcrtpsender
import av
import numpy as np
import pytest
from aiortc.codecs import depayload, get_encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from kit.media import timecode
from kit.meeting.testroom.media import encoders, planes

DECODERS = {"H264": "h264", "VP8": "libvpx"}
WALL_MS = 1_700_000_000_000


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def codec(name: str, kind: str = "video") -> RTCRtpCodecParameters:
    return RTCRtpCodecParameters(mimeType=f"{kind}/{name}", clockRate=90_000, payloadType=100)


def frame(number: int, size: tuple[int, int] = (640, 360)) -> av.VideoFrame:
    made = planes.blank(*size, (100, 128, 128))
    luma = planes.views(made)[0]
    left = 40 + number * 7 % 400
    luma[120:240, left : left + 120] = 200
    timecode.write(luma, WALL_MS + number * 40)
    made.pts, made.time_base = number * 3600, fractions.Fraction(1, 90_000)
    return made


def decoded(name: str, decoder: Any, payloads: list[bytes]) -> av.VideoFrame:
    data = b"".join(depayload(codec(name), payload) for payload in payloads)
    pictures: list[av.VideoFrame] = decoder.decode(av.Packet(data))
    return pictures[0]


@pytest.fixture
def restored_factory() -> Iterator[None]:
    yield
    setattr(aiortc.rtcrtpsender, "get_encoder", get_encoder)  # noqa: B010


@pytest.mark.parametrize("name", ["H264", "VP8"])
def test_the_time_code_survives_encoding_at_a_low_rate(name: str) -> None:
    encoder = encoders.VideoEncoder(name, 1_200_000)
    encoder.target_bitrate = 200_000
    decoder = av.CodecContext.create(DECODERS[name], "r")
    size = 0
    for number in range(50):
        payloads, timestamp = encoder.encode(frame(number))
        assert timestamp == number * 3600
        assert all(0 < len(payload) <= 1300 for payload in payloads)
        size += sum(map(len, payloads))
        luma = planes.views(decoded(name, decoder, payloads))[0]
        assert timecode.read(luma) == (WALL_MS + number * 40) % timecode.SPAN_MS
    assert size * 8 / 2 < 300_000


@pytest.mark.parametrize("name", ["H264", "VP8"])
def test_a_keyframe_comes_when_it_is_asked_for(name: str) -> None:
    encoder = encoders.VideoEncoder(name, 1_200_000)
    for number in range(10):
        encoder.encode(frame(number))
    payloads, _ = encoder.encode(frame(10), force_keyframe=True)
    fresh = av.CodecContext.create(DECODERS[name], "r")
    assert timecode.read(planes.views(decoded(name, fresh, payloads))[0]) is not None


@pytest.mark.parametrize("name", ["H264", "VP8"])
def test_the_rate_follows_the_receivers_estimate_within_bounds(name: str) -> None:
    clock = Clock()
    encoder = encoders.VideoEncoder(name, 1_000_000, clock)
    encoder.target_bitrate = 10
    assert encoder.target_bitrate == encoders.MIN_BITRATE
    encoder.target_bitrate = 10_000_000
    assert encoder.target_bitrate == 1_000_000
    rng = np.random.default_rng(2)

    def run(first: int) -> float:
        size = 0
        for number in range(first, first + 60):
            clock.now = number / 30
            noisy = frame(number)
            luma = planes.views(noisy)[0]
            luma[60:] = np.clip(luma[60:] + rng.normal(0, 12, luma[60:].shape), 16, 235)
            size += sum(map(len, encoder.encode(noisy)[0]))
        return size * 8 / 2

    run(0)
    high = run(60)
    encoder.target_bitrate = 200_000
    run(120)
    low = run(180)
    assert high > 600_000
    assert low < 350_000


def test_a_new_size_is_encoded_from_its_first_picture() -> None:
    encoder = encoders.VideoEncoder("H264", 1_200_000)
    encoder.encode(frame(0))
    payloads, _ = encoder.encode(frame(1, (1280, 720)))
    picture = decoded("H264", av.CodecContext.create("h264", "r"), payloads)
    assert (picture.width, picture.height) == (1280, 720)


def test_sound_comes_back_at_its_level() -> None:
    encoder = encoders.OpusEncoder()
    decoder = av.CodecContext.create("libopus", "r")
    heard = []
    for step in range(50):
        at = (np.arange(960) + step * 960) / 48_000
        pcm = (9000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)
        sound = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        sound.sample_rate, sound.pts, sound.time_base = 48_000, step * 960, fractions.Fraction(1, 48_000)
        payloads, timestamp = encoder.encode(sound)
        assert (len(payloads), timestamp) == (1, step * 960)
        heard += [out.to_ndarray().reshape(-1) for out in decoder.decode(av.Packet(payloads[0]))]
    level = np.sqrt(np.mean(np.concatenate(heard[10:]).astype(np.float64) ** 2))
    full = 1.0 if level < 2 else 32768.0
    assert level / full == pytest.approx(9000 / 32768 / np.sqrt(2), rel=0.15)


@pytest.mark.usefixtures("restored_factory")
def test_the_factory_takes_the_place_of_aiortcs_own() -> None:
    encoders.install(900_000)
    made = aiortc.rtcrtpsender.get_encoder(codec("H264"))  # type: ignore[attr-defined]
    assert isinstance(made, encoders.VideoEncoder)
    assert isinstance(
        aiortc.rtcrtpsender.get_encoder(codec("opus", "audio")),  # type: ignore[attr-defined]
        encoders.OpusEncoder,
    )
    other = aiortc.rtcrtpsender.get_encoder(codec("PCMU", "audio"))  # type: ignore[attr-defined]
    assert type(other) is type(get_encoder(codec("PCMU", "audio")))


def test_the_private_names_of_aiortc_that_are_used_are_there() -> None:
    assert callable(aiortc.rtcrtpsender.get_encoder)  # type: ignore[attr-defined]
    assert callable(H264Encoder._packetize)
    assert callable(H264Encoder._split_bitstream)
    assert callable(Vp8Encoder._packetize)
