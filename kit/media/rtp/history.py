"""Packets that were sent, and which of them to send again when asked."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from kit.media.rtp.packet import RtpPacket

CAPACITY = 1024
MAX_AGE_S = 2.0
_BUDGET_SHARE = 0.5
_DEDUPE_SHARE = 0.8
_ROUND_TRIP_RANGE = (0.02, 0.5)


class _Slot(NamedTuple):
    packet: RtpPacket
    sent: float


class History:
    """The last 1,024 packets of a stream, and the budget of a second for sending some of them again."""

    def __init__(self) -> None:
        self._slots: list[_Slot | None] = [None] * CAPACITY
        self._again: dict[int, float] = {}
        self._spent: deque[tuple[float, int]] = deque()
        self._spent_bytes = 0
        self.asked = self.duplicates = self.late = self.over_budget = 0

    def add(self, packet: RtpPacket, now: float) -> None:
        """Remember a packet as it leaves."""
        self._slots[packet.sequence_number % CAPACITY] = _Slot(packet, now)
        self._again.pop(packet.sequence_number, None)

    def clear(self) -> None:
        """Forget the packets: a key frame takes their place."""
        self._slots = [None] * CAPACITY
        self._again.clear()

    def spent_bps(self, now: float) -> float:
        """Bit/s that went over the last second into what was asked for."""
        while self._spent and now - self._spent[0][0] > 1.0:
            self._spent_bytes -= self._spent.popleft()[1]
        return self._spent_bytes * 8.0

    def again(self, sequence: int, now: float, round_trip: float, target: float) -> RtpPacket | None:
        """Return the packet asked for, unless a copy is under way, it is too old or the budget is spent."""
        self.asked += 1
        slot = self._slots[sequence % CAPACITY]
        if slot is None or slot.packet.sequence_number != sequence:
            self.late += 1
            return None
        low, high = _ROUND_TRIP_RANGE
        last = max(slot.sent, self._again.get(sequence, 0.0))
        if now - last < _DEDUPE_SHARE * min(high, max(low, round_trip)):
            self.duplicates += 1
            return None
        if now - slot.sent > MAX_AGE_S:
            self.late += 1
            return None
        if self.spent_bps(now) > _BUDGET_SHARE * target:
            self.over_budget += 1
            return None
        self._spent.append((now, slot.packet.size_on_link))
        self._spent_bytes += slot.packet.size_on_link
        self.note_copy(slot.packet, now)
        return slot.packet

    def note_copy(self, packet: RtpPacket, now: float) -> None:
        """Note that a packet is sent again unasked: a request on its way needs no other copy."""
        self._again[packet.sequence_number] = now
        if len(self._again) > CAPACITY:
            del self._again[next(iter(self._again))]
