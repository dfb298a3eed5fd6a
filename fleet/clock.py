"""The only place where the fleet reads the clock."""

from __future__ import annotations

import time
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Stockholm")
"""Agreements begin and screens tell the time where the kits are."""


def now_ms() -> int:
    """UTC, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def today() -> date:
    """The day in Sweden."""
    return datetime.now(ZONE).date()


def local(at: int) -> datetime:
    """A time in UTC ms as Swedish clock time."""
    return datetime.fromtimestamp(at / 1000, ZONE)
