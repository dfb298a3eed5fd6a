"""How far the machine lets the ladder climb: too little processor time, or heat, lowers the highest rung.

Pure: time, processor use and warmth are told. Haste downwards, patience upwards, and more of it each time the
way up has failed.
"""

from __future__ import annotations

from kit.hw.thermal import Warmth

_BUSY_FRAME, _CALM_FRAME = 0.8, 0.6
"""Encode time as a share of the time between two pictures."""
_BUSY_CPU = 0.92
"""Processor time of this process as a share of all processors."""
_DOWN_AFTER_S = 2.0
_HOT_STEP_S = 15.0
_REST_S, _MOST_REST_S = 10.0, 240.0
_LAPSE_S = 20.0
"""Strain so soon after a step up means that the step was wrong."""


class Governor:
    """Keeps the highest rung that may be used, as an index."""

    def __init__(self, top: int) -> None:
        """``top`` is the ladder's highest rung."""
        self._top = self.highest = top
        self._at = top
        self._warmth = Warmth.NO_SENSOR
        self._cpu = 0.0
        self._busy_since: float | None = None
        self._strained_at = float("-inf")
        self._cooled_at = float("-inf")
        self._raised_at = float("-inf")
        self._rest = _REST_S

    def on_machine(self, warmth: Warmth, cpu_share: float, now: float) -> None:
        """Take a look at the machine: its warmth, and this process's share of all processors (0 to 1)."""
        self._warmth, self._cpu = warmth, cpu_share
        if warmth is Warmth.CRITICAL:
            self.highest = 0
        if warmth in (Warmth.HOT, Warmth.CRITICAL):
            self._strained_at = now
            # Metal answers slowly: each step gets time to show.
            if warmth is Warmth.HOT and now - self._cooled_at > _HOT_STEP_S:
                self._cooled_at = now
                self._lower(now)

    def on_encoded(self, frame_share: float, at: int, now: float) -> None:
        """Take how long a picture at rung ``at`` was encoded, as a share of the time between two pictures."""
        self._at = at
        if frame_share > _BUSY_FRAME or self._cpu > _BUSY_CPU:
            self._strained_at = now
            self._busy_since = now if self._busy_since is None else self._busy_since
            if now - self._busy_since > _DOWN_AFTER_S:
                self._busy_since = None
                self._lower(now)
            return
        self._busy_since = None
        if frame_share > _CALM_FRAME:
            # Enough time for this rung, not for a larger one.
            self._strained_at = now
        self._raise_when_rested(now)

    def _lower(self, now: float) -> None:
        lapsed = now - self._raised_at < _LAPSE_S
        self._rest = min(_MOST_REST_S, 2 * self._rest) if lapsed else self._rest
        # Counted from the rung in use: taking off rungs that the link does not allow would help nobody.
        self.highest = max(0, min(self.highest, self._at) - 1)

    def _raise_when_rested(self, now: float) -> None:
        if self.highest < self._top and now - max(self._strained_at, self._raised_at) > self._rest:
            self.highest += 1
            self._raised_at = now
        elif self.highest == self._top and now - self._raised_at > _MOST_REST_S:
            self._rest = _REST_S
