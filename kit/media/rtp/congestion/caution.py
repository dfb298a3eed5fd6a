"""How much of the estimate to use on a link that falls again and again.

The radio of a moving car or of a cellar gives megabits and, a second later, next to nothing. What is on its
way then waits, sound included, and the other side's buffers stay long for half a minute. Sending less than
the link gives in its good moments costs sharpness; sending all of it costs the conversation.
"""

from __future__ import annotations

from collections import deque

_REMEMBERED_S = 30.0
_ONE_FALL_S = 1.0
_SHARES = (1.0, 0.85, 0.6, 0.5)
"""Of the estimate, by the number of falls that are remembered."""
_ENOUGH_BPS = 400_000
"""Carries faces that move and sound: below it nothing is held back, and probing is worth its queue."""


class Caution:
    """Remembers when the link fell far."""

    def __init__(self) -> None:
        self._falls: deque[float] = deque(maxlen=len(_SHARES))

    def fell(self, now: float) -> None:
        """The estimate has just lost a third or more; what follows within a second is the same fall."""
        if not self._falls or now - self._falls[-1] > _ONE_FALL_S:
            self._falls.append(now)

    def bounded(self, now: float, rate: float) -> float:
        """Return how much of ``rate`` (bit/s) to use."""
        share = _SHARES[min(self._remembered(now), len(_SHARES) - 1)]
        return max(min(rate, _ENOUGH_BPS), share * rate)

    def worth_probing(self, now: float, target: float, *, returned: bool) -> bool:
        """Whether growth (8 % a second) would cost more than the queue of a probe.

        So it is where little is sent, and once after silence (``returned``) on a link that had been well.
        """
        return target < _ENOUGH_BPS or (returned and self._remembered(now) <= 1)

    def _remembered(self, now: float) -> int:
        return sum(now - fall < _REMEMBERED_S for fall in self._falls)
