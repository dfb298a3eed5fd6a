"""Whether the machine was there while a call was held: others may run on the same host."""

from __future__ import annotations

from typing import NamedTuple

import psutil

DISTURBED = 0.1
"""From here on a call says more about the host than about who held it."""


class Times(NamedTuple):
    """Seconds of all cores since the start of the machine."""

    all: float
    stolen: float
    """In which something wanted to run and the host ran another machine: steal of proc_stat(5)."""


def times() -> Times:
    """Look at the clock of all cores."""
    now = psutil.cpu_times()
    # The kernel counts guests as user, too.
    counted = sum(now) - getattr(now, "guest", 0.0) - getattr(now, "guest_nice", 0.0)
    return Times(counted, getattr(now, "steal", 0.0))


def stolen_ratio(before: Times, after: Times) -> float:
    """Share of the time between that was stolen."""
    passed = after.all - before.all
    return (after.stolen - before.stolen) / passed if passed > 0 else 0.0
