"""One encoder, one clip, one rate: what it costs, how near it comes, and how evenly its pictures leave."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import av
import numpy as np

from bench.encoding import clips
from kit.media.encoders.probe import psnr

_WARM_UP_S = 2.0
_COMPARED_EVERY = 7


class Subject(NamedTuple):
    """Something that encodes; ``encode`` takes a picture, its number, and bit/s."""

    name: str
    codec: str
    encode: Callable[[av.VideoFrame, int, int], bytes]
    cpu_elsewhere_s: Callable[[], float]
    close: Callable[[], None]


class Measured(NamedTuple):
    """``cpu``: CPU s per s. ``error``: of the rate, as a share. Sizes are in fair shares (rate / fps)."""

    cpu: float
    psnr_db: float
    error: float
    largest: float
    p95: float
    first: float


def measure(subject: Subject, height: int, bps: int, seconds: float) -> Measured:
    """Encode the camera's clip; cost and likeness are counted after a warm-up."""
    clip = clips.camera(height)
    decoder = av.CodecContext.create("h264" if subject.codec == "H264" else "vp8", "r")
    sizes, likeness, cpu = [], [], 0.0
    warm = int(_WARM_UP_S * clips.FPS)
    for number in range(warm + int(seconds * clips.FPS)):
        picture = clips.frame(clip[number % len(clip)])
        before = time.process_time() + subject.cpu_elsewhere_s()
        data = subject.encode(picture, number, bps)
        if number >= warm:
            cpu += time.process_time() + subject.cpu_elsewhere_s() - before
        sizes.append(len(data) * 8)
        decoded = decoder.decode(av.Packet(data)) if data else []
        if number >= warm and number % _COMPARED_EVERY == 0:
            likeness += [psnr(shown, picture) for shown in decoded]
    fair, late = bps / clips.FPS, np.array(sizes[warm:])
    return Measured(
        cpu=cpu / seconds,
        psnr_db=float(np.mean(likeness)),
        error=float(late.sum() / seconds / bps - 1),
        largest=float(late.max() / fair),
        p95=float(np.percentile(late, 95) / fair),
        first=sizes[0] / fair,
    )
