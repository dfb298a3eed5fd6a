"""How long packets wait on the way, how much that varies, and whether the link has become far slower."""

from __future__ import annotations

import itertools
from collections import deque
from typing import NamedTuple

_MEMORY_S = 30.0
_SMOOTHING = 0.9
_NOISE_SMOOTHING = 0.98
_SPAN_S, _MIN_SPAN_S, _MIN_PACKETS, _MAX_PACKETS = 0.15, 0.08, 4, 1000
_HELD_UP = 0.7
_ONE_GAP = 0.7


class QueueingDelay:
    """One-way delay above the lowest of the last half minute, in seconds; the clocks need not agree."""

    def __init__(self) -> None:
        self.smoothed = 0.0
        self.latest = 0.0
        self.noise = 0.0
        """Mean change from packet to packet of different moments: what jitter alone does."""
        self._lowest: deque[list[float]] = deque()
        """Of each second, with when it began."""
        self._base = float("inf")
        """The lowest of them all."""
        self._last_one_way: float | None = None

    def add(self, now: float, one_way: float) -> None:
        """Take in one packet's one-way delay, with any offset."""
        if not self._lowest or now - self._lowest[-1][0] > 1.0:
            self._lowest.append([now, one_way])
        elif one_way < self._lowest[-1][1]:
            self._lowest[-1][1] = one_way
        self._base = min(self._base, one_way)
        while now - self._lowest[0][0] > _MEMORY_S:
            self._lowest.popleft()
            self._base = min(lowest for _, lowest in self._lowest)
        self.latest = one_way - self._base
        self.smoothed = _SMOOTHING * self.smoothed + (1 - _SMOOTHING) * self.latest
        if self._last_one_way is not None:
            change = min(0.1, abs(one_way - self._last_one_way))
            self.noise = _NOISE_SMOOTHING * self.noise + (1 - _NOISE_SMOOTHING) * change
        self._last_one_way = one_way


class _Passed(NamedTuple):
    sent: float
    arrival: float
    size: int


class Slowdown:
    """Compares the spans in which the last packets were sent and arrived."""

    def __init__(self) -> None:
        self._passed: deque[_Passed] = deque(maxlen=_MAX_PACKETS)

    def add(self, sent: float, arrival: float, size: int) -> None:
        """Take in one packet, in the order of sending."""
        self._passed.append(_Passed(sent, arrival, size))
        while abs(arrival - self._passed[0].arrival) > _SPAN_S:
            self._passed.popleft()

    def reset(self) -> None:
        """Forget."""
        self._passed.clear()

    def just_now(self) -> tuple[float, float] | None:
        """The bit/s of the last packets alone, and the longest gap between two as a share of their span.

        None when they were not held up: then their rate is the sender's, not the link's.
        """
        if len(self._passed) < _MIN_PACKETS:
            return None
        last = list(self._passed)[-_MIN_PACKETS:]
        span = last[-1].arrival - last[0].arrival
        if span <= 0 or last[-1].sent - last[0].sent > _HELD_UP * span:
            return None
        gaps = [after.arrival - before.arrival for before, after in itertools.pairwise(last)]
        return sum(passed.size for passed in last[1:]) * 8 / span, max(gaps) / span

    def one_gap(self) -> bool:
        """Whether one gap is most of the time in which the last packets arrived.

        Out of a slow link they come one by one; a machine that stood still, here or there, takes all at once.
        """
        arrivals = sorted(passed.arrival for passed in self._passed)
        gaps = [after - before for before, after in itertools.pairwise(arrivals)]
        return bool(gaps) and max(gaps) > _ONE_GAP * (arrivals[-1] - arrivals[0])

    def measure(self) -> tuple[float, float] | None:
        """How many times longer the arriving took than the sending, and the bit/s that arrived."""
        if len(self._passed) < _MIN_PACKETS:
            return None
        first, last = self._passed[0], self._passed[-1]
        sending, arriving = last.sent - first.sent, last.arrival - first.arrival
        if arriving < _MIN_SPAN_S:
            return None
        size = sum(passed.size for passed in self._passed) - first.size
        return arriving / max(sending, 0.001), size * 8 / arriving
