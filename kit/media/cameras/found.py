"""Which cameras are there, by the kernel's list: looking does not switch a camera on."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

SYSFS = Path("/sys/class/video4linux")
_SENSORS = ("unicam", "rp1-cfe")
"""Receivers behind a Raspberry Pi's camera socket (Pi 4, Pi 5): raw data, made pictures by libcamera."""
_NOT_CAMERAS = ("bcm2835-", "rpi", "pispbe", "v4l2loopback output")
"""Codecs and image processors of a Raspberry Pi are video nodes too."""


class Found(NamedTuple):
    """A camera; ``path`` is :data:`RASPBERRY` for the Raspberry Pi's own."""

    path: str
    label: str


RASPBERRY = "picamera2"


def cameras(sysfs: Path | None = None) -> list[Found]:
    """Return the cameras, those that can be unplugged first: who plugs one in wants to use it."""
    sysfs = sysfs or SYSFS
    nodes = sorted(sysfs.glob("video*"), key=lambda node: (len(node.name), node.name))
    ranked: list[tuple[bool, Found]] = []
    for node in nodes:
        name = _text(node / "name")
        if name.startswith(_SENSORS):
            if not any(found.path == RASPBERRY for _, found in ranked):
                ranked.append((False, Found(RASPBERRY, "Raspberry Pi")))
        # A camera's further nodes carry metadata.
        elif _text(node / "index") == "0" and not name.startswith(_NOT_CAMERAS):
            ranked.append((_unplugs(node), Found(f"/dev/{node.name}", (name or node.name)[:64])))
    return [found for _, found in sorted(ranked, key=lambda entry: not entry[0])]


def label(path: str, sysfs: Path | None = None) -> str:
    """Return a camera's name as its driver gives it, or its device's name."""
    sysfs = sysfs or SYSFS
    node = Path(path).name
    return (_text(sysfs / node / "name") or node)[:64]


def _unplugs(node: Path) -> bool:
    """Whether the USB device is one that a user can remove; built-in cameras say ``fixed``."""
    # device is the USB interface; the attribute is that of the USB device above it.
    return _text(node / "device" / ".." / "removable") == "removable"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
