"""What each process costs: processor time and memory, also over its restarts, read from /proc."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
from msgspec import Struct

SAMPLE_S = 0.5
_HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)

FindPid = Callable[[], int | None]


class Cost(Struct, frozen=True):
    """One process, with all that it started: CPU seconds so far, and the most memory in MiB."""

    cpu_s: float
    peak_rss_mb: float


class _Meter:
    """One process over its lives: what a dead one had used until its last sample stays counted."""

    def __init__(self, find: FindPid) -> None:
        self._find = find
        self._pid: int | None = None
        self._earlier_s = 0.0
        self._now_s = 0.0
        self._peak_mb = 0.0

    @property
    def cost(self) -> Cost:
        return Cost(self._earlier_s + self._now_s, self._peak_mb)

    def sample(self) -> None:
        pid = self._find()
        if pid != self._pid:
            self._earlier_s += self._now_s
            self._now_s, self._pid = 0.0, pid
        if pid is not None:
            with contextlib.suppress(psutil.Error, OSError):
                used = _used(psutil.Process(pid))
                self._now_s = max(self._now_s, used.cpu_s)
                self._peak_mb = max(self._peak_mb, used.peak_rss_mb)


class Costs:
    """Samples processes until it is cancelled; a life shorter than a sample is not seen."""

    def __init__(self, processes: Mapping[str, FindPid]) -> None:
        """``processes`` tells for each name which process it is now."""
        self._meters = {name: _Meter(find) for name, find in processes.items()}

    async def run(self) -> None:
        """Sample for ever."""
        while True:
            self.sample()
            await asyncio.sleep(SAMPLE_S)

    def sample(self) -> None:
        """Take one sample now."""
        for meter in self._meters.values():
            meter.sample()

    def mark(self) -> Mark:
        """Remember now, to tell later what has been used since."""
        self.sample()
        return Mark(time.monotonic(), {name: meter.cost.cpu_s for name, meter in self._meters.items()})

    def cpu_per_second_since(self, mark: Mark) -> dict[str, float]:
        """CPU seconds per second since the mark, for each process."""
        self.sample()
        seconds = max(time.monotonic() - mark.at, 1e-3)
        return {name: (m.cost.cpu_s - mark.cpu_s[name]) / seconds for name, m in self._meters.items()}

    def peak_rss_mb(self) -> dict[str, float]:
        """The most memory so far. Of a process with children: the sum of each one's most."""
        self.sample()
        return {name: meter.cost.peak_rss_mb for name, meter in self._meters.items()}


class Mark(Struct, frozen=True):
    """A moment of :class:`Costs`: monotonic seconds, and CPU seconds of each process until then."""

    at: float
    cpu_s: dict[str, float]


def _used(process: psutil.Process) -> Cost:
    whole = [process, *process.children(recursive=True)]
    cpu, memory = 0.0, 0.0
    for one in whole:
        with contextlib.suppress(psutil.Error, OSError):
            times = one.cpu_times()
            cpu += times.user + times.system
            memory += _high_water_mb(one.pid)
    ended = process.cpu_times()
    return Cost(cpu + ended.children_user + ended.children_system, memory)


def _high_water_mb(pid: int) -> float:
    """The most resident memory that the process ever had, as the kernel counted it."""
    found = _HIGH_WATER.search(Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
