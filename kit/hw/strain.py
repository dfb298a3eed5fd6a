"""What the machine bears just now: its warmth, and how much of its processors this process takes.

Looked at again at most every :data:`EVERY_S`: reading the sensors takes a millisecond, more on slow buses.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from kit.hw import thermal
from kit.hw.thermal import Warmth

EVERY_S: Final = 2.0


class Strain(Struct, frozen=True):
    """``cpu_share``: CPU time of this process as a share of all processors, 0 to 1."""

    warmth: Warmth = Warmth.NO_SENSOR
    cpu_share: float = 0.0


class Watch:
    """Blocks for some small files: not for an event loop."""

    def __init__(
        self,
        root: Path = Path("/"),
        cpu_s: Callable[[], float] = time.process_time,
        processors: int | None = None,
    ) -> None:
        """``root`` is where the machine's /sys is; ``cpu_s`` tells the CPU seconds used so far."""
        self._root, self._cpu_s = root, cpu_s
        self._processors = processors or len(os.sched_getaffinity(0))
        self._last: tuple[float, float] | None = None
        self._seen = Strain()

    def look(self, now: float) -> Strain:
        """What was seen last; ``now`` is monotonic, in seconds."""
        if self._last is not None and now - self._last[0] < EVERY_S:
            return self._seen
        used, share = self._cpu_s(), 0.0
        if self._last is not None:
            then, before = self._last
            share = (used - before) / (now - then) / self._processors
        self._last = (now, used)
        self._seen = Strain(thermal.read(self._root).warmth, min(1.0, max(0.0, share)))
        return self._seen
