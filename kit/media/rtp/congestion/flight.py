"""Packets that have left, until feedback or age settles them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_KEPT_PACKETS, _KEPT_S = 400, 4.0
_MAX_SENT = 10_000
"""Packets remembered while no feedback comes at all."""


@dataclass(slots=True)
class Sent:
    """One packet; seconds of the sender's clock, and bytes."""

    at: float
    size: int
    cluster: int
    reported_lost: bool = False


class Flight:
    """Transport-wide sequence numbers are whole numbers here; 16 bits of them are on the wire."""

    def __init__(self) -> None:
        self.bytes = 0
        """On their way: sent after the newest that is known to have arrived."""
        self.count = 0
        """Packets that were numbered so far."""
        self._sent: dict[int, Sent] = {}
        self._unnumbered = 0
        self._acknowledged_to = -1
        self._written_off = 0

    def add(self, now: float, size: int, cluster: int) -> int:
        """Note a packet; returns its number."""
        number = self.count
        self.count += 1
        size, self._unnumbered = size + self._unnumbered, 0
        self._sent[number] = Sent(now, size, cluster)
        self.bytes += size
        if len(self._sent) > _MAX_SENT:
            forgotten = self._sent.pop(next(iter(self._sent)))
            self.bytes = max(0, self.bytes - forgotten.size)
        return number

    def add_unnumbered(self, size: int) -> None:
        """Note a packet that feedback is never about: its bytes count with the next that has a number."""
        self._unnumbered += size

    def find(self, reports: Iterable[tuple[int, float | None]]) -> list[tuple[int, Sent, float | None]]:
        """Return what is known of the packets that reports (16-bit number, arrival) are about."""
        last = self.count - 1
        whole = ((last - ((last - wrapped) & 0xFFFF), arrival) for wrapped, arrival in reports)
        return [(number, self._sent[number], arrival) for number, arrival in whole if number in self._sent]

    def acknowledge(self, number: int) -> None:
        """Settle a packet that has arrived."""
        del self._sent[number]
        self._acknowledged_to = max(self._acknowledged_to, number)

    def settle(self, now: float) -> None:
        """Forget what is old. What left before an acknowledged packet fills the link no more, lost or not."""
        oldest = self._acknowledged_to - _KEPT_PACKETS
        for number in [
            number for number, sent in self._sent.items() if number < oldest or now - sent.at > _KEPT_S
        ]:
            del self._sent[number]
        oldest = max(self._acknowledged_to + 1, self._written_off)
        self.bytes = sum(sent.size for number, sent in self._sent.items() if number >= oldest)

    def write_off(self) -> None:
        """Count all that has left no more: the link fell, most is lost and the queue holds the others."""
        self._written_off, self.bytes = self.count, 0

    def is_written_off(self, number: int) -> bool:
        """Whether a packet left before the link fell."""
        return number < self._written_off
