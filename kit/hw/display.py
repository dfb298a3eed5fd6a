"""The screen: resolution, size in the hand, backlight."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from msgspec import Struct

from kit.hw import sysfs

CONNECTORS: Final = "sys/class/drm"
BACKLIGHTS: Final = "sys/class/backlight"
MM_PER_INCH: Final = 25.4
EDID_HEADER: Final = bytes.fromhex("00ffffffffffff00")
EDID_BLOCK: Final = 128


class Display(Struct, frozen=True, kw_only=True):
    """The first connected screen; ``connected`` is False when there is none.

    Sizes are None where the panel does not tell them (panels on DSI have no EDID).
    """

    connected: bool = False
    width_px: int | None = None
    height_px: int | None = None
    diagonal_inch: float | None = None
    backlight_percent: int | None = None


def read(root: Path) -> Display:
    """The screen of the machine at ``root``."""
    backlight = _backlight(root)
    for connector in sysfs.entries(root / CONNECTORS):
        if sysfs.text(connector / "status") == "connected":
            width, height = _preferred_mode(connector)
            return Display(
                connected=True,
                width_px=width,
                height_px=height,
                diagonal_inch=diagonal_inch(_edid(connector)),
                backlight_percent=backlight,
            )
    return Display(backlight_percent=backlight)


def diagonal_inch(edid: bytes) -> float | None:
    """The picture's diagonal by VESA E-EDID 1.4: in mm from the preferred timing, else in cm."""
    if len(edid) < EDID_BLOCK or not edid.startswith(EDID_HEADER):
        return None
    timing = edid[54:72]
    has_timing = timing[0] != 0 or timing[1] != 0
    width_mm = timing[12] | (timing[14] & 0xF0) << 4
    height_mm = timing[13] | (timing[14] & 0x0F) << 8
    if not has_timing or not width_mm or not height_mm:
        width_mm, height_mm = edid[21] * 10, edid[22] * 10
    # With one of the two zero the bytes tell an aspect ratio (a projector), not a size.
    if not width_mm or not height_mm:
        return None
    return round(math.hypot(width_mm, height_mm) / MM_PER_INCH, 1)


def _edid(connector: Path) -> bytes:
    try:
        with (connector / "edid").open("rb") as file:
            return file.read(EDID_BLOCK)
    except OSError:
        return b""


def _preferred_mode(connector: Path) -> tuple[int | None, int | None]:
    """The first line of ``modes``: 1920x1200, or 1920x1080i."""
    lines = (sysfs.text(connector / "modes") or "").splitlines()
    width, _, height = (lines[0] if lines else "").rstrip("i").partition("x")
    if not (width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
        return None, None
    return int(width), int(height)


def _backlight(root: Path) -> int | None:
    for panel in sysfs.entries(root / BACKLIGHTS):
        most = sysfs.integer(panel / "max_brightness", 1)
        now = sysfs.integer(panel / "brightness", 0)
        if most is not None and now is not None:
            return min(100, round(100 * now / most))
    return None
