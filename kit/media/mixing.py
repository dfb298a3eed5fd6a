"""Many voices in one: added up, and turned down for a moment where the sum would clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kit.media.level import BLOCK, Block

CEILING = 30_000
"""A little below full scale: what the speaker's own processing adds must fit too."""
_RECOVERY = 1.02
"""A block of 20 ms: back to full loudness within a second, so that nobody hears it breathe."""


class Mixer:
    """20 ms at a time, in one thread. One voice alone goes through as it came."""

    def __init__(self) -> None:
        self._gain = 1.0

    def mix(self, voices: Sequence[Block]) -> Block | None:
        """Return the sum; None of nobody. The gain falls within a block and comes back slowly."""
        if not voices:
            return None
        if len(voices) == 1 and self._gain == 1.0:
            return voices[0]
        total = np.stack(voices).sum(axis=0, dtype=np.int32)
        peak = int(np.abs(total).max())
        wanted = min(1.0, CEILING / peak) if peak else 1.0
        before = self._gain
        self._gain = min(wanted, before * _RECOVERY)
        if before == self._gain == 1.0:
            whole: Block = total.astype(np.int16)
            return whole
        # At once where it must: a ramp over the block would let its beginning clip.
        start = min(before, wanted)
        turned = total * np.linspace(start, self._gain, BLOCK)
        mixed: Block = np.clip(turned, -32_768, 32_767).astype(np.int16)
        return mixed
