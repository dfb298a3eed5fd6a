"""Battery and charger as the kernel's power supply class tells.

The class is read instead of UPower, because it is there on every machine, before and without D-Bus.
https://docs.kernel.org/power/power_supply_class.html
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from kit.hw import sysfs

SUPPLIES: Final = "sys/class/power_supply"
MONITORS: Final = "sys/class/hwmon"
CHARGERS: Final = frozenset({"Mains", "USB", "Wireless"})


class BatteryState(StrEnum):
    """What the battery does. ``NONE``: this machine has none."""

    NONE = "none"
    CHARGING = "charging"
    DISCHARGING = "discharging"
    HOLDING = "holding"
    """On the charger, neither charged nor used: full, or held below full to spare it."""
    UNKNOWN = "unknown"


class ChargerState(StrEnum):
    """Whether the charger is in. ``UNKNOWN``: the machine does not tell."""

    PLUGGED = "plugged"
    UNPLUGGED = "unplugged"
    UNKNOWN = "unknown"


class Power(Struct, frozen=True, kw_only=True):
    """All batteries of the machine as one. ``worn_percent``: capacity lost since new."""

    battery: BatteryState = BatteryState.NONE
    percent: int | None = None
    worn_percent: int | None = None
    charger: ChargerState = ChargerState.UNKNOWN
    undervoltage: bool = False
    """A Raspberry Pi's supply is too weak: it slows down, and USB devices fall off."""


_STATES: Final = {
    "Charging": BatteryState.CHARGING,
    "Discharging": BatteryState.DISCHARGING,
    "Not charging": BatteryState.HOLDING,
    "Full": BatteryState.HOLDING,
}
_WEIGHT: Final = (BatteryState.CHARGING, BatteryState.DISCHARGING, BatteryState.HOLDING)


def read(root: Path) -> Power:
    """How the machine at ``root`` is powered."""
    supplies = sysfs.entries(root / SUPPLIES)
    batteries = [path for path in supplies if _is_battery(path)]
    return Power(
        battery=_state(batteries),
        percent=_percent(batteries),
        worn_percent=_worn(batteries),
        charger=_charger(supplies),
        undervoltage=_undervoltage(root),
    )


def _is_battery(supply: Path) -> bool:
    """Not a mouse's or a pen's: those have the scope ``Device``. A bay without a battery says present 0."""
    return (
        sysfs.text(supply / "type") == "Battery"
        and sysfs.text(supply / "scope") != "Device"
        and sysfs.integer(supply / "present") != 0
    )


def _state(batteries: list[Path]) -> BatteryState:
    if not batteries:
        return BatteryState.NONE
    told = {_STATES.get(sysfs.text(path / "status") or "", BatteryState.UNKNOWN) for path in batteries}
    return next((state for state in _WEIGHT if state in told), BatteryState.UNKNOWN)


def _percent(batteries: list[Path]) -> int | None:
    filled = _share(batteries, "now", "full")
    if filled is not None:
        return filled
    told = [sysfs.integer(path / "capacity", 0, 100) for path in batteries]
    known = [percent for percent in told if percent is not None]
    return round(sum(known) / len(known)) if known else None


def _worn(batteries: list[Path]) -> int | None:
    left = _share(batteries, "full", "full_design")
    return None if left is None else 100 - left


def _share(batteries: list[Path], part: str, whole: str) -> int | None:
    """Percent that the sum of ``part`` is of the sum of ``whole``; drivers tell energy or charge."""
    for kind in ("energy", "charge"):
        parts = [sysfs.integer(path / f"{kind}_{part}", 0) for path in batteries]
        wholes = [sysfs.integer(path / f"{kind}_{whole}", 1) for path in batteries]
        if batteries and None not in parts and None not in wholes:
            share = sum(filter(None, parts)) / sum(filter(None, wholes))
            return min(100, round(100 * share))
    return None


def _charger(supplies: list[Path]) -> ChargerState:
    online = [
        sysfs.integer(path / "online")
        for path in supplies
        if sysfs.text(path / "type") in CHARGERS and sysfs.text(path / "scope") != "Device"
    ]
    known = [value for value in online if value is not None]
    if not known:
        return ChargerState.UNKNOWN
    return ChargerState.PLUGGED if any(known) else ChargerState.UNPLUGGED


def _undervoltage(root: Path) -> bool:
    return any(
        sysfs.integer(path / "in0_lcrit_alarm") == 1
        for path in sysfs.entries(root / MONITORS)
        if sysfs.text(path / "name") == "rpi_volt"
    )
