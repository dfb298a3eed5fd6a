"""Resolution and frame rate for a bit rate, with patience upwards and haste downwards."""

from __future__ import annotations

from typing import NamedTuple

from kit.hw.thermal import Warmth
from kit.media.encoders.governor import Governor


class Rung(NamedTuple):
    """A size, as its shorter side, and a frame rate; good up to ``below`` bit/s."""

    below: float
    height: int
    fps: int
    screen: bool = False
    """Text and drawings: edges matter, motion does not."""
    macroblocks: int = 3600
    """The largest picture that the other side takes; 3600 (1280×720) is H.264's level 3.1 (table A-1)."""


CAMERA = (
    Rung(70_000, 180, 15),
    Rung(120_000, 180, 24),
    Rung(260_000, 270, 30),
    Rung(700_000, 360, 30),
    Rung(1_300_000, 540, 30),
    Rung(float("inf"), 720, 30),
)
SCREEN = (
    Rung(150_000, 540, 2, screen=True),
    Rung(250_000, 720, 3, screen=True),
    Rung(600_000, 1080, 3, screen=True),
    Rung(1_200_000, 1080, 8, screen=True),
    Rung(float("inf"), 1080, 15, screen=True),
)
"""Slides must be read: the frame rate goes down before the size."""
STILL = (Rung(float("inf"), 2160, 3, screen=True),)
"""A still picture goes in full; on a narrow link it gets sharp little by little."""

_UP_AFTER_S, _TWO_UP_AFTER_S = 3.0, 1.0
_DOWN_AFTER_S = 2.0
_UP_MARGIN, _DOWN_MARGIN, _FAR_BELOW = 1.1, 0.9, 0.6


class Ladder:
    """Chooses a rung; a change of size costs a key frame, so small swings do not move it."""

    def __init__(self, rungs: tuple[Rung, ...] = CAMERA) -> None:
        self._rungs = rungs
        self._at: int | None = None
        self._up_since: float | None = None
        self._down_since: float | None = None
        self._governor = Governor(len(rungs) - 1)

    def choose(self, bps: float, now: float) -> Rung:
        """Return the rung for this rate."""
        wanted = min(self._wanted(bps), self._governor.highest)
        if self._at is None or self._may_move(self._at, wanted, bps, now):
            self._at, self._up_since, self._down_since = wanted, None, None
        return self._rungs[self._at]

    def on_encoded(self, seconds: float, now: float) -> None:
        """Tell how long a picture took: a machine too slow goes down before pictures are lost."""
        if self._at is not None:
            self._governor.on_encoded(seconds * self._rungs[self._at].fps, self._at, now)

    def on_machine(self, warmth: Warmth, cpu_share: float, now: float) -> None:
        """Tell how warm the machine is, and this process's share of all its processors (0 to 1)."""
        self._governor.on_machine(warmth, cpu_share, now)

    @property
    def limited_by_machine(self) -> bool:
        """Whether the machine, not the link, holds the rung down."""
        return self._governor.highest < len(self._rungs) - 1

    def _wanted(self, bps: float) -> int:
        """The highest rung for this rate; a higher one than now only where the rate is not at its edge."""
        wanted = next(index for index, rung in enumerate(self._rungs) if bps < rung.below)
        if self._at is not None and wanted > self._at and bps < self._rungs[wanted - 1].below * _UP_MARGIN:
            return wanted - 1
        return wanted

    def _may_move(self, at: int, wanted: int, bps: float, now: float) -> bool:
        if wanted == at:
            self._up_since = self._down_since = None
            return False
        if at > self._governor.highest:
            return True
        if wanted > at:
            self._down_since = None
            self._up_since = now if self._up_since is None else self._up_since
            return now - self._up_since > (_TWO_UP_AFTER_S if wanted > at + 1 else _UP_AFTER_S)
        self._up_since = None
        lower = self._rungs[at - 1].below
        self._down_since = now if self._down_since is None else self._down_since
        return bps < _FAR_BELOW * lower or (
            now - self._down_since > _DOWN_AFTER_S and bps < _DOWN_MARGIN * lower
        )
