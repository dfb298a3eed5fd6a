"""Encoders that cost little and follow the bit rate without a new key frame, in place of aiortc's own.

CPU seconds per second of 720p30: aiortc's x264 0.48–0.86, x264 ultrafast 0.06–0.09. The packetizers are
aiortc's private ones; the seam is the name ``get_encoder`` that ``aiortc.rtcrtpsender`` imported.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any, cast

import aiortc.rtcrtpsender
import av
import numpy as np
from aiortc.codecs import get_encoder
from aiortc.codecs.base import Encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from kit.media.level import RATE

FLOOR_BPS = 80_000
START_BPS = 600_000
_TIME_BASE = Fraction(1, 30)
_KEY_EVERY = 900
"""Pictures. Whoever lacks a key frame asks for one (RTCP PLI)."""
_VBV_S = 0.4
_VPX_STEP = 0.25
"""libvpx has no live rate in FFmpeg: it is opened anew, with a key frame, when the target moved this far."""
VOICE_BPS = 32_000
_EXPECTED_LOSS_PERCENT = 10

NAMES = {"H264": "libx264", "VP8": "libvpx"}


class Ceiling:
    """How much video may be sent, in bit/s; the room's answer lowers it."""

    def __init__(self, bps: int) -> None:
        self.most = bps
        self.bps = bps

    def lower_to(self, bps: int | None) -> None:
        """Set what this room allows; None is no limit but the kit's own."""
        self.bps = self.most if bps is None else max(min(bps, self.most), FLOOR_BPS)


class VideoEncoder(Encoder):
    """H.264 (x264) or VP8 (libvpx) of whatever size the pictures have; runs in a thread of aiortc's."""

    def __init__(self, codec: str, ceiling: Ceiling) -> None:
        """``codec`` is ``H264`` or ``VP8``."""
        self._codec = codec
        self._ceiling = ceiling
        self._target = min(START_BPS, ceiling.bps)
        self._context: VideoCodecContext | None = None
        self._set_bps = 0
        self._count = 0
        self._picture_id = random.randrange(1 << 15)  # noqa: S311

    @property
    def target_bitrate(self) -> int:
        """Bits per second; aiortc sets what the receiver reports (REMB)."""
        return min(self._target, self._ceiling.bps)

    @target_bitrate.setter
    def target_bitrate(self, bps: int) -> None:
        self._target = max(bps, FLOOR_BPS)

    def encode(self, frame: Any, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Return the RTP payloads of a yuv420p picture and its RTP time (90 kHz)."""
        picture = cast(av.VideoFrame, frame)
        timestamp = convert_timebase(picture.pts or 0, picture.time_base or VIDEO_TIME_BASE, VIDEO_TIME_BASE)
        context = self._fitting(picture.width, picture.height)
        picture.pts, picture.time_base = self._count, _TIME_BASE
        self._count += 1
        picture.pict_type = PictureType.I if force_keyframe else PictureType.NONE
        data = b"".join(bytes(packet) for packet in context.encode(picture))
        return self._payloads(data), timestamp

    def pack(self, packet: Any) -> tuple[list[bytes], int]:
        """Tracks of the engine give pictures, never packets."""
        raise NotImplementedError

    def _payloads(self, data: bytes) -> list[bytes]:
        if not data:
            return []
        if self._codec == "H264":
            return list(H264Encoder._packetize(H264Encoder._split_bitstream(data)))
        self._picture_id = (self._picture_id + 1) % (1 << 15)
        return list(Vp8Encoder._packetize(data, self._picture_id))

    def _fitting(self, width: int, height: int) -> VideoCodecContext:
        target = self.target_bitrate
        context = self._context
        if context is None or (context.width, context.height) != (width, height):
            return self._opened(width, height, target)
        if target != self._set_bps:
            if self._codec == "H264":
                context.bit_rate = self._set_bps = target
            elif abs(target / self._set_bps - 1) > _VPX_STEP:
                return self._opened(width, height, target)
        return context

    def _opened(self, width: int, height: int, target: int) -> VideoCodecContext:
        context = cast(VideoCodecContext, av.CodecContext.create(NAMES[self._codec], "w"))
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.framerate, context.time_base = 1 / _TIME_BASE, _TIME_BASE
        context.thread_count = 1
        if self._codec == "H264":
            # x264 follows a lowered bit_rate live, but never above the maxrate that it was opened with.
            context.bit_rate = self._ceiling.most
            context.options = _x264_options(self._ceiling.most)
            context.open()
            context.bit_rate = target
        else:
            context.bit_rate, context.gop_size, context.qmin, context.qmax = target, _KEY_EVERY, 2, 56
            context.options = _vpx_options(target)
        self._context, self._set_bps = context, target
        return context


class VoiceEncoder(Encoder):
    """Opus for one voice: mono, 32 kbit/s, with in-band FEC. Takes 20 ms of 48 kHz s16 mono."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "w")
        context.format, context.layout, context.sample_rate = "s16", "mono", RATE
        context.bit_rate, context.time_base = VOICE_BPS, Fraction(1, RATE)
        context.options = {"application": "voip", "fec": "1", "packet_loss": str(_EXPECTED_LOSS_PERCENT)}
        self._context = context

    def encode(self, frame: Any, force_keyframe: bool = False) -> tuple[list[bytes], int]:  # noqa: ARG002
        """Return one payload and its RTP time (48 kHz)."""
        sound = cast(av.AudioFrame, frame)
        return [bytes(packet) for packet in self._context.encode(sound)], sound.pts or 0

    def pack(self, packet: Any) -> tuple[list[bytes], int]:
        """Tracks of the engine give sound, never packets."""
        raise NotImplementedError


def install(ceiling: Ceiling) -> None:
    """Let every aiortc sender of this process encode with these. May be called again."""

    def chosen(codec: RTCRtpCodecParameters) -> Encoder:
        name = codec.name.upper()
        if name in NAMES:
            return VideoEncoder(name, ceiling)
        return VoiceEncoder() if name == "OPUS" else get_encoder(codec)

    setattr(aiortc.rtcrtpsender, "get_encoder", chosen)  # noqa: B010 - the module only imports the name


def probe(width: int, height: int) -> str:
    """Encode a picture and return the encoder's name, or nothing: one that opens may still not encode."""
    picture = av.VideoFrame.from_ndarray(np.full((height * 3 // 2, width), 90, np.uint8), format="yuv420p")
    picture.pts, picture.time_base = 0, VIDEO_TIME_BASE
    try:
        payloads, _ = VideoEncoder("H264", Ceiling(START_BPS)).encode(picture, force_keyframe=True)
    except (av.FFmpegError, ValueError):
        return ""
    return "x264 ultrafast" if payloads else ""


def reasonable_bps(width: int, height: int, fps: int) -> int:
    """Return the most that is worth spending on pictures of this size."""
    return max(300_000, min(int(width * height * fps * 0.12), 2_500_000))


def _x264_options(most_bps: int) -> dict[str, str]:
    return {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "level": "31",
        "maxrate": str(most_bps),
        "bufsize": str(int(most_bps * _VBV_S)),
        "g": str(_KEY_EVERY),
        "x264-params": "scenecut=0",
    }


def _vpx_options(bps: int) -> dict[str, str]:
    return {
        "deadline": "realtime",
        "cpu-used": "-12",
        "lag-in-frames": "0",
        "minrate": str(bps),
        "maxrate": str(bps),
        "bufsize": str(int(bps * _VBV_S)),
        "static-thresh": "1",
        "undershoot-pct": "100",
        "overshoot-pct": "15",
    }
