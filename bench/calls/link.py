"""One direction of a bad network, sans-io: packets go in with a time and come out with a later one, or never.

Seconds, bytes and bit/s. A rate of 0 is an outage. A trace is a list of milliseconds at which 1,500 bytes may
cross, and begins again at its end (the form of the Mahimahi emulator).
"""

from __future__ import annotations

import heapq
import itertools
import random
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

OPPORTUNITY_BYTES = 1500
LOWER_LAYERS = 28


class Impairment(NamedTuple):
    """What a direction does to packets."""

    delay_ms: float = 25.0
    jitter_ms: float = 0.0
    """Standard deviation of a normal distribution around the delay; order is kept."""
    reorder: float = 0.0
    """Share of packets that skip the order and the jitter."""
    loss: float = 0.0
    burst: float = 1.0
    """Mean length of a loss in packets (Gilbert–Elliott); 1 is independent loss."""
    rate_kbps: float | None = None
    queue_ms: float = 400.0


def losses(share: float, burst: float, rng: random.Random) -> Iterator[bool]:
    """Yield True for each lost packet: independent, or two-state with a mean burst."""
    bad = False
    leave = 1 / max(1.0, burst)
    enter = min(1.0, share * leave / (1 - share)) if 0 < share < 1 else 0.0
    while True:
        if share >= 1:
            yield True
        elif burst <= 1:
            yield rng.random() < share
        else:
            bad = rng.random() >= leave if bad else rng.random() < enter
            yield bad


def opportunities(trace: Sequence[int], offset_ms: int) -> Iterator[float]:
    """Yield seconds from the start at which a trace lets 1,500 bytes cross, for ever."""
    period = trace[-1]
    start = bisect_left(trace, offset_ms % period)
    for lap in itertools.count():
        for moment in trace[start if lap == 0 else 0 :]:
            yield (lap * period + moment - offset_ms % period) / 1000


class Link(Generic[T]):
    """A queue in front of a bottleneck, then a way with delay."""

    def __init__(self, impairment: Impairment, seed: int, pattern: Iterable[bool] | None = None) -> None:
        self._rng = random.Random(seed)  # noqa: S311
        self._pattern = iter(pattern) if pattern is not None else None
        self._under_way: list[tuple[float, int, T]] = []
        self._waiting: deque[tuple[float, int, T]] = deque()
        self._trace: Iterator[float] | None = None
        self._opportunity = 0.0
        self._credit = 0
        self._count = itertools.count()
        self._free_at = self._last_out = 0.0
        self.dropped = self.lost = 0
        self.change(impairment)

    def change(self, impairment: Impairment) -> None:
        """Become another link from now on."""
        self._now = impairment
        if self._pattern is None or impairment.loss:
            self._pattern = losses(impairment.loss, impairment.burst, self._rng)

    def follow(self, trace: Sequence[int], offset_ms: int, now: float) -> None:
        """Let the trace decide when packets cross."""
        self._trace = (now + moment for moment in opportunities(trace, offset_ms))
        self._opportunity = next(self._trace)

    def offer(self, now: float, size: int, item: T) -> None:
        """Put a packet in; ``size`` is its UDP payload."""
        size += LOWER_LAYERS
        if self._pattern is not None and next(self._pattern, False):
            self.lost += 1
        elif self._now.rate_kbps == 0:
            self.dropped += 1
        elif self._trace is not None:
            self._wait(now, size, item)
        elif self._now.rate_kbps is None:
            self._leave(now, item)
        elif self._free_at - now > self._now.queue_ms / 1000:
            self.dropped += 1
        else:
            self._free_at = max(now, self._free_at) + size * 8 / (self._now.rate_kbps * 1000)
            self._leave(self._free_at, item)

    def due(self, now: float) -> list[T]:
        """Take out what has arrived."""
        self._cross(now)
        out = []
        while self._under_way and self._under_way[0][0] <= now:
            out.append(heapq.heappop(self._under_way)[2])
        return out

    def next_at(self) -> float | None:
        """When something will happen."""
        moments = [self._under_way[0][0]] if self._under_way else []
        if self._waiting:
            moments.append(self._opportunity)
        return min(moments, default=None)

    def _wait(self, now: float, size: int, item: T) -> None:
        self._cross(now)
        if self._waiting and now - self._waiting[0][0] > self._now.queue_ms / 1000:
            self.dropped += 1
            return
        self._waiting.append((now, size, item))

    def _cross(self, now: float) -> None:
        while self._trace is not None and self._opportunity <= now:
            self._credit = min(self._credit, 0) + OPPORTUNITY_BYTES
            while self._waiting and self._credit > 0:
                _, size, item = self._waiting.popleft()
                self._credit -= size
                self._leave(self._opportunity, item)
            self._credit = min(self._credit, 0) if not self._waiting else self._credit
            self._opportunity = next(self._trace)

    def _leave(self, at: float, item: T) -> None:
        delay = self._now.delay_ms
        if self._rng.random() < self._now.reorder:
            out = at + delay / 1000
        else:
            jitter = self._rng.gauss(0, self._now.jitter_ms) if self._now.jitter_ms else 0.0
            out = max(self._last_out, at + max(0.0, delay + jitter) / 1000)
            self._last_out = out
        heapq.heappush(self._under_way, (out, next(self._count), item))
