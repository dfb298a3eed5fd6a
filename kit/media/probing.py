"""How much of a camera's pictures is worth sending."""

from __future__ import annotations


def reasonable_bps(width: int, height: int, fps: int) -> int:
    """Return the most that is worth spending on pictures of this size.

    x264 at 2 Mbit/s shows 720 lines as well as a browser's VP8 at 2.5 (docs/encoders.md); the rest would be
    paid for in mobile data and in processor time.
    """
    return max(300_000, min(int(width * height * fps * 0.12), 2_000_000))
