"""``--measure FILE``: one JSON object a line, about once a second of a call. For demo and bench only.

``t`` unix seconds; the fields of :class:`kit.ipc.call.Quality`; ``beeps_ms``: unix milliseconds at which a
beep of the other side began to leave the speaker, the card's delay included.
"""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

import msgspec

from kit.ipc.call import Quality
from kit.media.beeps import BeepFinder
from kit.media.level import Block


class Measurements:
    """Collects in the speaker's thread, writes when told to."""

    def __init__(self, path: Path) -> None:
        """``path`` is appended to."""
        self._path = path
        self._finder = BeepFinder()
        self._beeps: deque[float] = deque(maxlen=100)

    def leaving(self, block: Block, at_s: float) -> None:
        """Take a block that leaves the speaker at ``at_s``; called in the speaker's thread."""
        self._beeps.extend(self._finder.feed(block, at_s * 1000))

    def write(self, quality: Quality) -> None:
        """Append a line; blocks."""
        beeps = [self._beeps.popleft() for _ in range(len(self._beeps))]
        fields = {"t": time.time(), **msgspec.structs.asdict(quality), "beeps_ms": beeps}
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(fields) + b"\n")
