"""Which encoder works on this machine, and how much of its work is worth sending."""

from __future__ import annotations

import time

import av
import numpy as np

from kit.media.rtp.codecs.video import open_encoder
from kit.media.rtp.ladder import CAMERA

_PROBE_BPS = 600_000


def probe(width: int, height: int) -> str:
    """Encode a picture and return the encoder's name, or nothing: one that opens may still not encode."""
    picture = av.VideoFrame.from_ndarray(np.full((height * 3 // 2, width), 90, np.uint8), format="yuv420p")
    try:
        encoder = open_encoder("H264")
        encoded = encoder.encode(picture, CAMERA[-1], _PROBE_BPS, time.monotonic(), keyframe=True)
    except (av.FFmpegError, ValueError, ZeroDivisionError):
        return ""
    encoder.close()
    return encoder.name if encoded.data else ""


def reasonable_bps(width: int, height: int, fps: int) -> int:
    """Return the most that is worth spending on pictures of this size."""
    return max(300_000, min(int(width * height * fps * 0.12), 2_500_000))
