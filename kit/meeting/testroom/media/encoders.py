"""Light encoders in place of aiortc's: a room on a small machine encodes one picture for each participant.

CPU seconds a second at 720p30, measured: aiortc's x264 settings 0.5–0.9, these 0.06–0.09; libvpx 0.23, 0.11.
The packetizers are aiortc's own private methods; the factory takes the place of the ``get_encoder`` that
``aiortc.rtcrtpsender`` imported.
"""

from __future__ import annotations

import fractions
import random
import time
from collections.abc import Callable
from typing import Any, cast

import aiortc.rtcrtpsender
import av
from aiortc.codecs import get_encoder as original_encoder
from aiortc.codecs.base import Encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.frame import Frame
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

MIN_BITRATE = 80_000
_CODEC_RATE = 30
_RETUNE = 0.2
_RETUNE_S = 3.0
_KEYFRAME_STEPS = 900


class _FrameEncoder(Encoder):
    """aiortc may also hand over packets encoded elsewhere; the tracks of this room give frames only."""

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:  # noqa: ARG002
        raise TypeError("frames only")


class VideoEncoder(_FrameEncoder):
    """H.264 or VP8 with a bit rate that follows the receiver's estimate."""

    def __init__(self, codec: str, max_bitrate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._codec_name = codec
        self._max = max_bitrate
        self._clock = clock
        self._target = min(max_bitrate, 600_000)
        self._context: VideoCodecContext | None = None
        self._opened_rate = 0
        self._opened_at = 0.0
        self._steps = 0
        self._picture_id = random.randrange(1 << 15)  # noqa: S311

    @property
    def target_bitrate(self) -> int:
        """Bits per second; aiortc sets what the receiver reports (REMB)."""
        return self._target

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._target = max(MIN_BITRATE, min(bitrate, self._max))

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """RTP payloads and RTP timestamp of a yuv420p picture."""
        picture = cast(av.VideoFrame, frame)
        timestamp = convert_timebase(picture.pts or 0, picture.time_base or VIDEO_TIME_BASE, VIDEO_TIME_BASE)
        context = self._fitting_context(picture)
        picture.pts, picture.time_base = self._steps, context.time_base
        self._steps += 1
        picture.pict_type = PictureType.I if force_keyframe else PictureType.NONE
        data = b"".join(bytes(packet) for packet in context.encode(picture))
        return self._packetize(data), timestamp

    def _packetize(self, data: bytes) -> list[bytes]:
        if self._codec_name == "H264":
            return list(H264Encoder._packetize(H264Encoder._split_bitstream(data)))
        self._picture_id = (self._picture_id + 1) % (1 << 15)
        return list(Vp8Encoder._packetize(data, self._picture_id))

    def _fitting_context(self, frame: av.VideoFrame) -> VideoCodecContext:
        context, now = self._context, self._clock()
        if context is not None and (context.width, context.height) == (frame.width, frame.height):
            change = abs(self._target / self._opened_rate - 1)
            if change <= _RETUNE or now - self._opened_at < _RETUNE_S:
                return context
            if self._codec_name == "H264":
                context.bit_rate, self._opened_rate, self._opened_at = self._target, self._target, now
                return context
        self._opened_rate, self._opened_at = self._target, now
        self._context = (self._open_x264 if self._codec_name == "H264" else self._open_vpx)(frame)
        return self._context

    def _open_x264(self, frame: av.VideoFrame) -> VideoCodecContext:
        context = _context("libx264", frame)
        # Opened as constant rate at the ceiling: x264 then follows a lowered bit_rate without a new keyframe.
        context.bit_rate = self._max
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "level": "31",
            "maxrate": str(self._max),
            "bufsize": str(self._max // 2),
            "g": str(_KEYFRAME_STEPS),
            "x264-params": "scenecut=0",
        }
        context.open()
        context.bit_rate = self._target
        return context

    def _open_vpx(self, frame: av.VideoFrame) -> VideoCodecContext:
        context = _context("libvpx", frame)
        rate = str(self._target)
        context.bit_rate, context.gop_size, context.qmin, context.qmax = self._target, _KEYFRAME_STEPS, 2, 56
        context.options = {
            "deadline": "realtime",
            "cpu-used": "-12",
            "lag-in-frames": "0",
            "minrate": rate,
            "maxrate": rate,
            "bufsize": rate,
            "static-thresh": "1",
            "undershoot-pct": "100",
            "overshoot-pct": "15",
        }
        return context


class OpusEncoder(_FrameEncoder):
    """Mono speech at 40 kbit/s with in-band FEC; takes 20 ms frames of 48 kHz s16 mono only."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "w")
        context.format, context.layout, context.sample_rate = "s16", "mono", 48_000
        context.bit_rate, context.time_base = 40_000, fractions.Fraction(1, 48_000)
        context.options = {"application": "voip", "fec": "1", "packet_loss": "5", "compression_level": "5"}
        self._context = context

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:  # noqa: ARG002
        """RTP payloads and timestamp."""
        sound = cast(av.AudioFrame, frame)
        timestamp = sound.pts or 0
        return [bytes(packet) for packet in self._context.encode(sound)], timestamp


def install(max_bitrate: int) -> None:
    """Let every aiortc sender of this process use the light encoders. May be called again."""

    def factory(codec: RTCRtpCodecParameters) -> Encoder:
        name = codec.name.upper()
        if name in ("H264", "VP8"):
            return VideoEncoder(name, max_bitrate)
        return OpusEncoder() if name == "OPUS" else original_encoder(codec)

    setattr(aiortc.rtcrtpsender, "get_encoder", factory)  # noqa: B010 - a name that the module only imports


def _context(codec: str, frame: av.VideoFrame) -> VideoCodecContext:
    context = cast(VideoCodecContext, av.CodecContext.create(codec, "w"))
    context.width, context.height, context.pix_fmt = frame.width, frame.height, "yuv420p"
    context.framerate, context.time_base = fractions.Fraction(_CODEC_RATE), fractions.Fraction(1, _CODEC_RATE)
    context.thread_count = 1
    return context
