"""How much of a camera's pictures is worth sending."""

from __future__ import annotations


def reasonable_bps(width: int, height: int, fps: int) -> int:
    """Return the most that is worth spending on pictures of this size."""
    return max(300_000, min(int(width * height * fps * 0.12), 2_500_000))
