"""Finds the beeps of generated sound, to the millisecond: for measuring, never in a patient's home. Pure.

The other side beeps at each full second of the wall clock (:mod:`kit.media.timecode`), so a beep's time
minus that second is how late sound is, and against the picture's lateness, lip-sync.
"""

from __future__ import annotations

import numpy as np

from kit.media.level import RATE, Block
from kit.media.timecode import BEEP_HZ

_HOP = RATE // 200
_LOUD = 0.02 * 32768
_PURE = 0.6
"""Share of a hop's amplitude that the tone must have: speech has less at one frequency."""
_HOPS_NEEDED = 5
_QUIET_HOPS = 30
_EDGE = 0.35

_WAVE = np.exp(-2j * np.pi * BEEP_HZ * np.arange(_HOP) / RATE)


class BeepFinder:
    """Feed it consecutive sound with the times of it."""

    def __init__(self) -> None:
        self._in_tone = 0
        self._since_tone = _QUIET_HOPS
        self._onset_ms = 0.0

    def feed(self, block: Block, at_ms: float) -> list[float]:
        """Return the onsets that are certain now; ``at_ms`` is the time of the block's first sample."""
        found = []
        for start in range(0, len(block) - _HOP + 1, _HOP):
            hop = block[start : start + _HOP].astype(np.float64)
            if self._take(hop, at_ms + start * 1000 / RATE):
                found.append(self._onset_ms)
        return found

    def _take(self, hop: np.ndarray[tuple[int], np.dtype[np.float64]], at_ms: float) -> bool:
        strength = 2 * abs(np.dot(hop, _WAVE)) / _HOP
        if strength < _LOUD or strength < _PURE * np.sqrt(2 * np.mean(hop**2)):
            self._since_tone += 1
            self._in_tone = 0
            return False
        if self._in_tone == 0 and self._since_tone >= _QUIET_HOPS:
            self._onset_ms = at_ms + int(np.argmax(np.abs(hop) > _EDGE * strength)) * 1000 / RATE
        fresh = self._since_tone >= _QUIET_HOPS
        self._in_tone += 1
        if fresh and self._in_tone == _HOPS_NEEDED:
            self._since_tone = 0
            return True
        if not fresh:
            self._since_tone = 0
        return False
