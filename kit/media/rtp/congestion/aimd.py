"""The delay-based rate: up by steps, down to a share of what arrives, steadier near the link's capacity."""

from __future__ import annotations

from math import ceil, inf, sqrt

from kit.media.rtp.congestion.trendline import Usage

BETA = 0.85
_GROWTH_PER_S = 1.08
_HEADROOM, _HEADROOM_BPS = 1.5, 10_000
_MIN_STEP_BPS = 4000.0
_FRAME_RATE, _PACKET_BITS = 30, 9600
_REACTION_S = (0.01, 0.2)


class LinkCapacity:
    """Where overuse began the last times, with its spread (kbit/s inside)."""

    def __init__(self) -> None:
        self.estimate: float | None = None
        self._deviation = 0.4

    def reset(self) -> None:
        """Forget: the link is another."""
        self.estimate = None

    def overused_at(self, bps: float) -> None:
        """Note the throughput at an overuse."""
        sample = bps / 1e3
        self.estimate = sample if self.estimate is None else 0.95 * self.estimate + 0.05 * sample
        error = self.estimate - sample
        self._deviation = min(
            2.5, max(0.4, 0.95 * self._deviation + 0.05 * error**2 / max(self.estimate, 1.0))
        )

    @property
    def upper(self) -> float:
        """Rates above this mean that the link is another."""
        return inf if self.estimate is None else (self.estimate + self._margin) * 1e3

    @property
    def lower(self) -> float:
        """Rates below this mean that the link is another."""
        return 0.0 if self.estimate is None else max(0.0, self.estimate - self._margin) * 1e3

    @property
    def _margin(self) -> float:
        return 3 * sqrt(self._deviation * (self.estimate or 0.0))


class Aimd:
    """Additive increase, multiplicative decrease."""

    def __init__(self, start: float, floor: float, ceiling: float) -> None:
        self.rate = start
        self.round_trip = 0.2
        self.capacity = LinkCapacity()
        self._floor, self._ceiling = floor, ceiling
        self._changed: float | None = None
        self._increasing = False

    def set(self, rate: float, now: float) -> None:
        """Jump to a rate that was measured otherwise."""
        self.rate = min(self._ceiling, max(self._floor, rate))
        self._changed = now

    def may_decrease(self, now: float, throughput: float | None) -> bool:
        """Once per round trip, or at once when far too fast."""
        if self._changed is None:
            return True
        low, high = _REACTION_S
        waited = now - self._changed >= min(high, max(low, self.round_trip))
        return waited or (throughput is not None and throughput < 0.5 * self.rate)

    def decrease(self, throughput: float, now: float) -> None:
        """React to overuse."""
        rate = BETA * throughput
        if rate > self.rate and self.capacity.estimate is not None:
            rate = BETA * self.capacity.estimate * 1e3
        if throughput < self.capacity.lower:
            self.capacity.reset()
        self.capacity.overused_at(throughput)
        self._increasing = False
        self.set(min(self.rate, rate), now)

    def update(self, usage: Usage, throughput: float | None, now: float) -> None:
        """Go on without overuse: hold while the queue drains, else increase."""
        if usage is Usage.UNDER:
            self._increasing = False
            return
        if not self._increasing:
            self._increasing, self._changed = True, now
        self._increase(self.rate if throughput is None else throughput, now)

    def _increase(self, throughput: float, now: float) -> None:
        if throughput > self.capacity.upper:
            self.capacity.reset()
        limit = _HEADROOM * throughput + _HEADROOM_BPS
        seconds = min(now - (now if self._changed is None else self._changed), 1.0)
        self._changed = now
        if self.rate >= limit:
            return
        if self.capacity.estimate is None:
            step = max(1000.0 * seconds, self.rate * (_GROWTH_PER_S**seconds - 1))
        else:
            step = self._near_capacity() * seconds
        self.rate = min(self._ceiling, max(self._floor, min(self.rate + step, limit)))

    def _near_capacity(self) -> float:
        """About one packet for each response time, in bit/s per second."""
        frame = self.rate / _FRAME_RATE
        packet = frame / max(1, ceil(frame / _PACKET_BITS))
        return max(_MIN_STEP_BPS, packet / (2 * (self.round_trip + 0.1)))
