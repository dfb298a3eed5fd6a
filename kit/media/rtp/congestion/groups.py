"""Packets sent together are judged together: spacing of groups at the sender and at the receiver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

GROUP_S = 0.005
_BURST_GAP_S = 0.005
_MAX_BURST_S = 0.1
_CLOCK_JUMP_S = 3.0


class Spacing(NamedTuple):
    """Seconds between two neighbouring groups."""

    sent: float
    arrived: float


@dataclass(slots=True)
class _Group:
    first_sent: float
    last_sent: float
    first_arrival: float
    last_arrival: float


class ArrivalGroups:
    """Feeds on packets in the order of their transport-wide sequence numbers."""

    def __init__(self) -> None:
        self._current: _Group | None = None
        self._previous: _Group | None = None

    def add(self, sent: float, arrival: float) -> Spacing | None:
        """Spacing of the two groups before this packet, when it begins a new one."""
        current = self._current
        if current is None:
            self._current = _Group(sent, sent, arrival, arrival)
            return None
        if sent < current.first_sent:
            return None
        if self._belongs(current, sent, arrival):
            current.last_sent = max(current.last_sent, sent)
            current.last_arrival = arrival
            return None
        spacing = self._spacing(current)
        self._previous, self._current = current, _Group(sent, sent, arrival, arrival)
        if spacing is not None and spacing.arrived > _CLOCK_JUMP_S:
            self._previous = self._current = None
            return None
        return spacing if spacing is not None and spacing.arrived >= 0 else None

    @staticmethod
    def _belongs(group: _Group, sent: float, arrival: float) -> bool:
        since_sent, since_arrival = sent - group.last_sent, arrival - group.last_arrival
        caught_up = since_arrival - since_sent < 0 and since_arrival <= _BURST_GAP_S
        burst = since_sent == 0 or (caught_up and arrival - group.first_arrival < _MAX_BURST_S)
        return burst or sent - group.first_sent <= GROUP_S

    def _spacing(self, current: _Group) -> Spacing | None:
        previous = self._previous
        if previous is None:
            return None
        return Spacing(current.last_sent - previous.last_sent, current.last_arrival - previous.last_arrival)
