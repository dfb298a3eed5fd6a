"""Means over the seeds, one for each condition, direction and figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from statistics import mean
from typing import NamedTuple

from bench.calls.figures import Direction, Figures, Row, tried


class Measure(NamedTuple):
    """A figure that is shown."""

    title: str
    unit: str
    digits: int
    of: Callable[[Figures], float | None]


class Peer(NamedTuple):
    """Whose figures are shown beside each other."""

    name: str
    of: Callable[[Row], Figures | None]


def peers(rows: Sequence[Row]) -> list[Peer]:
    """The kit, then Chromium in its place with each codec that was tried in all calls."""
    return [
        Peer("kit", lambda row: row.kit),
        Peer(f"Chromium {rows[0].against}", lambda row: row.chromium),
        *(Peer(f"Chromium {codec}", partial(_other, codec)) for codec in tried(rows)),
    ]


def _other(codec: str, row: Row) -> Figures | None:
    return row.chromium_others.get(codec)


def names(rows: Sequence[Row]) -> list[str]:
    """Conditions in the order in which they were measured."""
    return list(dict.fromkeys(row.condition for row in rows))


def means(rows: Sequence[Row], condition: str, direction: Direction, measure: Measure) -> list[float | None]:
    """One of each peer; None where no seed gave one."""
    mine = [row for row in rows if (row.condition, row.direction) == (condition, direction)]
    shown = [[peer.of(row) for row in mine] for peer in peers(rows)]
    return [_mean([measure.of(one) for one in figures if one is not None]) for figures in shown]


def written(value: float | None, measure: Measure) -> str:
    """The number as it is shown."""
    return "–" if value is None else f"{value:.{measure.digits}f}"


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return mean(known) if known else None


def _percent_of_sound(figures: Figures) -> float:
    return 100 * (figures.sound_lost_ratio + figures.sound_concealed_ratio)


FREEZE = Measure("freezes", "s", 1, lambda f: f.freeze_seconds)
SOUND = Measure("sound lost + concealed", "%", 1, _percent_of_sound)
LATE = Measure("latency, 95th percentile", "ms", 0, lambda f: f.latency_p95_ms)
FPS = Measure("pictures per second", "", 0, lambda f: f.fps)
DRAWN = (FREEZE, SOUND, LATE, FPS)
TABLED = (
    Measure("fps", "", 1, lambda f: f.fps),
    Measure("lines", "", 0, lambda f: f.height),
    Measure("freezes", "s", 1, lambda f: f.freeze_seconds),
    Measure("p50", "ms", 0, lambda f: f.latency_p50_ms),
    Measure("p95", "ms", 0, lambda f: f.latency_p95_ms),
    Measure("sound lost", "%", 1, lambda f: 100 * f.sound_lost_ratio),
    Measure("concealed", "%", 1, lambda f: 100 * f.sound_concealed_ratio),
    Measure("lips", "ms", 0, lambda f: f.lip_sync_ms),
    Measure("sent", "kbit/s", 0, lambda f: f.sent_kbps),
    Measure("cpu", "s/s", 2, lambda f: f.cpu_seconds_per_second),
    Measure("memory", "MB", 0, lambda f: f.rss_mb),
)
