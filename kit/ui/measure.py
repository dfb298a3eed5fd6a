"""What was drawn, and how old it was: for the demo and the measurements, from the pictures' time code.

The strip along the top is a twelfth of the height, with 32 equal cells over the width: white, black, the
lowest 26 bits of the wall clock in milliseconds (white is 1, most significant first), and the sum of that
number's nibbles modulo 16 in four bits.
"""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kit.ipc.pictures import Picture

_CELLS = 32
_LEAST_CONTRAST = 60.0


def time_code(picture: Picture) -> int | None:
    """Read the milliseconds (modulo 2**26) in a picture; None where there are none to read."""
    luma, rows = picture.planes[0], picture.height // 12
    if rows < 8 or picture.width < 8 * _CELLS:
        return None
    strip = np.frombuffer(luma.data, np.uint8, rows * luma.stride).reshape(rows, luma.stride)
    means = _cell_means(strip[rows // 4 : rows - rows // 4, : picture.width])
    if means[0] - means[1] < _LEAST_CONTRAST:
        return None
    bits = means > (means[0] + means[1]) / 2
    word = int(bits @ (1 << np.arange(_CELLS - 1, -1, -1, dtype=np.int64)))
    value = (word >> 4) & ((1 << 26) - 1)
    nibbles = sum((value >> shift) & 0xF for shift in range(0, 28, 4))
    return value if nibbles % 16 == word & 0xF else None


class Measure:
    """Counts drawn remote pictures and stamps them when the window shows them."""

    def __init__(self) -> None:
        self._drawn = 0
        self._codes: list[int] = []
        self._glass: list[tuple[int, int]] = []
        self._since: float | None = None

    def uploaded(self, picture: Picture) -> None:
        """Take note of a remote picture that the next flip will show."""
        self._drawn += 1
        code = time_code(picture)
        if code is not None:
            self._codes.append(code)

    def flipped(self, wall: float) -> None:
        """The window shows what was uploaded; ``wall`` in unix seconds."""
        self._glass += [(int(wall * 1000), code) for code in self._codes]
        self._codes = []

    def line(self, wall: float) -> str:
        """Return one JSON line about the time since the last one, and begin anew."""
        passed = wall - self._since if self._since is not None else 0.0
        row = {
            "t": round(wall, 3),
            "drawn": self._drawn,
            "fps": round(self._drawn / passed, 2) if passed > 0 else 0.0,
            "glass": self._glass,
        }
        self._drawn, self._glass, self._since = 0, [], wall
        return json.dumps(row) + "\n"


def append(path: Path, line: str) -> None:
    """Add a line to the file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(line)


def _cell_means(band: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Mean around each cell's centre: its outer quarters are left out, where scaling and coding blur."""
    width = band.shape[1]
    columns = band.mean(axis=0)
    left = np.arange(_CELLS) * width // _CELLS
    right = (np.arange(_CELLS) + 1) * width // _CELLS
    margin = width // _CELLS // 4
    return np.array([columns[a + margin : b - margin].mean() for a, b in zip(left, right, strict=True)])
