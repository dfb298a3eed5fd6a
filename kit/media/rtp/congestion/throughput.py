"""How much really arrives: a Bayesian estimate over windows, and the plain rate of the last moments."""

from __future__ import annotations

from collections import deque

_FIRST_WINDOW_S, _WINDOW_S = 0.5, 0.15
_UNCERTAINTY, _UNCERTAINTY_IDLE = 10.0, 20.0
_DRIFT = 5.0
_FIRST_VARIANCE = 50.0
_RECENT_S, _MAX_RECENT = 0.5, 2000


class LastSecond:
    """Bytes that passed within the last second, each noted with its moment."""

    def __init__(self) -> None:
        self._passed: deque[tuple[float, int]] = deque()
        self._bytes = 0

    @property
    def bps(self) -> float:
        """Bit/s, as of the last :meth:`add`."""
        return self._bytes * 8.0

    @property
    def covered_s(self) -> float:
        """From the oldest that is noted to the newest."""
        return self._passed[-1][0] - self._passed[0][0] if self._passed else 0.0

    def add(self, at: float, size: int) -> None:
        """Take in one packet."""
        self._passed.append((at, size))
        self._bytes += size
        while at - self._passed[0][0] > 1.0:
            self._bytes -= self._passed.popleft()[1]

    def reset(self) -> None:
        """Forget."""
        self._passed.clear()
        self._bytes = 0


class Throughput:
    """Acknowledged bytes by their arrival time at the receiver."""

    def __init__(self) -> None:
        self._estimate: float | None = None
        self._variance = _FIRST_VARIANCE
        self._bytes = 0
        self._elapsed = 0.0
        self._last: float | None = None
        self._skipped = False
        self._recent: deque[tuple[float, int]] = deque(maxlen=_MAX_RECENT)

    @property
    def bps(self) -> float | None:
        """None until half a second has arrived."""
        return None if self._estimate is None else self._estimate * 1e3

    def add(self, arrival: float, size: int, *, idle: bool) -> None:
        """Take in one packet; ``idle``: the sender had little to send, so that a low rate says little."""
        self._recent.append((arrival, size))
        while abs(arrival - self._recent[0][0]) > _RECENT_S:
            self._recent.popleft()
        if self._skipped:
            self._skipped, self._last = False, arrival
            return
        sample = self._window(arrival)
        self._bytes += size
        if sample is None:
            return
        if self._estimate is None:
            self._estimate = sample
            return
        scale = _UNCERTAINTY_IDLE if idle and sample < self._estimate else _UNCERTAINTY
        deviation = scale * abs(self._estimate - sample) / max(1e-6, self._estimate)
        spread, prior = deviation**2, self._variance + _DRIFT
        self._estimate = (spread * self._estimate + prior * sample) / (spread + prior)
        self._variance = spread * prior / (spread + prior)

    def _window(self, arrival: float) -> float | None:
        """kbit/s of the window that this arrival ends."""
        window = _FIRST_WINDOW_S if self._estimate is None else _WINDOW_S
        if self._last is not None:
            gap = max(0.0, arrival - self._last)
            self._elapsed += gap
            if gap > window:
                self._bytes, self._elapsed = 0, self._elapsed % window
        self._last = arrival if self._last is None else max(arrival, self._last)
        if self._elapsed < window:
            return None
        sample = self._bytes * 8 / window / 1e3
        self._elapsed -= window
        self._bytes = 0
        return sample

    def recent(self, window: float) -> float | None:
        """Plain bit/s over the last ``window`` seconds of arrivals, when they cover most of it."""
        if not self._recent or self._recent[-1][0] - self._recent[0][0] < 0.6 * window:
            return None
        last = self._recent[-1][0]
        return sum(size for arrival, size in self._recent if arrival > last - window) * 8 / window

    def skip(self) -> None:
        """Leave out the time since the last packet: what arrived in it is not known."""
        self._skipped = True

    def restart(self, bps: float) -> None:
        """Begin anew at a known rate: the link changed faster than the estimate can follow."""
        self._estimate, self._variance = bps / 1e3, _FIRST_VARIANCE
        self._bytes, self._elapsed = 0, 0.0
