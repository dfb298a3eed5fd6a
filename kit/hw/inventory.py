"""Which machine this is: make and model, never a serial number. The asset's number is the kit's id."""

from __future__ import annotations

import platform
from pathlib import Path

from msgspec import Struct

from kit.hw import sysfs

MOST_CHARACTERS = 60


class Inventory(Struct, frozen=True, kw_only=True):
    """Empty where the machine does not tell."""

    maker: str = ""
    model: str = ""
    architecture: str = ""
    processors: int = 0


def read(root: Path) -> Inventory:
    """From DMI on a PC, from the device tree on a Raspberry Pi."""
    dmi = root / "sys/class/dmi/id"
    tree = root / "proc/device-tree"
    return Inventory(
        maker=_tidy(sysfs.text(dmi / "sys_vendor")),
        model=_tidy(sysfs.text(dmi / "product_name") or sysfs.text(tree / "model")),
        architecture=platform.machine(),
        processors=sum(
            path.name[3:].isdigit()
            for path in sysfs.entries(root / "sys/devices/system/cpu")
            if path.name.startswith("cpu")
        ),
    )


def _tidy(told: str | None) -> str:
    """Device trees end their texts with a zero byte."""
    return "".join(filter(str.isprintable, told or ""))[:MOST_CHARACTERS].strip()
