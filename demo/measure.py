"""What the kiosk has drawn of the coordinator, read from the screen's own measurements.

The screen appends a line about once a second: ``t`` unix seconds, ``drawn`` pictures since the last line, and
``glass``: for each picture with a time code, the unix ms at which the window showed it, and the code.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from demo.ready import TooLate
from demo.report.model import Spread
from kit.media.timecode import age_ms

LINE_S = 1.0
"""How often the screen writes."""
_FRESH_MS = 5_000
"""An older picture was left over from before."""
_POLL_S = 0.1


class Line(Struct, frozen=True):
    """One line of the screen's measurements."""

    t: float
    drawn: int
    glass: tuple[tuple[int, int], ...] = ()


class Drawn(Struct, frozen=True, kw_only=True):
    """What was drawn during some seconds; no latency where no picture carried a time code."""

    fps: float
    latency: Spread | None


def read_lines(path: Path) -> list[Line]:
    """Return all whole lines; what is no line of measurements is left out."""
    if not path.exists():
        return []
    decoder = msgspec.json.Decoder(Line)
    lines: list[Line] = []
    for text in path.read_bytes().splitlines():
        try:
            lines.append(decoder.decode(text))
        except msgspec.DecodeError:
            continue
    return lines


def first_after(lines: Sequence[Line], after: float) -> float | None:
    """Unix time at which the first live remote picture after ``after`` was seen."""
    shown = (
        wall_ms
        for line in lines
        for wall_ms, code in line.glass
        if wall_ms > after * 1000 and 0 <= age_ms(code, wall_ms) < _FRESH_MS
    )
    earliest = min(shown, default=None)
    return None if earliest is None else earliest / 1000


def drawn_between(lines: Sequence[Line], begin: float, end: float) -> Drawn:
    """What was drawn between two unix times, counted in whole lines."""
    within = [line for line in lines if begin <= line.t <= end]
    passed = within[-1].t - within[0].t if len(within) > 1 else 0.0
    count = sum(line.drawn for line in within[1:])
    ages = [age_ms(code, wall_ms) for line in within[1:] for wall_ms, code in line.glass]
    return Drawn(fps=count / passed if passed else 0.0, latency=spread(ages))


def spread(values: Sequence[float]) -> Spread | None:
    """Return the percentiles, or None of nothing."""
    if not values:
        return None
    p50, p95 = np.percentile(np.array(values, dtype=np.float64), (50, 95))
    return Spread(float(p50), float(p95))


class Pictures:
    """The remote pictures on one kit's screen."""

    def __init__(self, path: Path) -> None:
        """``path`` is the file of the screen's ``--measure``."""
        self._path = path

    async def wait_for_remote(self, deadline_s: float, after: float = 0.0) -> float:
        """Return the unix time at which the first remote picture after ``after`` was seen, or TooLate."""
        began = time.monotonic()
        while (shown := first_after(read_lines(self._path), after)) is None:
            if time.monotonic() - began > deadline_s + LINE_S:
                raise TooLate(f"a picture from the room: not within {deadline_s:g} s")
            await asyncio.sleep(_POLL_S)
        return shown

    async def during(self, seconds: float) -> Drawn:
        """Return what is drawn during the next ``seconds``."""
        begin = time.time()
        await asyncio.sleep(seconds + LINE_S)
        return drawn_between(read_lines(self._path), begin, begin + seconds + LINE_S)

    def count(self) -> int:
        """How many remote pictures were drawn altogether, over all lives of the screen."""
        return sum(line.drawn for line in read_lines(self._path))
