"""How warm the machine is, and whether it slows itself down.

https://docs.kernel.org/driver-api/thermal/sysfs-api.html
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from kit.hw import sysfs

ZONES: Final = "sys/class/thermal"
MILLI: Final = 1000
COLDEST: Final = -40 * MILLI
HOTTEST: Final = 150 * MILLI


class Warmth(StrEnum):
    """``HOT``: a zone is beyond the point where the kernel slows the machine down."""

    NO_SENSOR = "no_sensor"
    NORMAL = "normal"
    HOT = "hot"
    CRITICAL = "critical"
    """Beyond the point where the kernel is about to switch the machine off."""


class Thermal(Struct, frozen=True, kw_only=True):
    """The warmest zone in °C."""

    warmth: Warmth = Warmth.NO_SENSOR
    celsius: float | None = None


_RANK: Final = (Warmth.NO_SENSOR, Warmth.NORMAL, Warmth.HOT, Warmth.CRITICAL)


def read(root: Path) -> Thermal:
    """The warmest of all zones. Values that no sensor can mean are left out: broken firmware tells them."""
    zones = [
        (_warmth(path, milli), milli / MILLI)
        for path in sysfs.entries(root / ZONES)
        if path.name.startswith("thermal_zone")
        and (milli := sysfs.integer(path / "temp", COLDEST, HOTTEST)) is not None
    ]
    if not zones:
        return Thermal()
    return Thermal(
        warmth=max((warmth for warmth, _ in zones), key=_RANK.index),
        celsius=max(celsius for _, celsius in zones),
    )


def _warmth(zone: Path, milli: int) -> Warmth:
    passed = set()
    for path in sysfs.entries(zone):
        if path.name.startswith("trip_point_") and path.name.endswith("_temp"):
            # A trip point of 0 or below is firmware's way to say that there is none.
            limit = sysfs.integer(path, 1)
            if limit is not None and milli >= limit:
                passed.add(sysfs.text(path.with_name(path.name.removesuffix("temp") + "type")))
    if "critical" in passed:
        return Warmth.CRITICAL
    return Warmth.HOT if passed & {"passive", "hot"} else Warmth.NORMAL
