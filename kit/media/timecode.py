"""A time code in the picture, so that latency can be measured from glass to glass.

The strip along the top is ``height // 12`` rows high and has 32 equal cells over the full width: cell 0
white, cell 1 black, cells 2–27 the lowest 26 bits of the wall clock in milliseconds, most significant bit
first (white is 1), cells 28–31 a checksum: the sum of the nibbles of that 26-bit number, modulo 16.

Pictures are the Y plane only: ``uint8`` of shape (height, width), from 320×180 up. The generated sound that
goes with such a picture has a beep of ``BEEP_HZ`` at each full second of the same wall clock.
"""

import functools

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]

CELLS = 32
BITS = 26
SPAN_MS = 1 << BITS
"""The code repeats after this many milliseconds (18.6 hours)."""

BEEP_HZ = 1000
BEEP_MS = 60

WHITE, BLACK = 235, 16
_MIN_CONTRAST = 60.0
_UNDECIDED = 0.15
"""A cell closer to the threshold than this share of the contrast is not a cell of a time code."""


def strip_height(height: int) -> int:
    """Rows that the time code covers in a picture of this height."""
    return height // 12


def cells(wall_ms: int) -> npt.NDArray[np.bool_]:
    """The 32 cells for a wall clock in milliseconds; True is white."""
    value = wall_ms % SPAN_MS
    word = (0b10 << 30) | (value << 4) | _checksum(value)
    return np.array([(word >> (CELLS - 1 - cell)) & 1 for cell in range(CELLS)], dtype=np.bool_)


def write(luma: Plane, wall_ms: int) -> None:
    """Draw the time code into the top rows of a Y plane, in place."""
    height, width = luma.shape
    luma[: strip_height(height)] = np.where(cells(wall_ms), np.uint8(WHITE), np.uint8(BLACK))[_cell_of(width)]


def read(luma: Plane) -> int | None:
    """Milliseconds modulo ``SPAN_MS``, or None when the picture carries no readable time code."""
    means = _cell_means(luma)
    if means is None:
        return None
    contrast = float(means[0] - means[1])
    if contrast < _MIN_CONTRAST:
        return None
    distance = (means - (means[0] + means[1]) / 2) / contrast
    if float(np.abs(distance).min()) < _UNDECIDED:
        return None
    word = int((distance > 0) @ (1 << np.arange(CELLS - 1, -1, -1, dtype=np.int64)))
    value = (word >> 4) & (SPAN_MS - 1)
    return value if word & 0xF == _checksum(value) else None


def age_ms(code: int, wall_ms: int) -> int:
    """How old a code is at ``wall_ms``; negative when the clocks of both ends differ that way."""
    half = SPAN_MS // 2
    return (wall_ms - code + half) % SPAN_MS - half


def _checksum(value: int) -> int:
    return sum((value >> shift) & 0xF for shift in range(0, 28, 4)) % 16


def _cell_means(luma: Plane) -> npt.NDArray[np.float64] | None:
    """Mean luma around each cell's centre: the outer quarters are left out, where scaling and coding blur."""
    height, width = luma.shape
    rows = strip_height(height)
    if rows < 8 or width < 8 * CELLS:
        return None
    band = luma[rows // 4 : rows - rows // 4]
    edges = _centres(width)
    sums = np.add.reduceat(band.sum(axis=0, dtype=np.uint32), edges)[::2]
    means: npt.NDArray[np.float64] = sums / (len(band) * (edges[1::2] - edges[::2]))
    return means


@functools.lru_cache(maxsize=16)
def _cell_of(width: int) -> npt.NDArray[np.intp]:
    """The cell of each column."""
    return np.arange(width) * CELLS // width


@functools.lru_cache(maxsize=16)
def _centres(width: int) -> npt.NDArray[np.intp]:
    """Where the centre of each cell begins and ends, in turn."""
    bounds, margin = np.arange(CELLS + 1) * width // CELLS, width // CELLS // 4
    return np.stack((bounds[:-1] + margin, bounds[1:] - margin), axis=1).reshape(-1)
