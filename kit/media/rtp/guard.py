"""What one peer may take of us: how long a datagram, how many streams, how fast; and what was refused of it.

Sans-io. A peer that keeps to WebRTC comes nowhere near these limits; of one that does not, what is beyond
them is refused and counted by kind, and its other streams go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

MAX_DATAGRAM = 1500
"""Bytes: Ethernet carries no more, and libsrtp's wrapper raises beyond."""
MAX_WAITING = 2000
"""Datagrams that wait to be read; the newest is dropped first."""
MAX_STREAMS = 64
"""SSRCs of one bundle."""
IDLE_S = 10.0
"""A stream silent for so long gives its place to a new one when all are taken."""
PACKETS_PER_S, PACKETS_BURST = 2000.0, 1500.0
"""Of one stream: 19 Mbit/s in packets of 1,200 bytes, six times what is asked for; a large frame at once."""
REPORTS_PER_S, REPORTS_BURST = 250.0, 500.0
"""RTCP compounds of one SSRC: twenty reports of arrivals a second, and a request for each of many losses."""
DTLS_PER_S, DTLS_BURST = 500.0, 500.0
"""Records: a handshake has twenty, a data channel a few."""
ASKED_PER_S, ASKED_BURST = 3000.0, 3000.0
"""Packets asked for again: all that was sent in three seconds, three times a second."""
REPORTED_PER_S, REPORTED_BURST = 20_000.0, 10_000.0
"""Packets whose arrival is reported: fifty times what leaves."""


class Refused(StrEnum):
    """Kinds of refused input; their names are all that is said of it."""

    LENGTH = "length"
    PROTOCOL = "protocol"
    """Neither DTLS nor RTP by its first byte (RFC 7983)."""
    WAITING = "waiting"
    AUTHENTICITY = "authenticity"
    MALFORMED = "malformed"
    STREAMS = "streams"
    RATE = "rate"
    REPORTS = "reports"
    DTLS = "dtls"
    ASKED = "asked"
    UNCLAIMED = "unclaimed"
    """No receiver has this stream or payload type."""
    STRAY = "stray"
    """Of another stream than the one that is followed, which is still heard."""
    FAULT = "fault"
    """It made our own code fail."""


class Refusals:
    """Counts by kind."""

    def __init__(self) -> None:
        self._counts: Counter[Refused] = Counter()

    def add(self, kind: Refused, count: int = 1) -> None:
        """Count some."""
        self._counts[kind] += count

    def __getitem__(self, kind: Refused) -> int:
        return self._counts[kind]

    @property
    def total(self) -> int:
        """Of all kinds."""
        return self._counts.total()

    def by_kind(self) -> dict[str, int]:
        """Return the counts that are not zero."""
        return {kind.value: count for kind, count in self._counts.items() if count}


class Allowance:
    """So much a second, and so much at once. Seconds of a monotonic clock come in."""

    __slots__ = ("_at", "_burst", "_left", "_per_s")

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s, self._burst = per_s, burst
        self._left, self._at = burst, float("-inf")

    def take(self, now: float, amount: float = 1.0) -> bool:
        """Whether there is so much left; then it is taken."""
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = now
        if amount > self._left:
            return False
        self._left -= amount
        return True


@dataclass(slots=True)
class _Stream:
    heard: float
    packets: Allowance = field(default_factory=lambda: Allowance(PACKETS_PER_S, PACKETS_BURST))
    reports: Allowance = field(default_factory=lambda: Allowance(REPORTS_PER_S, REPORTS_BURST))


class Streams:
    """The SSRCs that are heard, each at its own pace: a flood on one takes nothing from another."""

    def __init__(self, forget: Callable[[int], None]) -> None:
        """``forget`` is told of SSRCs that have no place, or none any more."""
        self._forget = forget
        self._streams: dict[int, _Stream] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def judge(self, ssrc: int, now: float, *, report: bool = False) -> Refused | None:
        """Take an authenticated packet of a stream, or one of its reports; None is well."""
        stream = self._streams.get(ssrc)
        if stream is None:
            if not self._make_room(now):
                self._forget(ssrc)
                return Refused.STREAMS
            stream = self._streams[ssrc] = _Stream(now)
        stream.heard = now
        if report:
            return None if stream.reports.take(now) else Refused.REPORTS
        return None if stream.packets.take(now) else Refused.RATE

    def _make_room(self, now: float) -> bool:
        if len(self._streams) < MAX_STREAMS:
            return True
        quietest = min(self._streams, key=lambda ssrc: self._streams[ssrc].heard)
        if now - self._streams[quietest].heard < IDLE_S:
            return False
        del self._streams[quietest]
        self._forget(quietest)
        return True
