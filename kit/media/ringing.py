"""The kit rings: the same two notes again and again, from the speaker, until somebody does something."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import numpy as np

from kit.media.level import RATE, Block, clipped

RING_S = 1.6
_PAUSE_S = 1.4
_NOTES_HZ = (659.25, 523.25)
_NOTE_S = 0.2
_LOUD = 9000


class Ringing:
    """Plays ``once`` again and again."""

    def __init__(self, once: Callable[[], Awaitable[None]]) -> None:
        """``once`` plays :func:`ring_tone`, and returns when it has been heard."""
        self._once = once
        self._task: asyncio.Task[None] | None = None

    def switch(self, on: bool) -> None:
        """Begin, or be quiet at once; either may be asked for again."""
        if on and self._task is None:
            self._task = asyncio.create_task(self._run())
        elif not on and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await self._once()
            await asyncio.sleep(_PAUSE_S)


def ring_tone() -> Block:
    """Return one ring: two notes in turn, with soft edges."""
    at = np.arange(int(RING_S * RATE)) / RATE
    note = (at // _NOTE_S).astype(int)
    within = at % _NOTE_S
    soft = np.minimum(1, within * 80) * np.minimum(1, (_NOTE_S - within) * 80)
    hz = np.where(note % 2 == 0, *_NOTES_HZ)
    return clipped(np.sin(2 * np.pi * hz * at) * soft * _LOUD)
