"""Video encoders behind one interface, and the software ones in PyAV's wheel.

Pictures are yuv420p in and stay so. ``bitrate`` may change before every frame without a key frame where the
encoder allows it.
"""

from __future__ import annotations

import fractions
from typing import NamedTuple, Protocol, cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from kit.media.rtp.ladder import Rung

_KEYFRAME_STEPS = 9000
_X264_BUFFER_S = 0.15
_X264_CEILING = 1.5
_X264_REOPEN = (0.4, 3.0)
_VP8_CHANGE, _VP8_DROP, _VP8_PATIENCE_S = 0.25, 0.7, 3.0
_MAX_BPS = 3_000_000
_TUNE_S = 1.5
_TUNE_RANGE = (0.85, 1.2)


class Encoded(NamedTuple):
    """An encoded picture: Annex B for H.264, a frame for VP8; empty when the encoder left it out."""

    data: bytes
    keyframe: bool
    size: tuple[int, int]


class VideoEncoder(Protocol):
    """One stream's encoder. Called from a worker thread, one call at a time."""

    name: str

    def encode(
        self, frame: av.VideoFrame, rung: Rung, bitrate: float, now: float, *, keyframe: bool
    ) -> Encoded:
        """Encode a yuv420p picture at a rung's size; raises ``av.FFmpegError`` when it is beyond repair."""
        ...

    def close(self) -> None:
        """Give up the device."""
        ...


def fit(frame: av.VideoFrame, rung: Rung) -> av.VideoFrame:
    """Scale to the rung's shorter side, never up, keeping the shape; sides are even."""
    short = min(frame.width, frame.height)
    scale = min(1.0, rung.height / short)
    width, height = (2 * round(side * scale / 2) for side in (frame.width, frame.height))
    if (width, height) == (frame.width, frame.height) and frame.format.name == "yuv420p":
        return frame
    return frame.reformat(width=width, height=height, format="yuv420p")


class _Tuner:
    """Closes the loop on what an encoder really makes: x264 gives some 20 % too little after an open."""

    def __init__(self) -> None:
        self.factor = 1.0
        self._begun: float | None = None
        self._made = self._wanted = 0.0

    def add(self, size: int, wanted_bits: float, now: float) -> None:
        self._begun = now if self._begun is None else self._begun
        self._made += size * 8
        self._wanted += wanted_bits
        if now - self._begun > _TUNE_S:
            error = max(-0.3, min(0.3, self._wanted / max(self._made, 1.0) - 1))
            low, high = _TUNE_RANGE
            self.factor = min(high, max(low, self.factor * (1 + 0.3 * error)))
            self._begun, self._made, self._wanted = now, 0.0, 0.0


class _WheelEncoder:
    """What the encoders of the wheel share: opening on a new size, pts, key frames."""

    name = ""

    def __init__(self) -> None:
        self._context: VideoCodecContext | None = None
        self._size = (0, 0, 0)
        self._steps = 0
        self._tuner = _Tuner()
        self._rate = 0.0
        self._opened_rate = 0.0
        self._last_key = float("-inf")

    def encode(
        self, frame: av.VideoFrame, rung: Rung, bitrate: float, now: float, *, keyframe: bool
    ) -> Encoded:
        """Encode one picture; opens the codec anew when size, frame rate or a far rate demand it."""
        picture = fit(frame, rung)
        size = (picture.width, picture.height, rung.fps)
        bitrate = min(bitrate, _MAX_BPS)
        context = self._context
        if context is None or size != self._size or self._must_reopen(bitrate, now):
            context = self._open(size, bitrate, rung)
            keyframe = True
        else:
            self._retune(context, bitrate * self._tuner.factor)
        picture.pts, picture.time_base = self._steps, fractions.Fraction(1, rung.fps)
        self._steps += 1
        picture.pict_type = PictureType.I if keyframe else PictureType.NONE
        if keyframe:
            self._last_key = now
        packets = context.encode(picture)
        data = b"".join(bytes(packet) for packet in packets)
        self._tuner.add(len(data), bitrate / rung.fps, now)
        return Encoded(data, any(packet.is_keyframe for packet in packets), size[:2])

    def close(self) -> None:
        """Release the codec."""
        self._context = None

    def _open(self, size: tuple[int, int, int], bitrate: float, rung: Rung) -> VideoCodecContext:
        width, height, fps = size
        context = cast(VideoCodecContext, av.CodecContext.create(self.name, "w"))
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.framerate, context.time_base = fractions.Fraction(fps), fractions.Fraction(1, fps)
        context.thread_count = 1
        context.gop_size = _KEYFRAME_STEPS
        self._setup(context, bitrate, rung)
        self._context, self._size = context, size
        self._rate = self._opened_rate = bitrate
        return context

    def _setup(self, context: VideoCodecContext, bitrate: float, rung: Rung) -> None:
        raise NotImplementedError

    def _must_reopen(self, bitrate: float, now: float) -> bool:
        raise NotImplementedError

    def _retune(self, context: VideoCodecContext, bitrate: float) -> None:
        """Change the rate of an open codec, where it can."""


class X264Encoder(_WheelEncoder):
    """libx264, constrained baseline, live rate."""

    name = "libx264"

    def _setup(self, context: VideoCodecContext, bitrate: float, rung: Rung) -> None:
        # Opened as constant rate at the rung's ceiling: x264 then follows a lowered bit_rate without a key
        # frame, but never above the maxrate of the open. bufsize stays absolute.
        ceiling = int(max(bitrate, min(_MAX_BPS, _X264_CEILING * rung.below)))
        context.bit_rate = ceiling
        context.options = {
            "preset": "veryfast" if rung.height <= 360 else "superfast",
            "tune": "zerolatency",
            "profile": "baseline",
            "maxrate": str(ceiling),
            "bufsize": str(int(bitrate * _X264_BUFFER_S)),
            "x264-params": "scenecut=0",
        }
        context.open()
        context.bit_rate = int(bitrate)

    def _must_reopen(self, bitrate: float, now: float) -> bool:  # noqa: ARG002
        low, high = _X264_REOPEN
        return not low < bitrate / self._opened_rate < high

    def _retune(self, context: VideoCodecContext, bitrate: float) -> None:
        if abs(bitrate / self._rate - 1) > 0.02:
            self._rate = bitrate
            context.bit_rate = int(bitrate)


class Vp8Encoder(_WheelEncoder):
    """libvpx; FFmpeg's wrapper has no live rate: a new rate costs a key frame, so small changes wait."""

    name = "libvpx"

    def _setup(self, context: VideoCodecContext, bitrate: float, rung: Rung) -> None:  # noqa: ARG002
        rate = str(int(bitrate))
        context.bit_rate, context.qmin, context.qmax = int(bitrate), 2, 56
        context.options = {
            "deadline": "realtime",
            "cpu-used": "-8",
            "lag-in-frames": "0",
            "minrate": rate,
            "maxrate": rate,
            "bufsize": str(int(bitrate / 2)),
            "static-thresh": "1",
            "undershoot-pct": "100",
            "overshoot-pct": "10",
        }

    def _must_reopen(self, bitrate: float, now: float) -> bool:
        far = abs(bitrate / self._opened_rate - 1) > _VP8_CHANGE and now - self._last_key > _VP8_PATIENCE_S
        return far or bitrate < _VP8_DROP * self._opened_rate


def open_encoder(codec: str) -> VideoEncoder:
    """Return the software encoder for ``H264`` or ``VP8``."""
    return X264Encoder() if codec.upper() == "H264" else Vp8Encoder()
