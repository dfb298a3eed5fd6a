"""The microphone test: some seconds of sound in memory, judged, played back once, forgotten. Pure."""

from __future__ import annotations

import numpy as np

from kit.media.level import BLOCK_S, SILENCE_DBFS, Block, dbfs

SECONDS = 5.0
HEARD_DBFS = -45.0
"""Speech at a table reaches this in its louder moments; an empty room and a dead microphone do not."""
_LOUD_SHARE = 0.1
"""The judged level is that of the loudest tenth: people pause when they talk."""
_STUCK_DBFS = -1.0


class Listening:
    """One test. Feed it blocks until :attr:`done`."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """``seconds`` of sound are listened to."""
        self._wanted = round(seconds / BLOCK_S)
        self._blocks: list[Block] = []

    @property
    def done(self) -> bool:
        """Whether enough has been heard."""
        return len(self._blocks) >= self._wanted

    def add(self, block: Block) -> None:
        """Take 20 ms."""
        if not self.done:
            self._blocks.append(block)

    def level_dbfs(self) -> float:
        """Return how loud the louder moments were."""
        levels = sorted((dbfs(block) for block in self._blocks), reverse=True)
        loudest = levels[: max(1, int(len(levels) * _LOUD_SHARE))]
        return sum(loudest) / len(loudest) if loudest else SILENCE_DBFS

    def passed(self) -> bool:
        """Whether somebody was heard: neither silence nor an input that is stuck at full scale."""
        return HEARD_DBFS <= self.level_dbfs() < _STUCK_DBFS

    def replay(self) -> Block:
        """Return what was heard and forget it here."""
        heard = np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.int16)
        self._blocks = []
        return heard
