"""What is measured: the kit's encoders that open here, and as peers aiortc's own and Chromium's VP8."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder as AiortcVp8Encoder

from bench.encoding import clips
from bench.encoding.measure import Subject
from kit.media.encoders import libvpx
from kit.media.encoders.child import STAND_IN, ChildEncoder
from kit.media.encoders.interface import EncoderFailed, VideoEncoder
from kit.media.encoders.kinds import KINDS
from kit.media.encoders.ladder import CAMERA, Rung
from kit.media.encoders.probe import probe
from kit.media.rtp.codecs import h264, vp8

Make = Callable[[int, int], Subject]
"""Takes height and bit/s."""


def ours() -> Iterator[tuple[str, Make]]:
    """Each kind that works on this machine, and why the others do not."""
    for codec, kinds in KINDS.items():
        for kind in kinds:
            try:
                probe(kind.make, codec, clips.WIDTH, clips.HEIGHT)
            except EncoderFailed as failed:
                print(f"  {kind.name}: not on this machine ({failed.code})")
                continue
            yield kind.name, partial(_kit, kind.name, codec, kind.make)
    yield "ffmpeg_libx264", partial(_kit, "ffmpeg_libx264", "H264", partial(ChildEncoder, STAND_IN))


def peers() -> dict[str, tuple[tuple[str, Make], ...]]:
    """Whom the kit's encoders of a codec are measured against."""
    return {
        "H264": (("aiortc H.264", partial(_aiortc, "H264")), ("Chromium-like VP8", _chromium)),
        "VP8": (("aiortc VP8", partial(_aiortc, "VP8")), ("Chromium-like VP8", _chromium)),
    }


def _kit(name: str, codec: str, make: Callable[[], VideoEncoder], height: int, _bps: int) -> Subject:
    encoder = make()
    rung = next(rung for rung in CAMERA if rung.height == height)

    def encode(picture: av.VideoFrame, number: int, bps: int) -> bytes:
        return encoder.encode(picture, Rung(*rung), bps, number / clips.FPS, keyframe=False).data

    return Subject(name, codec, encode, encoder.cpu_elsewhere_s, encoder.close)


def _aiortc(codec: str, _height: int, bps: int) -> Subject:
    encoder: Any = H264Encoder() if codec == "H264" else AiortcVp8Encoder()
    encoder.target_bitrate = bps
    module: Any = h264 if codec == "H264" else vp8

    def encode(picture: av.VideoFrame, number: int, _: int) -> bytes:
        picture.pts, picture.time_base = number * 3000, Fraction(1, 90_000)
        payloads, _time = encoder.encode(picture, False)
        return b"".join(map(module.depacketize, payloads))

    return Subject(f"aiortc {codec}", codec, encode, _nothing_elsewhere, _nothing)


def _chromium(height: int, bps: int) -> Subject:
    """libvpx as libwebrtc sets it up on a desktop: speed -6, denoiser off, one thread, pictures dropped."""
    config = libvpx.default_config()
    config.width, config.height, config.threads = clips.WIDTH * height // clips.HEIGHT, height, 1
    config.time_num, config.time_den, config.lag_in_frames, config.drop_threshold = 1, clips.FPS, 0, 30
    config.end_usage, config.target_kbps = libvpx.CBR, bps // 1000
    config.min_quantizer, config.max_quantizer = 2, 56
    config.undershoot_percent, config.overshoot_percent = 100, 15
    config.buffer_ms, config.buffer_initial_ms, config.buffer_optimal_ms = 1000, 500, 600
    config.keyframe_mode = 0
    context = libvpx.Vp8Context(config)
    context.control(libvpx.SET_CPU_USED, -6)
    context.control(libvpx.SET_STATIC_THRESHOLD, 1)
    context.control(libvpx.SET_MAX_INTRA_PERCENT, 900)

    def encode(picture: av.VideoFrame, number: int, _: int) -> bytes:
        return context.encode(picture, number, 0)[0]

    return Subject("Chromium-like VP8", "VP8", encode, _nothing_elsewhere, context.close)


def _nothing_elsewhere() -> float:
    return 0.0


def _nothing() -> None:
    """There is nothing to close."""
