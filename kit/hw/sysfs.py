"""Small files of /sys and /proc. What is not there or not as expected is None, never an error.

A driver may refuse to be read (ENODATA, EIO, EINVAL) while its file exists; that too is None.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

MOST_BYTES: Final = 64 * 1024


def text(path: Path) -> str | None:
    """The file's text without surrounding white space, at most 64 KiB of it."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode("utf-8", "replace").strip()
    except (OSError, ValueError):
        return None


def integer(path: Path, least: int = -(2**63), most: int = 2**63) -> int | None:
    """The file's whole number, when it is one within the limits."""
    read = text(path)
    try:
        number = int(read, 0) if read else None
    except ValueError:
        return None
    return number if number is not None and least <= number <= most else None


def entries(folder: Path) -> list[Path]:
    """What is in the folder, sorted by name; empty when there is no such folder."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
