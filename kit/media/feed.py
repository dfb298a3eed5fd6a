"""What the speaker plays next: the call, and over it a test tone or the microphone test's replay.

The speaker's thread pulls, the event loop pushes; the lock is held for microseconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from kit.media.level import BLOCK, RATE, Block, clipped, silence
from kit.media.playout import Playout

_CHIME_HZ = (523.25, 659.25, 783.99)
_NOTE_S = 0.45


class Feed:
    """Mixes 20 ms at a time."""

    def __init__(self, clip_ended: Callable[[], None]) -> None:
        """``clip_ended`` is called, in the speaker's thread, when a clip has been given out whole."""
        self._lock = threading.Lock()
        self._clip_ended = clip_ended
        self._playout = Playout()
        self._clip: Block | None = None
        self._clip_at = 0
        self.off = False
        """Nothing is heard; the call's sound is not kept for later either."""

    def push(self, rtp_time: int, samples: Block) -> None:
        """Take received sound; see :meth:`Playout.push`."""
        with self._lock:
            self._playout.push(rtp_time, samples)

    def clear(self) -> None:
        """Forget the call's sound: the next leg counts from elsewhere."""
        with self._lock:
            self._playout.clear()

    def play(self, clip: Block) -> None:
        """Play this once; a clip that is playing is replaced."""
        with self._lock:
            self._clip, self._clip_at = clip, 0

    def drop_clip(self) -> None:
        """Stop the clip and forget it."""
        with self._lock:
            self._clip = None

    def next_block(self) -> Block:
        """Return what to play now."""
        with self._lock:
            block = self._playout.pull()
            part = self._next_of_clip()
        if self.off:
            return silence()
        return block if part is None else clipped(block.astype(np.int32) + part)

    def counts(self) -> tuple[int, int, float]:
        """Return samples played, samples concealed, and the delay now in ms."""
        with self._lock:
            playout = self._playout
            return playout.played_samples, playout.concealed_samples, playout.delay_ms

    def _next_of_clip(self) -> Block | None:
        if self._clip is None:
            return None
        part = self._clip[self._clip_at : self._clip_at + BLOCK]
        self._clip_at += BLOCK
        if self._clip_at >= len(self._clip):
            self._clip = None
            self._clip_ended()
        return np.pad(part, (0, BLOCK - len(part)))


def chime() -> Block:
    """Return the test tone: three rising notes, with soft edges."""
    count = int(_NOTE_S * RATE)
    at = np.arange(count) / RATE
    shape = np.minimum(1, at * 60) * np.exp(-3.2 * at)
    notes = [np.sin(2 * np.pi * hz * at) * shape for hz in _CHIME_HZ]
    return clipped(np.concatenate(notes) * 9000)
