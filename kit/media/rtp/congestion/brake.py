"""The receiver's brake: a link that falls is seen here before the sender can learn of it from feedback.

A sender that gets the limit (REMB) stops filling the queue at once, and what it sends afterwards, a key frame
above all, finds room. The sender's own estimator goes on; the limit is lifted as soon as the queue is gone.
"""

from __future__ import annotations

from kit.media.rtp.congestion.queueing import QueueingDelay, Slowdown
from kit.media.rtp.congestion.throughput import LastSecond
from kit.media.rtp.serial import Unwrapper

_QUEUE_S = 0.15
"""More than a key frame's own burst makes of queue."""
_NOISE_FACTOR = 3.0
_LASTING_S = 0.1
"""A machine that stalls hands over all that waited at once; a queue in the network lasts."""
_DISTURBED_S = 0.3
_STEEP_QUEUE_S, _STEEP_SLOWER = 0.06, 2.5
_STEEP_RATE, _USUAL_S = 0.6, 0.5
_DEEP = 0.4
_EVEN = 0.7
"""Packets come out of a slow link one by one; after a stall of this machine they come all at once."""
_SLOWER, _AGAIN_SLOWER = 1.6, 1.25
_DRAIN, _STAY = 0.32, 0.85
"""Of what arrives. Senders let packets leave at up to 2.5 times their target (libwebrtc's pacer): a full
queue empties only below 1 / 2.5. Then the link may be used again."""
_DRAINED_S, _DRAINED_BITS = 0.06, 10_000
"""And the time that a packet takes of what the link carries: on a narrow one it alone is that late."""
_STANDING_S, _STANDING_SHARE, _STANDING_EVERY_S = 1.0, 0.8, 0.5
"""A queue that neither falls nor rises is not seen by senders that look at the delay's slope: where they do
not count all that they send, it fills the link and stays."""
_BACK = 1.7
"""Times what was left: more than that came, so the link is there again."""
_EASE_S, _EASE, _SOON = 0.1, 1.08, 1.25
"""Each tenth of a second the limit grows by 25 % up to what the link was seen to carry, then by 8 %."""
_FREE_AFTER_S = 3.0
_MOST_S, _USELESS_S = 4.0, 6.0
"""A queue that stays so long is the least that the sender can send: held below that, its pictures only wait
at its own end. It is then left to its own estimator for a while."""
_AGAIN_S = 0.3
_REMIND_S, _NEWS_S = 1.0, 0.1
_FLOOR_BPS = 60_000
_CLOCK_BITS, _CLOCK_PER_S = 24, 1 << 18


