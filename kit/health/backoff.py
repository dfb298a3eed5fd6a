"""When to try the broker again. Pure: chance is given.

Full jitter (each wait is anywhere between nothing and a ceiling that doubles) keeps a hundred thousand kits
from coming back together. The ceiling falls back only after a connection that has lasted: a broker that takes
connections and drops them is not to be hammered.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


class Pace(Struct, frozen=True, kw_only=True):
    """Seconds: the first and the highest ceiling of a wait, and how long a connection must last."""

    first_s: float = 5.0
    most_s: float = 300.0
    stable_s: float = 30.0


class Backoff:
    """The waits between attempts."""

    def __init__(self, pace: Pace, chance: Callable[[], float]) -> None:
        """``chance`` gives a number from 0 to 1, evenly."""
        self._pace = pace
        self._chance = chance
        self._failures = 0

    def failed(self, lasted_s: float) -> float:
        """Seconds to wait after an attempt failed (0), or a connection ended that lasted ``lasted_s``."""
        self._failures = 1 if lasted_s >= self._pace.stable_s else self._failures + 1
        doublings = min(self._failures - 1, 30)
        return self._chance() * min(self._pace.most_s, self._pace.first_s * 2.0**doublings)
