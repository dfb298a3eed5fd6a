"""How much the mobile broadband has carried this month, both ways.

Counted from the kernel's counters of its interfaces and not from ModemManager's statistics, which not every
modem gives and which end with the connection. The kernel begins at 0 with each start and each interface, so
a counter is known by both; what was counted is kept in one small file, written seldom. After a power cut at
most :data:`SAVE_BYTES` or :data:`SAVE_AFTER_S` are missing from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec
import structlog
from msgspec import Meta, Struct

from kit import files
from kit.hw import sysfs

FILE: Final = "data-use.json"
SAVE_BYTES: Final = 50_000_000
SAVE_AFTER_S: Final = 900.0
MOST_BYTES: Final = 2**60
MOST_COUNTERS: Final = 8
NO_CLOCK: Final = 1_735_689_600.0
"""2025-01-01: a clock that is before was never set, and knows no month."""
ARPHRD_PPP: Final = 512
STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")

Bytes = Annotated[int, Meta(ge=0, le=MOST_BYTES)]
Month = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}$")]
Source = Annotated[str, Meta(pattern=r"^[0-9a-f-]{1,36}/[0-9]{1,10}$")]

log = structlog.get_logger()


class Use(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bytes of the last two months that were counted in, and where each counter stood then.

    Two, because a clock that is set right may go back over the turn of a month.
    """

    months: Annotated[dict[Month, Bytes], Meta(max_length=2)] = {}
    counters: Annotated[dict[Source, Bytes], Meta(max_length=MOST_COUNTERS)] = {}


def month_of(wall: float) -> str | None:
    """The calendar month in Sweden, as ``2026-11``; None as long as the clock is not set."""
    return f"{datetime.fromtimestamp(wall, STOCKHOLM):%Y-%m}" if NO_CLOCK <= wall < 2**33 else None


def counted(use: Use, month: str | None, counters: Mapping[str, int]) -> Use:
    """Add what the counters have gone on since. Without a month nothing is lost: it is added later."""
    if month is None:
        return use
    grown = sum(_growth(use.counters.get(source), now) for source, now in counters.items())
    if grown == 0 and month in use.months and counters.keys() <= use.counters.keys():
        return use
    others = {name: used for name, used in use.months.items() if name != month}
    months = {month: min(MOST_BYTES, use.months.get(month, 0) + grown)}
    if others:
        months[max(others)] = others[max(others)]
    kept = {source: stood for source, stood in use.counters.items() if source not in counters}
    newest = [*kept.items(), *counters.items()][-MOST_COUNTERS:]
    return Use(months=months, counters=dict(newest))


def read_counters(root: Path, interface: str = "") -> dict[str, int]:
    """Bytes of each mobile interface by its source: start of the machine, and number of the interface.

    Mobile are ``interface``, as ModemManager names it, whatever says that it is a modem's, and PPP.
    """
    boot = sysfs.text(root / "proc/sys/kernel/random/boot_id") or "0"
    found = {}
    for folder in sysfs.entries(root / "sys/class/net"):
        index = sysfs.integer(folder / "ifindex", 1, 2**31)
        if index is None or not (folder.name == interface or _is_modem(folder)):
            continue
        ways = [
            sysfs.integer(folder / "statistics" / name, 0, MOST_BYTES) for name in ("rx_bytes", "tx_bytes")
        ]
        found[f"{boot}/{index}"] = min(MOST_BYTES, sum(way or 0 for way in ways))
    return found


class DataUse:
    """Counts and keeps. Everything here is blocking: call it in a thread, one call at a time."""

    def __init__(self, folder: Path, wall: Callable[[], float], root: Path = Path("/")) -> None:
        """``folder``: what outlives a restart. Nothing is touched before the first call."""
        self._path = folder / FILE
        self._wall = wall
        self._root = root
        self._use: Use | None = None
        self._saved = Use()
        self._saved_at = wall()

    def look(self, interface: str = "") -> int:
        """Count, and return this month's bytes; 0 as long as the clock is not set."""
        if self._use is None:
            self._use = self._saved = _load(self._path)
        month = month_of(self._wall())
        self._use = counted(self._use, month, read_counters(self._root, interface))
        if self._is_due(month):
            self.save()
        return self._use.months.get(month or "", 0)

    def save(self) -> None:
        """Keep what was counted; a disk that refuses is tried again when it is due next."""
        if self._use is None or self._use == self._saved:
            return
        self._saved, self._saved_at = self._use, self._wall()
        try:
            files.write_whole(self._path, msgspec.json.encode(self._use))
        except OSError as error:
            log.warning("data_use_not_written", error=type(error).__name__)

    def _is_due(self, month: str | None) -> bool:
        if self._use is None or month is None or self._use == self._saved:
            return False
        unsaved = self._use.months.get(month, 0) - self._saved.months.get(month, 0)
        new_month = month not in self._saved.months
        return new_month or unsaved >= SAVE_BYTES or abs(self._wall() - self._saved_at) >= SAVE_AFTER_S


def _growth(stood: int | None, now: int) -> int:
    """A counter that is new, or went back although it may not, has counted all of itself since."""
    return now if stood is None or now < stood else now - stood


def _is_modem(folder: Path) -> bool:
    uevent = (sysfs.text(folder / "uevent") or "").splitlines()
    return "DEVTYPE=wwan" in uevent or sysfs.integer(folder / "type") == ARPHRD_PPP


def _load(path: Path) -> Use:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Use)
    except FileNotFoundError:
        return Use()
    except (OSError, msgspec.DecodeError) as error:
        log.warning("data_use_unreadable", error=type(error).__name__)
        return Use()
