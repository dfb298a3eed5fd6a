"""What the speaker plays next: the call, and over it a test tone or the microphone test's replay.

The speaker's thread pulls; the event loop says from where.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from kit.media.level import BLOCK, RATE, Block, clipped, silence

_CHIME_HZ = (523.25, 659.25, 783.99)
_NOTE_S = 0.45

Voice = Callable[[float], Block | None]
"""Gives 20 ms of a call's sound, to be heard in so many seconds; called in the speaker's thread."""


class Feed:
    """Mixes 20 ms at a time."""

    def __init__(self, clip_ended: Callable[[], None]) -> None:
        """``clip_ended`` is called, in the speaker's thread, when a clip has been given out whole."""
        self._lock = threading.Lock()
        self._clip_ended = clip_ended
        self._voice: Voice | None = None
        self._clip: Block | None = None
        self._clip_at = 0
        self.off = False
        """Nothing is heard; the call's sound is not kept for later either."""

    def listen(self, voice: Voice | None) -> None:
        """Play this call's sound from now on; None: no call's."""
        self._voice = voice

    def play(self, clip: Block) -> None:
        """Play this once; a clip that is playing is replaced."""
        with self._lock:
            self._clip, self._clip_at = clip, 0

    def drop_clip(self) -> None:
        """Stop the clip and forget it."""
        with self._lock:
            self._clip = None

    def next_block(self, delay_s: float = 0.0) -> Block:
        """Return what will be heard in ``delay_s``."""
        voice = self._voice
        heard = None if voice is None else voice(delay_s)
        with self._lock:
            part = self._next_of_clip()
        if self.off:
            return silence()
        block = silence() if heard is None else heard
        return block if part is None else clipped(block.astype(np.int32) + part)

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
