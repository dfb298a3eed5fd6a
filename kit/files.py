"""Small files of the kit: written whole or not at all, and secrets that only the kit may read. Blocking."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

import structlog

MOST_SECRET: Final = 200

log = structlog.get_logger()


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file: after a power cut it is the old or the new one. OSError where the disk refuses."""
    beside = path.with_suffix(".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync_folder(path.parent)


def secret(path: Path) -> str | None:
    """The secret in the file; None when it is empty, cannot be read, or others could read it."""
    try:
        is_open = stat.S_IMODE(path.stat().st_mode) & 0o077
        with path.open("rb") as file:
            text = file.read(MOST_SECRET).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        log.warning("secret_unreadable", error=type(error).__name__)
        return None
    if is_open or not text:
        log.warning("secret_unsafe", readable_by_others=bool(is_open))
        return None
    return text


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
