"""How long packets wait on the way: one-way delay above the lowest of the last half minute."""

from __future__ import annotations

from collections import deque

_MEMORY_S = 30.0
_SMOOTHING = 0.9


class QueueingDelay:
    """Seconds; the clocks of both ends need not agree, drift beyond 30 s is forgotten."""

    def __init__(self) -> None:
        self.smoothed = 0.0
        self.latest = 0.0
        self._lowest: deque[list[float]] = deque()

    def add(self, now: float, one_way: float) -> None:
        """Take in one packet's one-way delay, with any offset."""
        if not self._lowest or now - self._lowest[-1][0] > 1.0:
            self._lowest.append([now, one_way])
        elif one_way < self._lowest[-1][1]:
            self._lowest[-1][1] = one_way
        while now - self._lowest[0][0] > _MEMORY_S:
            self._lowest.popleft()
        self.latest = one_way - min(lowest for _, lowest in self._lowest)
        self.smoothed = _SMOOTHING * self.smoothed + (1 - _SMOOTHING) * self.latest
