"""Probing: short clusters of packets at a higher rate, to learn at once what growth learns in a minute."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

CLUSTER_S = 0.015
MIN_PACKETS = 5
_MIN_BYTES = 5 * 250
_MAX_PENDING = 4
_REMEMBERED = 6
_MIN_RECEIVED_SHARE = 0.8
_FULL = 0.9
_MAX_SPREAD_S = 1.0
_MAX_RATIO = 2.0


class Probe(NamedTuple):
    """A cluster to send."""

    cluster: int
    bps: float
    min_bytes: int


class ProbeResult(NamedTuple):
    """What a cluster showed."""

    bps: float
    sent_bps: float
    saturated: bool
    """The link gave less than was sent: this is its rate."""


class _Packet(NamedTuple):
    sent: float
    arrival: float
    size: int


class _Cluster:
    __slots__ = ("bps", "received", "sent")

    def __init__(self, bps: float) -> None:
        self.bps = bps
        self.sent = 0
        self.received: list[_Packet] = []


class Prober:
    """Clusters wanted, on their way, and measured."""

    def __init__(self) -> None:
        self._wanted: deque[float] = deque()
        self._clusters: dict[int, _Cluster] = {}
        self._last_id = 0

    @property
    def pending(self) -> bool:
        """Whether :meth:`take` would give one."""
        return bool(self._wanted)

    def want(self, bps: float) -> None:
        """Ask for a cluster at this rate; not more than four wait."""
        if len(self._wanted) < _MAX_PENDING:
            self._wanted.append(bps)

    def forget(self) -> None:
        """Give up what waits."""
        self._wanted.clear()

    def take(self) -> Probe | None:
        """Return the next cluster for the pacer."""
        if not self._wanted:
            return None
        bps = self._wanted.popleft()
        self._last_id += 1
        self._clusters[self._last_id] = _Cluster(bps)
        self._clusters.pop(self._last_id - _REMEMBERED, None)
        return Probe(self._last_id, bps, max(_MIN_BYTES, int(bps * CLUSTER_S / 8)))

    def on_sent(self, cluster: int) -> None:
        """Count a packet that left as part of a cluster."""
        if cluster in self._clusters:
            self._clusters[cluster].sent += 1

    def on_arrived(
        self, cluster: int, sent: float, arrival: float, size: int, loss: float
    ) -> ProbeResult | None:
        """Measure once enough of the cluster is there; ``loss`` is what the radio takes anyway."""
        found = self._clusters.get(cluster)
        if found is None:
            return None
        found.received.append(_Packet(sent, arrival, size))
        if len(found.received) < max(4, (_MIN_RECEIVED_SHARE - loss) * found.sent):
            return None
        return _measure(found.received)


def _measure(packets: list[_Packet]) -> ProbeResult | None:
    total = sum(packet.size for packet in packets)
    first_sent, last_sent = min(packets), max(packets)
    first = min(packets, key=lambda packet: packet.arrival)
    last = max(packets, key=lambda packet: packet.arrival)
    sending, receiving = last_sent.sent - first_sent.sent, last.arrival - first.arrival
    if not (0 < sending <= _MAX_SPREAD_S and 0 < receiving <= _MAX_SPREAD_S):
        return None
    sent_bps = (total - last_sent.size) * 8 / sending
    received_bps = (total - first.size) * 8 / receiving
    if received_bps > _MAX_RATIO * sent_bps:
        return None
    saturated = received_bps < _FULL * sent_bps
    return ProbeResult(0.95 * received_bps if saturated else min(sent_bps, received_bps), sent_bps, saturated)
