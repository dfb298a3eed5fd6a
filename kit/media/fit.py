"""Whether the pictures that a room forwards fit the way to here. Sans-io.

A server that forwards sends on what each publisher sends, however narrow the way, and tells no publisher.
What does not fit drowns sound, and the reports about what the kit sends. So the kit asks for less: first for
the small size of those who send several, then for no pictures, and tries again later.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from kit.media.rtp import KitTransport
from kit.meeting.janus.leg import Fit

_WINDOW_S = 1.0
_PATIENCE_S, _TRIAL_PATIENCE_S = 0.7, 0.2
_TRIAL_S = 10.0
"""What does not fit so soon after it came back was tried too early."""
_SETTLES_S = 1.0
"""Until what was on its way has come."""
_FEWEST = 15
_LOST, _QUEUE_S, _MUCH_LOST = 0.15, 0.1, 0.3
"""Lost packets with a queue are a narrow way; without one, pictures that are of no use."""
_WAIT_S, _LONGEST_WAIT_S = 5.0, 60.0
_HOPE_SHARE, _HOPE = 0.7, 4.0
"""A radio that carries most of what is needed upwards may be wide downwards again: tried so much sooner."""


class Way(NamedTuple):
    """What is known of the way here, in totals."""

    expected: int
    """Packets with a transport-wide number that were sent."""
    received: int
    """Of these."""
    received_bytes: int
    queue_s: float
    """How long the last packets waited."""
    up_bps: float
    """What the way back carries."""

    @classmethod
    def of(cls, transport: KitTransport, up: KitTransport) -> Way:
        """Look at the connection that receives and at the one that sends."""
        reporter = transport.reporter
        return cls(
            reporter.arrivals.expected,
            reporter.arrivals.received,
            transport.taken_bytes,
            reporter.brake.queueing.latest,
            up.estimator.target,
        )


class Fitting:
    """Give it a :class:`Way` about every quarter of a second; do what it returns."""

    def __init__(self) -> None:
        self.fit = Fit.ALL
        self._seen: deque[tuple[float, Way]] = deque()
        self._wait_s = _WAIT_S
        self._needed_bps = float("inf")
        self._raised_at = self._lowered_at = self._changed_at = float("-inf")
        self._misfit_since: float | None = None

    def look(self, now: float, way: Way) -> Fit:
        """Take in how things are now; monotonic seconds."""
        trial = now - self._raised_at < _TRIAL_S
        self._seen.append((now, way))
        while now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()
        lost = self._lost()
        if now - self._lowered_at < _SETTLES_S or not self._misfits(lost, way.queue_s):
            self._misfit_since = None
        elif self._misfit_since is None:
            self._misfit_since = now
        if self._misfit_since is not None:
            if now - self._misfit_since >= (_TRIAL_PATIENCE_S if trial else _PATIENCE_S):
                self._lower(now, lost, trial=trial)
        elif self.fit < Fit.ALL and now - self._changed_at >= self._waits_s(way):
            self.fit = Fit(self.fit + 1)
            self._raised_at = self._changed_at = now
        return self.fit

    def _lost(self) -> float:
        first, last = self._seen[0][1], self._seen[-1][1]
        expected = last.expected - first.expected
        return 1 - (last.received - first.received) / expected if expected >= _FEWEST else 0.0

    @staticmethod
    def _misfits(lost: float, queue_s: float) -> bool:
        return lost > _MUCH_LOST or (lost > _LOST and queue_s > _QUEUE_S)

    def _lower(self, now: float, lost: float, *, trial: bool) -> None:
        if self.fit is Fit.NONE:
            return
        (begun, first), (ended, last) = self._seen[0], self._seen[-1]
        arrived = (last.received_bytes - first.received_bytes) * 8 / max(0.1, ended - begun)
        self._needed_bps = arrived / max(0.05, 1 - lost)
        self._wait_s = min(_LONGEST_WAIT_S, 2 * self._wait_s) if trial else _WAIT_S
        self.fit = Fit(self.fit - 1)
        self._lowered_at = self._changed_at = now
        self._misfit_since = None
        self._seen.clear()

    def _waits_s(self, way: Way) -> float:
        hopeful = way.up_bps > _HOPE_SHARE * self._needed_bps
        return self._wait_s / _HOPE if hopeful else self._wait_s
