"""Sound blocks and how loud they are. Everywhere in the engine: 48 kHz, mono, 20 ms, ``int16``."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

RATE = 48_000
BLOCK = 960
BLOCK_S = BLOCK / RATE
SILENCE_DBFS = -120.0

Block = npt.NDArray[np.int16]

_FULL = 32768.0
_LIMIT, _PEAK = 32_700, 8


def silence() -> Block:
    """Return a block of nothing."""
    return np.zeros(BLOCK, np.int16)


def dbfs(samples: Block) -> float:
    """Return the mean level in dB below full scale (a full square wave is 0), at least -120."""
    if not len(samples):
        return SILENCE_DBFS
    power = float(np.mean(np.square(samples, dtype=np.float64))) / _FULL**2
    return max(10 * math.log10(power), SILENCE_DBFS) if power > 0 else SILENCE_DBFS


def overdriven(samples: Block) -> bool:
    """Whether the input was at its limit for longer than a single peak."""
    return int(np.count_nonzero((samples >= _LIMIT) | (samples <= -_LIMIT))) >= _PEAK


def clipped(mix: npt.NDArray[np.integer] | npt.NDArray[np.floating]) -> Block:
    """Return wider samples as a block, limited to full scale."""
    block: Block = np.clip(mix, -32768, 32767).astype(np.int16)
    return block
