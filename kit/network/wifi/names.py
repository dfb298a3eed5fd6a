"""Names of Wi-Fi networks: 1 to 32 bytes of anything (IEEE 802.11-2020, 9.4.2.2), and what a screen shows.

A name is the patient's: it is never part of an identifier, a log line, an exception or a repr.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from msgspec import Struct

MAX_BYTES: Final = 32
MAX_LABEL: Final = MAX_BYTES
"""Characters: no 32 bytes are more."""
NAMELESS: Final = "Nät utan läsbart namn"
NOT_DRAWN: Final = "…"
"""In place of one or more characters that the screen has no signs for: emoji, other scripts."""
DRAWN: Final = (
    *((0x20, 0x7E), (0xA0, 0x148), (0x14A, 0x1C3), (0x1C5, 0x31E), (0x321, 0x377), (0x37A, 0x37F)),
    *((0x384, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x3E1), (0x3F0, 0x49D), (0x4A0, 0x4FF), (0x1E00, 0x1EFF)),
    *((0x2010, 0x2027), (0x2030, 0x205E), (0x20A0, 0x20BF), (0x2190, 0x2199), (0x2605, 0x2606)),
    *((0x2661, 0x2661), (0x2665, 0x2665), (0x2713, 0x2713), (0x2764, 0x2764)),
)
"""First and last of what the screen's type face (Inter) has: Latin, Greek, Cyrillic, and some signs."""
_SHOWN_BESIDES: Final = frozenset({" "})
_CATEGORIES: Final = ("L", "M", "N", "P", "S")
"""Letters, marks, numbers, punctuation, symbols (emoji too). Not controls, formats (overrides and isolates of
direction, zero width joiners), surrogates, private use, unassigned, or separators of lines."""
_MARKS_IN_A_ROW: Final = 2
"""Letters with more marks than this on them (no language has them) climb over the lines above."""


class Name(Struct, frozen=True):
    """A network's name, checked: 1 to 32 bytes. Its repr says nothing."""

    octets: bytes

    def __post_init__(self) -> None:
        if not 1 <= len(self.octets) <= MAX_BYTES:
            raise ValueError("a network's name has 1 to 32 bytes")

    def __repr__(self) -> str:
        return "Name(…)"


def typed(text: str) -> Name | None:
    """Return the name that staff typed or a code gave, in UTF-8; None when it cannot be one.

    It is taken as it is: blanks at an end may belong to it.
    """
    try:
        return Name(text.encode())
    except ValueError:
        return None


def label(name: Name) -> str:
    """Return what a screen may show: one line, in the order it is read, at most :data:`MAX_LABEL` long.

    What is not UTF-8 is read as Latin-1's neighbour Windows-1252, which old routers used.
    """
    try:
        text = name.octets.decode()
    except UnicodeDecodeError:
        text = name.octets.decode("cp1252", errors="replace")
    shown = "".join(_shown(unicodedata.normalize("NFC", text))).strip()
    shown = " ".join(shown.split())
    return shown[:MAX_LABEL] if shown.strip(f"{NOT_DRAWN} ") else NAMELESS


def _shown(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category.startswith("M") else 0
        if marks > _MARKS_IN_A_ROW:
            continue
        if category[0] in _CATEGORIES or character in _SHOWN_BESIDES:
            if any(first <= ord(character) <= last for first, last in DRAWN):
                kept.append(character)
            elif not category.startswith("M") and kept[-1:] != [NOT_DRAWN]:
                kept.append(NOT_DRAWN)
        else:
            kept.append(" " if category in {"Cc", "Zs", "Zl", "Zp"} else "")
    return kept
