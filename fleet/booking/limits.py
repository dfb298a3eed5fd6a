"""How often one may ask: a bucket of tokens for each asker."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

ASKERS_KEPT: Final = 10_000


class Buckets:
    """`burst` requests at once, `per_s` a second after that.

    Of too many askers the one that has not asked for longest is forgotten.
    """

    def __init__(self, burst: float, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._per_s = per_s
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, asker: str) -> bool:
        """Whether the asker may ask now; counts as asked."""
        left = self.left(asker)
        self._left[asker] = (max(0.0, left - 1), self._clock())
        self._left.move_to_end(asker)
        if len(self._left) > ASKERS_KEPT:
            self._left.popitem(last=False)
        return left >= 1

    def left(self, asker: str) -> float:
        """How many requests the asker has left."""
        left, at = self._left.get(asker, (self._burst, self._clock()))
        return min(self._burst, left + (self._clock() - at) * self._per_s)
