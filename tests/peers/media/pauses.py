"""Pauses in a steady tone, by how loud each block of 20 ms is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kit.media.level import BLOCK, BLOCK_S, Block, dbfs

QUIET_DBFS = -30.0
"""The tone has -15; what is made up in its place fades."""
STUTTER_S = 0.15


def pauses_s(sound: Block) -> list[float]:
    """How long each pause of the tone lasted, the longest first; what a busy machine stutters is left out."""
    return in_levels_s([dbfs(sound[at : at + BLOCK]) for at in range(0, len(sound) - BLOCK, BLOCK)])


def in_levels_s(levels_dbfs: Sequence[float], *, shortest_s: float = STUTTER_S) -> list[float]:
    """Return the same of blocks whose levels are known; only pauses longer than ``shortest_s`` count."""
    quiet = [level < QUIET_DBFS for level in levels_dbfs]
    edges = np.flatnonzero(np.diff([False, *quiet, False]))
    lengths = (edges[1::2] - edges[::2]) * BLOCK_S
    return sorted((float(length) for length in lengths if length > shortest_s), reverse=True)
