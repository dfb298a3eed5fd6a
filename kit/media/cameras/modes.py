"""Which of a camera's modes is used. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

COST = {"YU12": 0.001, "NV12": 0.002, "YUYV": 0.003, "UYVY": 0.003, "MJPG": 0.065}
"""CPU seconds per second of 720p30, from what the driver gives to yuv420p. Other formats are not used."""
_MOST_WIDTH, _MOST_HEIGHT = 3840, 2160
_SMOOTH = 0.8
"""A mode with this share of the wanted rate is smooth enough; below it a smaller picture is better."""


class Mode(NamedTuple):
    """What a camera can give; ``fourcc`` as the kernel names it."""

    fourcc: str
    width: int
    height: int
    fps: float


def best(modes: Iterable[Mode], width: int, height: int, fps: float) -> Mode | None:
    """Return the mode nearest to the wish; None when there is none that can be used.

    Motion goes before size: many USB 2 cameras give 720p at 30 as MJPEG but at 10 as YUYV. Of equal modes
    the one that costs least is taken.
    """

    def merit(mode: Mode) -> tuple[bool, float, float, float]:
        share = mode.width * mode.height / (width * height)
        away = max(share, 1 / share)
        return mode.fps < fps * _SMOOTH, away, abs(mode.fps - fps), COST[mode.fourcc]

    usable = [mode for mode in modes if mode.fourcc in COST and _fits(mode)]
    return min(usable, key=merit, default=None)


def _fits(mode: Mode) -> bool:
    return 0 < mode.width <= _MOST_WIDTH and 0 < mode.height <= _MOST_HEIGHT
