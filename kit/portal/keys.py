"""Which keys and buttons reach a portal: those that type, and no other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Final, NamedTuple

from kit.ipc.portal import PortalKey

SHIFT, LOCK, CONTROL, MOD1, MOD2, MOD3, MOD4, MOD5 = (1 << bit for bit in range(8))
"""Modifiers in the X protocol: MOD1 is Alt, MOD2 Num Lock, MOD4 Super, MOD5 AltGr (types @ in Swedish)."""
ANY_KEY: Final = 0
ANY_MODIFIER: Final = 1 << 15

BACK: Final = 0x1008FF26
"""XF86Back, the key that a browser goes back by. The frame's "Tillbaka" presses it."""
BUTTONS: Final = (2, 3, 8, 9)
"""Paste and new tab, the context menu, back and forward. Left and the wheel remain."""
_SHORTCUTS_KEPT: Final = tuple(ord(sign) for sign in "acvxz")
"""With Control: select all, copy, paste, cut, undo, in what is being typed."""
ESCAPE: Final = 0xFF1B
_NAMED: Final = frozenset({0xFF13, 0xFF61, 0xFF62, 0xFF67, 0xFF68, 0xFF69, 0xFF6A, 0xFF6B})
"""Pause, Print, Execute, Menu, Find, Cancel, Help, Break."""
_FUNCTION: Final = range(0xFFBE, 0xFFE1)
_XFREE86: Final = range(0x1008FE00, 0x10090000)
"""Keys of media, mail, home page, reload and the like."""


_SPECIAL: Final = {PortalKey.BACK: 0xFF08, PortalKey.NEXT: 0xFF09, PortalKey.ENTER: 0xFF0D}
SHIFT_KEY: Final = 0xFFE1
TYPED: Final = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("åäöéüÅÄÖÉÜ")
"""Characters that the keyboard on the screen may type, whatever keyboard the display believes in."""


class Stroke(NamedTuple):
    """How a character is typed."""

    keycode: int
    shift: bool


class Grab(NamedTuple):
    """A keycode (or :data:`ANY_KEY`) with exactly these modifiers (or :data:`ANY_MODIFIER`)."""

    keycode: int
    modifiers: int


def taken(keymap: Mapping[int, int]) -> Iterator[Grab]:
    """What never reaches the page. ``keymap``: keycode to its first keysym."""
    for modifiers in _combinations((CONTROL, MOD1, MOD3, MOD4), also=(SHIFT, LOCK, MOD2, MOD5)):
        yield Grab(ANY_KEY, modifiers)
    for keycode, keysym in keymap.items():
        if keysym == BACK:
            continue
        if keysym in _FUNCTION or keysym in _XFREE86 or keysym in _NAMED:
            yield Grab(keycode, ANY_MODIFIER)
        elif keysym == ESCAPE:
            # With Shift it opens Chromium's list of tasks.
            yield from (Grab(keycode, SHIFT | locks) for locks in _subsets((LOCK, MOD2)))


def given(keymap: Mapping[int, int]) -> Iterator[Grab]:
    """What is let through again of what :func:`taken` holds."""
    for keycode, keysym in keymap.items():
        if keysym in _SHORTCUTS_KEPT:
            yield from (Grab(keycode, CONTROL | locks) for locks in _subsets((LOCK, MOD2)))


def keysym(key: str) -> int:
    """Return what X calls a character of :data:`TYPED` or the value of a :class:`PortalKey`; 0 for others."""
    return ord(key) if key in TYPED else _SPECIAL.get(key, 0)  # type: ignore[call-overload]


def strokes(keymap: Mapping[int, tuple[int, ...]]) -> dict[int, Stroke]:
    """How each keysym is typed, with Shift or without. ``keymap``: keycode to its keysyms, by level."""
    found: dict[int, Stroke] = {}
    for shift in (False, True):
        for keycode, keysyms in keymap.items():
            if len(keysyms) > shift and keysyms[shift]:
                found.setdefault(keysyms[shift], Stroke(keycode, shift))
    return found


def missing(keymap: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, int]]:
    """Keysyms for keycodes that no key has, so that all of :data:`TYPED` can be typed."""
    known = strokes(keymap)
    spare = (keycode for keycode, keysyms in keymap.items() if not any(keysyms))
    wanted = sorted(sign for sign in TYPED if ord(sign) not in known)
    pairs = {sign.lower(): (ord(sign.lower()), ord(sign.upper())) for sign in wanted}
    return dict(zip(spare, pairs.values(), strict=False))


def _combinations(some: Iterable[int], also: Iterable[int]) -> Iterator[int]:
    """At least one of ``some``, with each selection of ``also``."""
    for one, other in product(_subsets(some), _subsets(also)):
        if one:
            yield one | other


def _subsets(bits: Iterable[int]) -> list[int]:
    found = [0]
    for bit in bits:
        found += [one | bit for one in found]
    return found
