"""Which numbers of a stream have been received: the highest contiguous one, and what lies above a hole.

Pure.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct

Range: TypeAlias = tuple[int, int]

MAX_RANGES: Final = 256
"""A stream with more holes than this takes in nothing that would make another; the kit sends it again later.
"""


class Mark(Struct, frozen=True):
    """All up to and including `contiguous`, and the closed ranges `above`, ascending, with holes between
    them.
    """

    contiguous: int = 0
    above: tuple[Range, ...] = ()


class TooManyHoles(Exception):  # noqa: N818 - flow control, not an error
    """The number was not taken in; it must come again when the holes have been filled."""


def take(mark: Mark, seq: int) -> Mark | None:
    """The mark with `seq` in it, or None when it was there already (a repetition)."""
    if seq <= mark.contiguous or any(low <= seq <= high for low, high in mark.above):
        return None
    grown = _settle(mark.contiguous, [*mark.above, (seq, seq)])
    if len(grown.above) > MAX_RANGES:
        raise TooManyHoles
    return grown


def skip(mark: Mark, oldest: int) -> tuple[Mark, int]:
    """The kit holds nothing below `oldest`: close the holes there. Returns the mark and how many are lost."""
    floor = oldest - 1
    if floor <= mark.contiguous:
        return mark, 0
    received = sum(min(high, floor) - low + 1 for low, high in mark.above if low <= floor)
    lost = floor - mark.contiguous - received
    return _settle(floor, [(low, high) for low, high in mark.above if high > floor]), lost


def waiting(mark: Mark) -> int:
    """How many numbers are missing below the highest one received."""
    if not mark.above:
        return 0
    span = mark.above[-1][1] - mark.contiguous
    return span - sum(high - low + 1 for low, high in mark.above)


def _settle(contiguous: int, ranges: list[Range]) -> Mark:
    """Merge neighbours, and let the contiguous part swallow what it reaches."""
    merged: list[Range] = []
    for low, high in sorted(ranges):
        if low <= contiguous + 1:
            contiguous = max(contiguous, high)
        elif merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return Mark(contiguous, tuple(merged))