class Brake:
    """Arrivals with the sender's clock come in; :attr:`limit` is bit/s, None while the link is free."""

    def __init__(self) -> None:
        self.limit: float | None = None
        self.falls = 0
        """How many times the link fell."""
        self.deep = False
        """Whether it last fell so far that what was on its way then is mostly lost."""
        self.queueing = QueueingDelay()
        self._slowdown = Slowdown()
        self._unwrap = Unwrapper(_CLOCK_BITS)
        self._newest = float("-inf")
        self._braked_at = self._eased_at = self._freed_at = float("-inf")
        self._limited_at = self._useless_until = self._lowered_at = float("-inf")
        self._standing_since = 0.0
        self._long_since = 0.0
        self._draining = False
        self.carried = 0.0
        """What arrived when it last fell, bit/s: all that the link has left."""
        self._usual = LastSecond()

    def add(self, send_time: float, arrival: float, size: int) -> bool:
        """Take in a packet: seconds modulo 64 of the sender's clock (abs-send-time), and of ours.

        Says whether there is a new limit, or none any more, which the sender must learn at once.
        """
        sent = self._unwrap(int(send_time * _CLOCK_PER_S)) / _CLOCK_PER_S
        self.queueing.add(arrival, arrival - sent)
        if sent < self._newest:
            return False
        self._newest = sent
        self._slowdown.add(sent, arrival, size)
        self._usual.add(arrival, size)
        if self._is_back():
            self.limit, self._freed_at, self._long_since = None, arrival, arrival
            return True
        noise = _NOISE_FACTOR * self.queueing.noise
        if self.queueing.latest < _QUEUE_S + noise:
            self._long_since = max(self._long_since, arrival)
        if arrival - self._braked_at <= _AGAIN_S or arrival < self._useless_until:
            return False
        if self.queueing.latest > _STEEP_QUEUE_S + noise and self._steep():
            return self._brake(arrival)
        return arrival - self._long_since > _LASTING_S and self._brake(arrival)

    def on_stall(self, now: float) -> None:
        """This machine stood still: for a moment, lateness says nothing of the network."""
        self._usual.reset()
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
        self._heed_standing(now)
        if self.limit is None:
            return
        if self.queueing.latest > self._drained_s:
            self._eased_at = now
            if now - self._limited_at > _MOST_S:
                self.limit, self._freed_at, self._useless_until = None, now, now + _USELESS_S
        elif self._draining:
            self._draining, self._eased_at = False, now
            self.limit = max(_FLOOR_BPS, _STAY * self.carried)
        elif now - self._braked_at > _FREE_AFTER_S:
            self.limit, self._freed_at = None, now
        elif now - self._eased_at > _EASE_S:
            known = self.limit * _SOON < self.carried
            self.limit *= _SOON if known else _EASE
            self._eased_at = now

    @property
    def _drained_s(self) -> float:
        return _DRAINED_S + _DRAINED_BITS / max(_FLOOR_BPS, self.carried)

    def _heed_standing(self, now: float) -> None:
        """Lower the limit step by step for as long as a queue stands."""
        if self.queueing.smoothed < max(_QUEUE_S, self._drained_s) + _NOISE_FACTOR * self.queueing.noise:
            self._standing_since = now
        waited = now - max(self._standing_since + _STANDING_S, self._braked_at, self._lowered_at)
        if waited < _STANDING_EVERY_S or now < self._useless_until or self._usual.covered_s < _USUAL_S:
            return
        if self.limit is None:
            self._limited_at, self.carried = now, self._usual.bps
        self.limit = max(_FLOOR_BPS, _STANDING_SHARE * min(self.carried, self.limit or self.carried))
        self._draining, self._lowered_at = True, now

    def _steep(self) -> bool:
        """Whether the link has become so much slower that waiting for a long queue would only fill it."""
        measured, just_now = self._slowdown.measure(), self._slowdown.just_now()
        if measured is None or just_now is None or self._usual.covered_s < _USUAL_S:
            return False
        rate, longest_gap = just_now
        slower = measured[0] > _STEEP_SLOWER and rate < _STEEP_RATE * self._usual.bps
        return slower and longest_gap < _EVEN

    def _is_back(self) -> bool:
        """Whether the queue went far faster than what was left of the link could have carried it.

        A radio often gives nothing for a moment. A sender that is held back for longer than that starves its
        encoder, and its pictures stop for seconds.
        """
        measured = self._slowdown.measure() if self.limit is not None else None
        return (
            measured is not None
            and measured[1] > _BACK * self.carried
            and self.queueing.latest < self._drained_s
        )

    def _brake(self, now: float) -> bool:
        measured = self._slowdown.measure()
        if measured is None:
            return False
        slower, arriving = measured
        just_now = self._slowdown.just_now()
        arriving = arriving if just_now is None else min(arriving, just_now[0])
        if slower < (_SLOWER if self.limit is None else _AGAIN_SLOWER):
            return False
        again = self.limit is not None
        self.falls += not again
        self.deep = arriving < _DEEP * self._usual.bps
        self.carried = min(self.carried, arriving) if again else arriving
        self._draining = True
        draining = _DRAIN * self.carried
        self.limit = draining if draining > _FLOOR_BPS else max(_FLOOR_BPS, _STAY * self.carried)
        self._braked_at = self._eased_at = now
        self._limited_at = self._limited_at if again else now
        return True
