"""Named losses and a mobile network, the same in every run: True is a packet that the network loses."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from bench.calls.link import losses

CALM = 100
"""Packets at the beginning of each pattern that come through, so that what learns has learnt."""
_OPPORTUNITY_BITS = 1500 * 8


def _every(count: int, among: int, length: int) -> list[bool]:
    return [number % among < count for number in range(length)]


def _drawn(share: float, burst: float, length: int) -> list[bool]:
    return list(itertools.islice(losses(share, burst, random.Random(7)), length))


def _pattern(begun: Sequence[bool]) -> tuple[bool, ...]:
    return (*itertools.repeat(False, CALM), *begun)


PATTERNS: dict[str, tuple[bool, ...]] = {
    "single": _pattern([True] + 199 * [False]),
    "pair": _pattern([True, True] + 198 * [False]),
    "burst3": _pattern([True, True, True] + 197 * [False]),
    "burst8": _pattern(8 * [True] + 192 * [False]),
    "second": _pattern(50 * [True] + 350 * [False]),
    "every10th": _pattern(_every(1, 10, 400)),
    "every3rd": _pattern(_every(1, 3, 400)),
    "pairs-of-10": _pattern(_every(2, 10, 400)),
    "random5": _pattern(_drawn(0.05, 1, 900)),
    "random20": _pattern(_drawn(0.2, 1, 900)),
    "gilbert5": _pattern(_drawn(0.05, 8, 900)),
}


def mobile_trace(seconds: int, seed: int = 7) -> list[int]:
    """Milliseconds at which 1,500 bytes may cross: 0.3 to 6 Mbit/s, another each 200 ms, two silences."""
    rng, moments, credit = random.Random(seed), [], 0.0
    rate = 2_000_000.0
    silences = [(seconds * share, seconds * share + length) for share, length in ((0.4, 0.8), (0.7, 1.5))]
    for millisecond in range(seconds * 1000):
        if millisecond % 200 == 0:
            rate = min(6_000_000.0, max(300_000.0, rate * rng.uniform(0.7, 1.4)))
        if any(begin <= millisecond / 1000 < end for begin, end in silences):
            continue
        credit += rate / 1000 * rng.uniform(0.5, 1.5)
        while credit >= _OPPORTUNITY_BITS:
            credit -= _OPPORTUNITY_BITS
            moments.append(millisecond)
    return moments


def dipping_trace(seconds: float, kbps: int, dips: Sequence[float], length_s: float = 0.25) -> list[int]:
    """A link of ``kbps``, of which a tenth is left for a moment at each of ``dips``."""
    moments, credit = [], 0.0
    for millisecond in range(round(seconds * 1000)):
        dipped = any(begin <= millisecond / 1000 < begin + length_s for begin in dips)
        credit += kbps / (10 if dipped else 1)
        while credit >= _OPPORTUNITY_BITS:
            credit -= _OPPORTUNITY_BITS
            moments.append(millisecond)
    return moments
