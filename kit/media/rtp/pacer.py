"""What leaves when: retransmissions before pictures, spread over time; probe clusters faster, with padding.

Sound does not pass here: it leaves at once. Packets are numbered when they leave, so that pictures can be
taken out of the queue without leaving holes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from kit.media.rtp.congestion.probes import MIN_PACKETS, Probe

T = TypeVar("T")

PACE = 2.0
"""Packets leave at this many times the target, so that the encoder's peaks do not pile up."""
FREE_PACE = 4.0
"""The same where the target is the most that is sent: the way carries it, and a picture is there sooner."""
MAX_QUEUE_S = 0.5
MAX_RETRANSMISSIONS = 500
MAX_MEDIA = 2000
BURST_S = 0.005
"""Packets may leave this much before their time: receivers take what leaves within it as one group."""
_MIN_RATE = 10_000.0


class Departure(NamedTuple, Generic[T]):
    """What may leave now; without ``item`` padding is wanted."""

    item: T | None
    cluster: int
    retransmission: bool


class _Cluster(NamedTuple):
    probe: Probe
    begun: float


class Pacer(Generic[T]):
    """Two bounded queues: of retransmissions the oldest is dropped first, of media the newest is refused."""

    def __init__(self, size_of: Callable[[T], int]) -> None:
        self._size_of = size_of
        self._retransmissions: deque[T] = deque()
        self._media: deque[T] = deque()
        self._bytes = 0
        self._pace = PACE * 300_000.0
        self._next = 0.0
        self._cluster: _Cluster | None = None
        self._cluster_bytes = self._cluster_packets = 0
        self.refused = 0

    def set_target(self, bps: float, pace: float = PACE) -> None:
        """Tell the estimate, and how many times as fast packets leave."""
        self._pace = pace * bps

    @property
    def queue_s(self) -> float:
        """Seconds that the queued bytes take at the pace."""
        return self._bytes * 8 / max(_MIN_RATE, self._pace)

    @property
    def probing(self) -> bool:
        """Whether a cluster is under way."""
        return self._cluster is not None

    def push(self, item: T) -> None:
        """Queue a packet of a picture."""
        if len(self._media) >= MAX_MEDIA:
            self.refused += 1
            return
        self._media.append(item)
        self._bytes += self._size_of(item)

    def push_retransmission(self, item: T) -> None:
        """Queue a packet that was asked for again."""
        if len(self._retransmissions) >= MAX_RETRANSMISSIONS:
            self._bytes -= self._size_of(self._retransmissions.popleft())
            self.refused += 1
        self._retransmissions.append(item)
        self._bytes += self._size_of(item)

    def purge(self, useless: Callable[[T], bool]) -> int:
        """Take out queued packets; returns how many."""
        before = len(self._media) + len(self._retransmissions)
        self._media = deque(item for item in self._media if not useless(item))
        self._retransmissions = deque(item for item in self._retransmissions if not useless(item))
        self._bytes = sum(map(self._size_of, self._media)) + sum(map(self._size_of, self._retransmissions))
        return before - len(self._media) - len(self._retransmissions)

    def probe(self, probe: Probe, now: float) -> None:
        """Begin a cluster."""
        self._cluster = _Cluster(probe, now)
        self._cluster_bytes = self._cluster_packets = 0

    def wait(self, now: float) -> float | None:
        """Seconds until something may leave; None when there is nothing."""
        if self._cluster is not None:
            due = self._cluster.begun + self._cluster_bytes * 8 / self._cluster.probe.bps
            return max(0.0, due - now)
        if not self._media and not self._retransmissions:
            return None
        return max(0.0, self._next - now)

    def take(self, now: float) -> Departure[T] | None:
        """Return what leaves now; call until None."""
        wait = self.wait(now)
        if wait is None or wait > 0:
            return None
        retransmission = bool(self._retransmissions)
        item = self._pop()
        size = self._size_of(item) if item is not None else 0
        if self._cluster is not None:
            cluster = self._cluster.probe.cluster
            if item is not None:
                self.sent_in_cluster(size, now)
            return Departure(item, cluster, retransmission)
        rate = max(self._pace, self._bytes * 8 / MAX_QUEUE_S, _MIN_RATE)
        self._next = max(now - BURST_S, self._next) + size * 8 / rate
        return Departure(item, 0, retransmission)

    def sent_in_cluster(self, size: int, now: float) -> None:
        """Count padding of the cluster under way; ``size`` is 0 when there is none to give."""
        if self._cluster is None:
            return
        self._cluster_bytes += size
        self._cluster_packets += 1
        full = self._cluster_bytes >= self._cluster.probe.min_bytes and self._cluster_packets >= MIN_PACKETS
        if full or not size:
            self._cluster = None
            self._next = now

    def _pop(self) -> T | None:
        queue = self._retransmissions or self._media
        if not queue:
            return None
        item = queue.popleft()
        self._bytes -= self._size_of(item)
        return item
