"""The only place where the fleet reads the clock."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
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


def day_of(at: int) -> tuple[int, int]:
    """The Swedish day of a time: its first millisecond, and that of the next day."""
    midnight = local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return _ms(midnight), _ms(midnight + timedelta(days=1))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
