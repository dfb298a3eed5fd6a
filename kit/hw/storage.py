"""Room on the data partition, and how worn the disk below it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

from kit.hw import sysfs

MIB: Final = 1 << 20
WEAR_STEP_PERCENT: Final = 10


class Storage(Struct, frozen=True, kw_only=True):
    """In MiB. ``wear_percent`` is None where the disk does not tell: only eMMC does so without a tool."""

    free_mb: int
    total_mb: int
    read_only: bool = False
    wear_percent: int | None = None


def read(root: Path, folder: Path) -> Storage | None:
    """The partition that holds ``folder``; None when it cannot be asked."""
    try:
        found = os.statvfs(folder)
        device = folder.stat().st_dev
    except OSError:
        return None
    return Storage(
        free_mb=found.f_bavail * found.f_frsize // MIB,
        total_mb=found.f_blocks * found.f_frsize // MIB,
        read_only=bool(found.f_flag & os.ST_RDONLY),
        wear_percent=wear(root, os.major(device), os.minor(device)),
    )


def wear(root: Path, major: int, minor: int) -> int | None:
    """Percent of the disk's rated life that is used.

    JEDEC eMMC 5.0 ``DEVICE_LIFE_TIME_EST_TYP_A/B``: steps of 10 %, 0x0B when beyond; the worse one counts.
    """
    block = root / "sys/dev/block" / f"{major}:{minor}"
    for disk in (block, block / ".."):
        told = sysfs.text(disk / "device" / "life_time")
        steps = _steps(told) if told else []
        if steps:
            return min(100, max(steps) * WEAR_STEP_PERCENT)
    return None


def _steps(told: str) -> list[int]:
    try:
        return [step for word in told.split() if 1 <= (step := int(word, 16)) <= 0x0B]
    except ValueError:
        return []
