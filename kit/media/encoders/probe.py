"""Whether an encoder works here: it encodes, and a decoder shows what went in. Blocks for up to some seconds.

A codec that opens proves nothing: the wheel's VAAPI, QSV and V4L2 codecs are there without any hardware.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from msgspec import Struct

from kit.media.encoders.interface import LEVEL_3_1_MACROBLOCKS, Encoded, EncoderFailed, VideoEncoder
from kit.media.encoders.ladder import CAMERA, Rung
from kit.media.encoders.parameters import profile
from kit.media.encoders.scaling import fit

_PICTURES, _ASKED_AT = 12, 6
_BPS = 1_500_000
_LEAST_PSNR_DB = 24.0
_LEVEL_3_1 = 31


class Cost(Struct, frozen=True):
    """What one encoder was measured to take at the size in use."""

    milliseconds: float
    """From picture to bytes, median."""
    cpu: float
    """CPU seconds per second at the highest rung's frame rate, children included."""


def probe(make: Callable[[], VideoEncoder], codec: str, width: int, height: int) -> Cost:
    """Encode pictures of this size as ``H264`` or ``VP8``; :class:`EncoderFailed` tells why not."""
    encoder = make()
    try:
        return _probe(encoder, codec, width, height)
    finally:
        encoder.close()


def _probe(encoder: VideoEncoder, codec: str, width: int, height: int) -> Cost:
    rung = CAMERA[-1]
    pictures = [fit(_picture(width, height, number), rung) for number in range(_PICTURES)]
    decoder = av.CodecContext.create("h264" if codec == "H264" else "vp8", "r")
    walls, shown = [], 0
    cpu = 0.0
    for number, picture in enumerate(pictures):
        wall, before = time.perf_counter(), time.process_time() + encoder.cpu_elsewhere_s()
        asked = number == _ASKED_AT
        encoded = encoder.encode(picture, rung, _BPS, number / rung.fps, keyframe=asked)
        if number:
            walls.append(time.perf_counter() - wall)
            cpu += time.process_time() + encoder.cpu_elsewhere_s() - before
        _check(encoded, codec, must_be_key=number == 0 or asked)
        shown += sum(_same(decoded, encoded.size, picture) for decoded in _decode(decoder, encoded))
    if shown < _PICTURES - 1:
        raise EncoderFailed("pictures_missing")
    wall = statistics.median(walls)
    return Cost(milliseconds=round(wall * 1000, 2), cpu=round(cpu / len(walls) * rung.fps, 4))


def _check(encoded: Encoded, codec: str, *, must_be_key: bool) -> None:
    if not encoded.data:
        raise EncoderFailed("delayed")
    if encoded.keyframe != must_be_key:
        raise EncoderFailed("no_key_frame" if must_be_key else "key_frame_unasked")
    if codec == "H264" and must_be_key:
        found = profile(encoded.data)
        if found is None or not found.constrained_baseline or found.level > _LEVEL_3_1:
            raise EncoderFailed("profile")


def _decode(decoder: VideoCodecContext, encoded: Encoded) -> list[av.VideoFrame]:
    try:
        return decoder.decode(av.Packet(encoded.data))
    except av.FFmpegError:
        raise EncoderFailed("undecodable") from None


def _same(decoded: av.VideoFrame, size: tuple[int, int], wanted: av.VideoFrame) -> bool:
    if (decoded.width, decoded.height) != size:
        raise EncoderFailed("size")
    if size != (wanted.width, wanted.height):
        wanted = fit(wanted, Rung(0, min(size), 30), LEVEL_3_1_MACROBLOCKS)
    if psnr(decoded, wanted) < _LEAST_PSNR_DB:
        raise EncoderFailed("distorted")
    return True


def psnr(one: av.VideoFrame, other: av.VideoFrame) -> float:
    """Likeness of two yuv420p pictures' luma, in dB."""
    lumas = [f.to_ndarray()[: f.height].astype(np.float32) for f in (one, other)]
    error = float(((lumas[0] - lumas[1]) ** 2).mean())
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def _picture(width: int, height: int, number: int) -> av.VideoFrame:
    """Slopes that move, with colour: what a decoder shows cannot be like them by chance."""
    y, x = np.mgrid[0:height, 0:width]
    planes = np.empty((height * 3 // 2, width), np.uint8)
    planes[:height] = 40 + (x // 4 + y // 8 + 6 * number) % 170
    planes[height:] = 100 + (number * 4) % 50
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")
