"""Which reports to send now: at most some at a time, each again until it is acknowledged. Pure.

The broker's own acknowledgement says nothing about storage, so it only ends the sending of one packet. What
counts is the fleet's acknowledgement after its commit. While that does not come, everything in the window is
sent again after a wait that doubles, so that a fleet that is down is not flooded when it comes back.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from kit.health.store import Row


class Resend(Struct, frozen=True, kw_only=True):
    """How many reports are under way at most, and the first and longest wait for their acknowledgement."""

    in_flight: int = 20
    first_s: float = 15.0
    most_s: float = 300.0


class Window:
    """Reports under way on one connection. Times are in seconds of any clock that only goes forward."""

    def __init__(self, resend: Resend) -> None:
        self._resend = resend
        self._sent: set[tuple[str, int]] = set()
        self._wait_s = resend.first_s
        self._due: float | None = None

    @property
    def due(self) -> float | None:
        """When everything that is under way is to be sent again; None while nothing is."""
        return self._due

    def is_under_way(self, stream: str, seq: int) -> bool:
        """Whether that report was sent on this connection and is not acknowledged yet."""
        return (stream, seq) in self._sent

    def to_send(self, pending: Iterable[Row], now: float) -> list[Row]:
        """What of ``pending`` (in order) is to be sent now. It then counts as under way."""
        if self._due is not None and now >= self._due:
            self._sent.clear()
            self._due = None
            self._wait_s = min(self._resend.most_s, 2 * self._wait_s)
        room = self._resend.in_flight - len(self._sent)
        rows = [row for row in pending if (row.stream, row.seq) not in self._sent][: max(0, room)]
        self._sent.update((row.stream, row.seq) for row in rows)
        if rows and self._due is None:
            self._due = now + self._wait_s
        return rows

    def acknowledged(self, stream: str, seq: int, now: float) -> None:
        """The fleet has that stream up to and including ``seq``."""
        left = {sent for sent in self._sent if sent[0] != stream or sent[1] > seq}
        if len(left) == len(self._sent):
            return
        self._sent = left
        self._wait_s = self._resend.first_s
        self._due = now + self._wait_s if left else None
