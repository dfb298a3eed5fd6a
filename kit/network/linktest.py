"""Whether what a link test met is enough for a meeting, and what to do about it. Pure.

Where the lines are drawn comes from calls: `make bench-linktest` holds a link test and then a call in the
same network, over and over; docs/measurements.md shows both side by side. What must hold: after ``GOOD`` no
bad call, after ``POOR`` no good one. Between them the call is held, with smaller pictures or some halts.
"""

from __future__ import annotations

from typing import NamedTuple

from kit.ipc.network import LinkAdvice, LinkFigures, Signal, Uplink, Verdict


class Bounds(NamedTuple):
    """The worst that is allowed; each figure alone."""

    kbps: int
    """The narrower way."""
    round_trip_ms: int
    jitter_ms: int
    loss_percent: float
    gap_ms: int


GOOD = Bounds(kbps=600, round_trip_ms=400, jitter_ms=15, loss_percent=3.0, gap_ms=500)
"""Pictures of 360 lines or more at full pace, and sound that is whole: loss beyond it is heard."""
FAIR = Bounds(kbps=120, round_trip_ms=1000, jitter_ms=150, loss_percent=27.0, gap_ms=1500)
"""Pictures that move and sound that is understood."""
SOUND = Bounds(kbps=60, round_trip_ms=2000, jitter_ms=300, loss_percent=35.0, gap_ms=3000)
"""Sound in packets of 40 ms and nothing else (:data:`kit.media.rtp.allocation.FLOOR_BPS`)."""
_BEYOND_DOUBT = Bounds(kbps=1200, round_trip_ms=250, jitter_ms=8, loss_percent=0.3, gap_ms=200)
_WIRELESS = frozenset({Uplink.CARE_WIFI, Uplink.MOBILE, Uplink.PATIENT_WIFI})
_WORST_FIRST = (Verdict.POOR, Verdict.FAIR, Verdict.GOOD)


def judge(figures: LinkFigures) -> Verdict:
    """Say it in one of three words; a worse figure never gives a better word."""
    if _within(figures, GOOD):
        return Verdict.GOOD
    return Verdict.FAIR if _within(figures, FAIR) else Verdict.POOR


def beyond_doubt(figures: LinkFigures) -> bool:
    """Whether more of the test could hardly change the verdict, which is ``GOOD``."""
    return _within(figures, _BEYOND_DOUBT)


def advise(
    figures: LinkFigures, uplink: Uplink, signal: Signal | None, others: dict[Uplink, Verdict]
) -> LinkAdvice:
    """Say what to do first. ``others`` are the last verdicts of the kit's other uplinks."""
    verdict = judge(figures)
    if verdict is Verdict.GOOD:
        return LinkAdvice.NONE
    if any(is_better(other, verdict) for other in others.values()):
        return LinkAdvice.OTHER
    if uplink in _WIRELESS and signal in (Signal.WEAK, Signal.NONE):
        return LinkAdvice.MOVE
    if verdict is Verdict.FAIR:
        return LinkAdvice.CABLE if uplink in _WIRELESS else LinkAdvice.NONE
    return LinkAdvice.SOUND_ONLY if _within(figures, SOUND) else LinkAdvice.PHONE


def is_better(one: Verdict, other: Verdict) -> bool:
    """Whether one verdict beats another."""
    return _WORST_FIRST.index(one) > _WORST_FIRST.index(other)


def _within(figures: LinkFigures, bounds: Bounds) -> bool:
    return (
        min(figures.up_kbps, figures.down_kbps) >= bounds.kbps
        and figures.round_trip_ms <= bounds.round_trip_ms
        and figures.jitter_ms <= bounds.jitter_ms
        and figures.loss_percent <= bounds.loss_percent
        and figures.longest_gap_ms <= bounds.gap_ms
    )
