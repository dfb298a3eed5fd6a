"""The receiver's brake: a link that falls is seen here before the sender can learn of it from feedback.

A sender that gets the limit (REMB) stops filling the queue at once, and what it sends afterwards, a key frame
above all, finds room. The sender's own estimator goes on; the limit is lifted as soon as the queue is gone.
"""

from __future__ import annotations

from kit.media.rtp.congestion.queueing import QueueingDelay, Slowdown
from kit.media.rtp.serial import Unwrapper

_QUEUE_S = 0.15
"""More than a key frame's own burst makes of queue."""
_NOISE_FACTOR = 3.0
_LASTING_S = 0.1
"""A machine that stalls hands over all that waited at once; a queue in the network lasts."""
_DISTURBED_S = 0.3
_SLOWER, _AGAIN_SLOWER = 1.6, 1.25
_DRAIN = 0.6
"""Of what arrives, so that a full queue empties within a second."""
_DRAINED_S = 0.04
_EASE_S, _EASE = 0.1, 1.08
"""While the limit is lifted it grows by 8 % each tenth of a second: twice in a second."""
_FREE_AFTER_S = 3.0
_AGAIN_S = 0.3
_REMIND_S, _NEWS_S = 1.0, 0.1
_FLOOR_BPS = 60_000
_CLOCK_BITS, _CLOCK_PER_S = 24, 1 << 18


class Brake:
    """Arrivals with the sender's clock come in; :attr:`limit` is bit/s, None while the link is free."""

    def __init__(self) -> None:
        self.limit: float | None = None
        self.falls = 0
        """How many times the link fell: what was on its way then is mostly lost."""
        self.queueing = QueueingDelay()
        self._slowdown = Slowdown()
        self._unwrap = Unwrapper(_CLOCK_BITS)
        self._newest = float("-inf")
        self._braked_at = self._eased_at = self._freed_at = float("-inf")
        self._long_since = 0.0

    def add(self, send_time: float, arrival: float, size: int) -> bool:
        """Take in a packet: seconds modulo 64 of the sender's clock (abs-send-time), and of ours.

        Says whether there is a new limit, which the sender must learn at once.
        """
        sent = self._unwrap(int(send_time * _CLOCK_PER_S)) / _CLOCK_PER_S
        self.queueing.add(arrival, arrival - sent)
        if sent < self._newest:
            return False
        self._newest = sent
        self._slowdown.add(sent, arrival, size)
        if self.queueing.latest < _QUEUE_S + _NOISE_FACTOR * self.queueing.noise:
            self._long_since = max(self._long_since, arrival)
        lasting = arrival - self._long_since > _LASTING_S
        return lasting and arrival - self._braked_at > _AGAIN_S and self._brake(arrival)

    def on_stall(self, now: float) -> None:
        """This machine stood still: for a moment, lateness says nothing of the network."""
        self._long_since = now + _DISTURBED_S
        self._slowdown.reset()

    def fell_lately(self, now: float) -> bool:
        """Whether the link fell within the last tenth of a second."""
        return now - self._braked_at < _NEWS_S

    def limited_lately(self, now: float) -> bool:
        """Whether there is a limit, or was one until a second ago."""
        return self.limit is not None or now - self._freed_at < _REMIND_S

    def on_tick(self, now: float) -> None:
        """About every 50 ms: ease the limit once the queue has drained."""
        if self.limit is None:
            return
        if self.queueing.latest > _DRAINED_S:
            self._eased_at = now
        elif now - self._braked_at > _FREE_AFTER_S:
            self.limit, self._freed_at = None, now
        elif now - self._eased_at > _EASE_S:
            self.limit *= _EASE
            self._eased_at = now

    def _brake(self, now: float) -> bool:
        measured = self._slowdown.measure()
        if measured is None:
            return False
        slower, arriving = measured
        if slower < (_SLOWER if self.limit is None else _AGAIN_SLOWER):
            return False
        self.falls += self.limit is None
        limit = max(_FLOOR_BPS, _DRAIN * arriving)
        self.limit = limit if self.limit is None else min(self.limit, limit)
        self._braked_at = self._eased_at = now
        return True
