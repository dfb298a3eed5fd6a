"""Overuse detection: the slope of the accumulated one-way delay, against a threshold that adapts."""

from __future__ import annotations

from collections import deque
from enum import Enum

from kit.media.rtp.congestion.groups import Spacing


class Usage(Enum):
    """What the delay's slope says of the link."""

    NORMAL = "normal"
    OVER = "over"
    UNDER = "under"


_WINDOW = 20
_SMOOTHING = 0.9
_GAIN = 4.0
_MAX_DELTAS = 60
_K_UP, _K_DOWN = 0.0087, 0.039
_OVERUSE_MS = 10.0
_THRESHOLD_MS = 12.5
_THRESHOLD_RANGE = (6.0, 600.0)
_SPIKE_MS = 15.0
_MAX_STEP_MS = 100.0


class Trendline:
    """Least squares over the last 20 groups; milliseconds inside."""

    def __init__(self) -> None:
        self.usage = Usage.NORMAL
        self.trend = 0.0
        self.threshold = _THRESHOLD_MS
        self._points: deque[tuple[float, float]] = deque(maxlen=_WINDOW)
        self._count = 0
        self._accumulated = self._smoothed = self._slope = 0.0
        self._origin: float | None = None
        self._last_arrival_ms = 0.0
        self._over_ms = -1.0
        self._over_count = 0

    def update(self, spacing: Spacing, arrival: float) -> Usage:
        """Take in the spacing that ended at ``arrival`` (seconds of the receiver's clock)."""
        sent_ms, arrived_ms = spacing.sent * 1e3, spacing.arrived * 1e3
        if self._origin is None:
            self._origin = arrival
        arrival_ms = (arrival - self._origin) * 1e3
        self._count += 1
        self._accumulated += arrived_ms - sent_ms
        self._smoothed = _SMOOTHING * self._smoothed + (1 - _SMOOTHING) * self._accumulated
        self._points.append((arrival_ms, self._smoothed))
        slope = _least_squares(self._points) if len(self._points) == _WINDOW else None
        slope = self._slope if slope is None else slope
        if self._count >= 2:
            self._detect(slope, sent_ms)
            self._adapt(arrival_ms)
        self._slope = slope
        return self.usage

    def _detect(self, slope: float, sent_ms: float) -> None:
        self.trend = min(self._count, _MAX_DELTAS) * slope * _GAIN
        if self.trend <= self.threshold:
            self._over_ms, self._over_count = -1.0, 0
            self.usage = Usage.UNDER if self.trend < -self.threshold else Usage.NORMAL
            return
        self._over_ms = sent_ms / 2 if self._over_ms < 0 else self._over_ms + sent_ms
        self._over_count += 1
        if self._over_ms > _OVERUSE_MS and self._over_count > 1 and slope >= self._slope:
            self._over_ms, self._over_count = 0.0, 0
            self.usage = Usage.OVER

    def _adapt(self, arrival_ms: float) -> None:
        size = abs(self.trend)
        if size <= self.threshold + _SPIKE_MS:
            gain = _K_DOWN if size < self.threshold else _K_UP
            step = min(max(arrival_ms - self._last_arrival_ms, 0.0), _MAX_STEP_MS)
            low, high = _THRESHOLD_RANGE
            self.threshold = min(high, max(low, self.threshold + gain * (size - self.threshold) * step))
        self._last_arrival_ms = arrival_ms


def _least_squares(points: deque[tuple[float, float]]) -> float | None:
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else None
