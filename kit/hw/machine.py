"""Memory, load, uptime and the identity of this boot."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from kit.hw import sysfs

_BOOT = re.compile(r"[0-9a-f]{32}")
_MEMORY = re.compile(r"^(MemTotal|MemAvailable):\s+(\d{1,15}) kB$", re.MULTILINE)


class Machine(Struct, frozen=True, kw_only=True):
    """As the kernel tells: MiB, runnable tasks averaged over a minute, seconds since boot."""

    boot: str | None = None
    """128 random bits in hexadecimal, new at each boot."""
    uptime_s: float | None = None
    load: float | None = None
    memory_total_mb: int | None = None
    memory_available_mb: int | None = None


def read(root: Path) -> Machine:
    """The machine whose /proc is below ``root``."""
    memory = dict(_MEMORY.findall(sysfs.text(root / "proc/meminfo") or ""))
    return Machine(
        boot=_boot(root),
        uptime_s=_first_number(root / "proc/uptime"),
        load=_first_number(root / "proc/loadavg"),
        memory_total_mb=_mib(memory.get("MemTotal")),
        memory_available_mb=_mib(memory.get("MemAvailable")),
    )


def _boot(root: Path) -> str | None:
    told = (sysfs.text(root / "proc/sys/kernel/random/boot_id") or "").replace("-", "")
    return told if _BOOT.fullmatch(told) else None


def _first_number(path: Path) -> float | None:
    try:
        number = float((sysfs.text(path) or "").split()[0])
    except (IndexError, ValueError):
        return None
    return number if 0 <= number < float("inf") else None


def _mib(kib: str | None) -> int | None:
    return None if kib is None else int(kib) // 1024
