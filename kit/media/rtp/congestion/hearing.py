"""How well the other side's reports come through the way back, which may be worse than the way there.

Each feedback message carries a count (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1): steps in it
tell silence of the other side, which received nothing, from reports that were sent and lost.
"""

from __future__ import annotations

from math import log

_SMOOTHING = 0.1
_USUAL_PERIOD_S, _RARELY_S, _MAX_PERIOD_S = 0.1, 0.15, 0.5
_FEW, _MOST = 0.1, 0.95
"""Shares of lost reports: fewer change nothing, and more than the most cannot be told from silence."""
_LONGER = 0.05
"""Share of pauses that are longer than expected."""
_MAX_PAUSE_S = 3.0


class Hearing:
    """Give it each report; read :attr:`pause_s`."""

    def __init__(self) -> None:
        self.period_s = _USUAL_PERIOD_S
        """Between two reports as they are sent."""
        self.lost = 0.0
        """Share of reports that do not come, over the last ten or so."""
        self._last: float | None = None

    def on_report(self, now: float, missed: int) -> float:
        """Take in a report and how many were lost before it; return seconds of true silence before it."""
        before, self._last = self._last, now
        self.lost = (1 - (1 - self.lost) * (1 - _SMOOTHING) ** missed) * (1 - _SMOOTHING)
        if before is None:
            return 0.0
        period = (now - before) / (missed + 1)
        if period < _MAX_PERIOD_S:
            self.period_s += _SMOOTHING * (period - self.period_s)
        return now - before - missed * min(_MAX_PERIOD_S, max(period, self.period_s))

    def on_stall(self, now: float) -> None:
        """This machine stood still: until now, what it did not hear says nothing."""
        self._last = now

    @property
    def apart(self) -> bool:
        """Whether the way back tells nothing of ours: reports are lost there, or a server sends them, rarely.

        A peer lowers what it sends when its way narrows, and radio narrows both; a server forwards on.
        """
        return self.lost > _FEW or self.period_s > _RARELY_S

    @property
    def pause_s(self) -> float:
        """How much longer than usual all but one in twenty pauses between reports are."""
        expected = self.period_s
        if self.lost > _FEW:
            expected *= max(1.0, log(_LONGER) / log(min(_MOST, self.lost)))
        return min(_MAX_PAUSE_S, max(0.0, expected - _USUAL_PERIOD_S))
