"""Which sound cards are there, by the kernel's list: looking does not open one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc/asound")
SYSFS = Path("/sys/class/sound")
NAMED = -1
"""The number of a card that is known by its ALSA name only."""
_SHOWN = 64
_DESCRIPTORS = 65_536

# USB descriptors: Universal Serial Bus 2.0, 9.6; Device Class Definition for Audio Devices 1.0, 4.3.2.
_INTERFACE, _CS_INTERFACE = 0x04, 0x24
_AUDIO_CONTROL = (0x01, 0x01)
_TERMINALS = (0x02, 0x03)
_CANCELLING = (0x0404, 0x0405)
"""Terminal types of speakerphones that suppress or cancel echo themselves (Terminal Types 1.0, 2.4)."""


class Direction(Enum):
    """The letter that a PCM's folder ends with."""

    PLAYBACK = "p"
    CAPTURE = "c"


class Card(NamedTuple):
    """A device that sound can be played to or captured from."""

    pcm: str
    """ALSA's name of it."""
    label: str
    number: int = NAMED
    cancels_echo: bool = False


def cards(direction: Direction, cancelling: Collection[str] = ()) -> list[Card]:
    """Return what can be used, the most wanted first.

    A USB device that both hears and speaks is a speakerphone or a headset, and was plugged in to be used;
    then comes what is built in; then USB devices that do one thing, as a webcam's microphone; screens last.
    ``cancelling`` are USB ids (``vvvv:pppp``) of devices that are known to cancel echo.
    """
    found = sorted(_numbers(), key=_rank)
    return [
        Card(pcm, _label(number), number, _cancels_echo(number, cancelling))
        for number in found
        for pcm in _pcms(number, direction)
    ]


def declares_cancelling(descriptors: bytes) -> bool:
    """Whether a USB device says of itself that it is a speakerphone without echo."""
    at, control = 0, False
    while at + 2 <= len(descriptors):
        length, kind = descriptors[at], descriptors[at + 1]
        part = descriptors[at : at + length]
        if length < 2:
            return False
        if kind == _INTERFACE and len(part) >= 7:
            control = (part[5], part[6]) == _AUDIO_CONTROL
        terminal = control and kind == _CS_INTERFACE and len(part) >= 6 and part[2] in _TERMINALS
        if terminal and int.from_bytes(part[4:6], "little") in _CANCELLING:
            return True
        at += length
    return False


def _numbers() -> Iterator[int]:
    for folder in PROC.glob("card*"):
        if folder.name[4:].isdigit():
            yield int(folder.name[4:])


def _pcms(number: int, direction: Direction) -> list[str]:
    """The first PCM of a card; plughw converts rate and channels where the card cannot."""
    folders = PROC.glob(f"card{number}/pcm*{direction.value}")
    devices = sorted(int(name) for folder in folders if (name := folder.name[3:-1]).isdigit())
    return [f"plughw:CARD={_text(PROC / f'card{number}' / 'id') or number},DEV={dev}" for dev in devices[:1]]


def _rank(number: int) -> tuple[int, int]:
    both = all(_pcms(number, direction) for direction in Direction)
    if _usb(number):
        return (0 if both else 2), number
    hdmi = "hdmi" in (_text(PROC / f"card{number}" / "id") + _label(number)).lower()
    return (3 if hdmi else 1), number


def _cancels_echo(number: int, cancelling: Collection[str]) -> bool:
    usb = _usb(number)
    if not usb:
        return False
    try:
        with (SYSFS / f"card{number}" / "device" / ".." / "descriptors").open("rb") as file:
            descriptors = file.read(_DESCRIPTORS)
    except OSError:
        descriptors = b""
    return usb.lower() in cancelling or declares_cancelling(descriptors)


def _usb(number: int) -> str:
    return _text(PROC / f"card{number}" / "usbid")


def _label(number: int) -> str:
    """The short name in the list of all cards: `` 1 [USB            ]: USB-Audio - Jabra SPEAK 510 USB``."""
    found = re.search(rf"^ *{number} \[.*?\]: \S+ - (.+)$", _text(PROC / "cards"), re.MULTILINE)
    return (found[1].strip() if found else f"card {number}")[:_SHOWN]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").rstrip()
    except OSError:
        return ""
