"""Which packets to ask for again, and when."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice

MAX_MISSING = 1000
MAX_TRIES = 12
_MAX_JUMP = 1000
_ROUND_TRIP_RANGE = (0.02, 0.5)
_RETRY_ROUND_TRIPS, _RETRY_EXTRA_S = 1.1, 0.005
_ECHO_S = 0.012
_LOSSY = 0.03
_JUDGED_PACKETS = 64
_MAX_REORDER_S = 0.08
_REORDER_DECAY = 0.995
_LOOK_S = 0.02
"""What is missing is looked through this often at least: round trip and queue change."""


@dataclass(slots=True)
class _Missing:
    since: float
    asked: float = float("-inf")
    tries: int = 0


class NackList:
    """Numbers are unwrapped. Asks at once, or after the reordering that was seen; again each round trip."""

    def __init__(self) -> None:
        self.round_trip = 0.1
        self.reorder_wait = 0.0
        self.queue_s = 0.0
        """How long packets wait on the way just now: what is sent again waits too."""
        self.asked = self.recovered = self.given_up = 0
        self._missing: dict[int, _Missing] = {}
        """By number, ascending."""
        self._look_at = float("-inf")
        self._highest: int | None = None
        self._echoes: deque[tuple[float, int]] = deque()
        self._lossy = False
        self._judged_from: int | None = None
        self._holes = 0

    def __len__(self) -> int:
        return len(self._missing)

    def add(self, number: int, now: float, *, retransmitted: bool) -> None:
        """Note an arrival. A jump over more than 1,000 numbers begins anew."""
        if self._highest is None or number - self._highest > _MAX_JUMP:
            self._missing.clear()
            self._highest = self._judged_from = number
            self._holes = 0
        elif number > self._highest:
            for hole in range(self._highest + 1, number):
                self._missing[hole] = _Missing(now)
                self._look_at = min(self._look_at, now + self.reorder_wait)
            self._holes += number - self._highest - 1
            self._highest = number
            self._bound()
            self._judge(number)
        else:
            self._fill(number, now, retransmitted=retransmitted)

    def was_asked(self, number: int) -> bool:
        """Whether a number is missing and has been asked for."""
        missing = self._missing.get(number)
        return missing is not None and missing.tries > 0

    def recover(self, number: int) -> None:
        """Note that what a packet held came by another way."""
        self._missing.pop(number, None)

    def due(self, now: float, oldest_useful: int | None) -> list[int]:
        """Numbers to ask for now, ascending."""
        passed = oldest_useful is not None and any(n < oldest_useful for n in islice(self._missing, 1))
        asked = self._look(now, oldest_useful) if passed or now >= self._look_at else []
        asked += self._echo(now, set(asked))
        self.asked += len(asked)
        return sorted(asked)

    def _look(self, now: float, oldest_useful: int | None) -> list[int]:
        asked: list[int] = []
        self._look_at = now + _LOOK_S if self._missing else float("inf")
        for number, missing in list(self._missing.items()):
            if missing.tries >= MAX_TRIES or (oldest_useful is not None and number < oldest_useful):
                del self._missing[number]
                self.given_up += 1
                continue
            due = self._due(missing)
            if now < due:
                self._look_at = min(self._look_at, due)
                continue
            missing.tries, missing.asked = missing.tries + 1, now
            asked.append(number)
            if self._lossy:
                self._echoes.append((now + _ECHO_S, number))
        return asked

    def _due(self, missing: _Missing) -> float:
        if not missing.tries:
            return missing.since + self.reorder_wait
        return missing.asked + _RETRY_ROUND_TRIPS * self.round_trip + self.queue_s + _RETRY_EXTRA_S

    def _echo(self, now: float, just_asked: set[int]) -> list[int]:
        """On a lossy link ask twice: the request can be lost too, and senders tell copies apart."""
        echoed = []
        while self._echoes and self._echoes[0][0] <= now:
            number = self._echoes.popleft()[1]
            if number in self._missing and number not in just_asked:
                echoed.append(number)
        return echoed

    def _fill(self, number: int, now: float, *, retransmitted: bool) -> None:
        missing = self._missing.pop(number, None)
        if missing is None:
            return
        if not retransmitted:
            late = min(_MAX_REORDER_S, now - missing.since)
            self.reorder_wait = max(_REORDER_DECAY * self.reorder_wait, late)
            return
        self.recovered += 1
        if missing.tries == 1:
            low, high = _ROUND_TRIP_RANGE
            self.round_trip = 0.8 * self.round_trip + 0.2 * min(high, max(low, now - missing.asked))

    def _bound(self) -> None:
        while len(self._missing) > MAX_MISSING:
            del self._missing[next(iter(self._missing))]
            self.given_up += 1

    def _judge(self, number: int) -> None:
        self.reorder_wait *= 0.9995
        begun = number if self._judged_from is None else self._judged_from
        if number - begun >= _JUDGED_PACKETS:
            self._lossy = self._holes / (number - begun) > _LOSSY
            self._judged_from, self._holes = number, 0
