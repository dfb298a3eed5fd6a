"""Received sound, given out in blocks by the sound card's clock. Pure; times are counted in samples.

Blocks wait until :data:`TARGET` of them are there, so that a little jitter is not heard. What is missing is
concealed by the last block fading out, for as long as it is missing and no longer. A buffer that stays too
full, because of a burst or a fast sender, loses one block at a time, faded over.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from kit.media.level import BLOCK, Block, clipped, silence

TARGET = 2
MOST = 12
"""Blocks kept (240 ms); beyond them the oldest go."""
_TRIM_AFTER = 50
"""Pulls during which the buffer never fell to the target before a block is taken out; fewer when it is far
above: 2 % faster for each block too many, up to 20 %."""
_LONGEST_GAP = 5 * BLOCK
"""Missing sound up to this long keeps its place; after more, play goes on with what comes."""
_IDLE_AFTER = 50
"""Pulls without any sound after which the sender is silent rather than late."""
_FADES = (0.8, 0.5, 0.2)

_RISE = np.linspace(0, 1, BLOCK)
_QUICK_RISE = np.minimum(1.0, np.arange(BLOCK) / 240)


class Playout:
    """Push what came, pull 20 ms at a time."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self._rest = np.zeros(0, np.int16)
        self._last = silence()
        self._expected: int | None = None
        self._playing = False
        self._fresh = True
        self._missing = 0
        self._least = MOST
        self._since_trim = 0
        self.played_samples = 0
        """Samples given out while the sender was sending, concealed ones included."""
        self.concealed_samples = 0

    @property
    def delay_ms(self) -> float:
        """How long sound waits here now."""
        return len(self._blocks) * 20.0

    def push(self, rtp_time: int, samples: Block) -> None:
        """Take mono samples that begin at ``rtp_time`` (48 kHz); late ones are dropped."""
        if self._expected is not None:
            gap = rtp_time - self._expected
            if -_LONGEST_GAP <= gap < 0:
                return
            if 0 < gap <= _LONGEST_GAP and self._playing:
                self._conceal_gap(gap)
        self._expected = rtp_time + len(samples)
        sound = np.concatenate([self._rest, samples])
        whole = len(sound) // BLOCK * BLOCK
        self._blocks.extend(sound[:whole].reshape(-1, BLOCK))
        self._rest = sound[whole:]
        while len(self._blocks) > MOST:
            self._blocks.popleft()

    def pull(self) -> Block:
        """Return the next 20 ms, whatever has come."""
        if not self._playing:
            if len(self._blocks) < TARGET:
                return self._nothing()
            self._begin()
            return self._play(clipped(self._next() * _QUICK_RISE))
        if not self._blocks:
            self._playing = self._missing + 1 < len(_FADES)
            return self._nothing()
        if self._should_trim():
            older, newer = self._next(), self._next()
            return self._play(clipped(older * (1 - _RISE) + newer * _RISE))
        return self._play(self._next())

    def clear(self) -> None:
        """Forget what has not been played."""
        self._blocks.clear()
        self._rest = np.zeros(0, np.int16)
        self._last = silence()
        self._expected = None
        self._playing = False
        self._fresh = True
        self._missing = _IDLE_AFTER

    def _begin(self) -> None:
        self._playing = True
        if self._fresh:
            # What came before the speaker was open would be late for the whole call.
            self._fresh = False
            while len(self._blocks) > TARGET:
                self._blocks.popleft()

    def _next(self) -> Block:
        return self._blocks.popleft()

    def _play(self, block: Block) -> Block:
        self._missing = 0
        self._last = block
        self.played_samples += BLOCK
        return block

    def _nothing(self) -> Block:
        """Sound is missing: fade out what was heard last."""
        self._missing += 1
        if self.played_samples and self._missing < _IDLE_AFTER:
            self.played_samples += BLOCK
            self.concealed_samples += BLOCK
        return self._faded(self._missing - 1)

    def _faded(self, age: int) -> Block:
        if age >= len(_FADES):
            return silence()
        following = _FADES[age + 1] if age + 1 < len(_FADES) else 0.0
        return clipped(self._last * np.linspace(_FADES[age], following, BLOCK))

    def _conceal_gap(self, samples: int) -> None:
        newest = self._blocks[-1] if self._blocks else self._last
        for number in range(samples // BLOCK):
            fade = _FADES[number] if number < len(_FADES) else 0.0
            self._blocks.append(clipped(newest * np.float64(fade)))
            self.concealed_samples += BLOCK

    def _should_trim(self) -> bool:
        self._least = min(self._least, len(self._blocks))
        self._since_trim += 1
        surplus = self._least - TARGET
        if self._since_trim < _TRIM_AFTER / max(surplus, 1):
            return False
        self._least, self._since_trim = MOST, 0
        return surplus > 0
