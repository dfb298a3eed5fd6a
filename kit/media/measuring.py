"""``--measure FILE``: one JSON object a line, about once a second of a call. For demo and bench only.

``t`` unix seconds; the fields of :class:`kit.ipc.call.Quality`; ``beeps_ms``: unix milliseconds at which a
beep of the other side began to leave the speaker, the card's delay included; ``silences_ms``: the same of
each silence that ended, as (began, ended), 0 for what was silent from the start; ``heard_ms``: of the last
sound; ``sounds_ms``: when the card was given the first of it after each silence; ``tasks``: how many there
are in the event loop.
"""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from kit.ipc.call import Quality
from kit.media.beeps import BeepFinder
from kit.media.level import RATE, Block

T = TypeVar("T")

LOUD = 0.01 * 32768
SILENCE_MS = 100.0
"""Less is a pause between two sounds."""


class SilenceFinder:
    """Feed it what leaves a speaker; where nothing was played is silence too. Pure."""

    def __init__(self) -> None:
        self.loud_until_ms = 0.0
        """Time of the last sample that was none."""

    def feed(self, block: Block, at_ms: float) -> list[tuple[float, float]]:
        """Return the silence that ends in the block, if one does; ``at_ms`` is of its first sample."""
        loud = np.flatnonzero(np.abs(block.astype(np.int32)) > LOUD)
        if not len(loud):
            return []
        first, last = (at_ms + float(index) * 1000 / RATE for index in (loud[0], loud[-1]))
        before, self.loud_until_ms = self.loud_until_ms, last
        return [(before, first)] if first - before > SILENCE_MS else []


class Measurements:
    """Collects in the speaker's thread, writes when told to."""

    def __init__(self, path: Path) -> None:
        """``path`` is appended to."""
        self._path = path
        self._finder, self._silence_finder = BeepFinder(), SilenceFinder()
        self._beeps: deque[float] = deque(maxlen=100)
        self._silences: deque[tuple[float, float]] = deque(maxlen=100)
        self._sounds: deque[float] = deque(maxlen=100)

    def leaving(self, block: Block, at_s: float) -> None:
        """Take a block that leaves the speaker at ``at_s``; called in the speaker's thread."""
        self._beeps.extend(self._finder.feed(block, at_s * 1000))
        if ended := self._silence_finder.feed(block, at_s * 1000):
            self._silences.extend(ended)
            self._sounds.append(time.time() * 1000)

    def write(self, quality: Quality, tasks: int) -> None:
        """Append a line; blocks."""
        fields = {
            "t": time.time(),
            **msgspec.structs.asdict(quality),
            "beeps_ms": _taken(self._beeps),
            "silences_ms": _taken(self._silences),
            "sounds_ms": _taken(self._sounds),
            "heard_ms": self._silence_finder.loud_until_ms,
            "tasks": tasks,
        }
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(fields) + b"\n")


def _taken(collected: deque[T]) -> list[T]:
    """Of a deque that another thread goes on filling."""
    return [collected.popleft() for _ in range(len(collected))]
