"""The figures of one direction of a call, measured alike for every kind of peer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from bench.calls import senses
from bench.calls.call import Outcome, Plan
from bench.calls.choices import Behind
from bench.calls.conditions import Condition
from bench.calls.peer import Report

Direction = Literal["up", "down"]
DIRECTIONS: tuple[Direction, ...] = ("up", "down")

_RECOVERED = 0.8
_FRAME_S = 0.02


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One direction of a call; None where a figure does not apply."""

    fps: float
    width: int
    height: int
    freeze_count: int
    freeze_seconds: float
    sound_lost_ratio: float
    """20 ms of loud speech that were not recognized where they should be."""
    sound_concealed_ratio: float
    """What the receiver says it made up, W3C's concealedSamples over totalSamplesReceived."""
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    sound_latency_ms: float | None
    lip_sync_ms: float | None
    """Median age of pictures less that of sound."""
    sent_kbps: float
    cpu_seconds_per_second: float
    """Of the near side, sending and receiving."""
    rss_mb: float
    relay_late_ms: float
    """How late the network itself was, 95th percentile; above a few ms the machine was too busy to judge."""
    stolen_ratio: float | None = None
    """Share of all cores' time that the host gave to other machines; None where it was not looked at."""
    stopped_seconds: float = 0.0
    """In which the sender, or the receiving kit, said that pictures do not fit, in words on its screen."""
    fps_while_sent: float | None = None
    """Of the rest; None when there was none."""
    recovery_seconds: float | None = None
    """From the last step until 80 % of the rate before the first one."""
    sound_back_seconds: float | None = None
    """From the last step until speech is recognized again."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One direction in one condition, side by side."""

    condition: str
    seed: int
    direction: Direction
    kit: Figures
    chromium: Figures
    against: str = "VP8"
    """What Chromium sent."""
    chromium_others: dict[str, Figures] = {}
    behind: Behind = "direct"
    load: float = 0.0
    """One-minute load average after the calls."""


def tried(rows: Sequence[Row]) -> list[str]:
    """Codecs that Chromium sent in all of these calls, beside the first.

    Seeds differ, those of recorded networks most: means over some of them are nothing to compare with.
    """
    return [codec for codec in rows[0].chromium_others if all(codec in row.chromium_others for row in rows)]


def figures(outcome: Outcome, direction: Direction, plan: Plan) -> Figures:
    """Work out one direction."""
    condition, seconds = plan.condition, plan.seconds
    shown = outcome.far if direction == "up" else outcome.near
    series = outcome.account.up if direction == "up" else outcome.account.down
    seen = senses.seen(shown.pictures, shown.begun, shown.ended)
    sound = np.frombuffer(shown.sound, np.int16)
    heard = senses.heard(shown.walls, sound, shown.begun, shown.ended)
    both = seen.latency_p50_ms is not None and heard.latency_p50_ms is not None
    sender = outcome.near if direction == "up" else outcome.far
    stopped = min(seconds, max(_stopped(sender, "outbound-rtp-video"), _stopped(shown, "rest")))
    return Figures(
        fps=round(seen.fps, 1),
        width=seen.width,
        height=seen.height,
        freeze_count=seen.freeze_count,
        freeze_seconds=round(seen.freeze_seconds, 2),
        sound_lost_ratio=round(heard.lost_ratio, 4),
        sound_concealed_ratio=round(_concealed(shown), 4),
        latency_p50_ms=_rounded(seen.latency_p50_ms),
        latency_p95_ms=_rounded(seen.latency_p95_ms),
        sound_latency_ms=_rounded(heard.latency_p50_ms),
        lip_sync_ms=_rounded((seen.latency_p50_ms or 0) - (heard.latency_p50_ms or 0)) if both else None,
        sent_kbps=round(sum(series) * 8 / 1000 / max(1, len(series)), 1),
        cpu_seconds_per_second=round(outcome.cost.cpu_seconds / seconds, 3),
        rss_mb=round(outcome.cost.rss_mb, 1),
        relay_late_ms=outcome.account.late_ms,
        stolen_ratio=round(outcome.stolen_ratio, 3),
        stopped_seconds=round(stopped, 1),
        fps_while_sent=round(seen.fps * seconds / (seconds - stopped), 1) if seconds - stopped > 1 else None,
        recovery_seconds=_recovery(series, condition),
        sound_back_seconds=_sound_back(heard, shown.begun, condition),
    )


def _stopped(report: Report, by: str) -> float:
    """Seconds of pictures that the sender stopped, or that the receiver asked a room not to forward."""
    return report.change.get(by, {}).get("stoppedDuration", 0.0)


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)


def _concealed(report: Report) -> float:
    sound = report.change.get("inbound-rtp-audio", {})
    return sound.get("concealedSamples", 0.0) / max(1.0, sound.get("totalSamplesReceived", 0.0))


def _recovery(series: list[int], condition: Condition) -> float | None:
    rated = [step for step in condition.steps if step.rate is not None]
    if len(rated) < 2:
        return None
    first, last = int(rated[0].at), int(rated[-1].at)
    before = np.mean(series[2:first]) if first > 3 else 0.0
    after = [second for second in range(last, len(series) - 1) if series[second] >= _RECOVERED * before]
    return float(after[0] + 1 - last) if after else None


def _sound_back(heard: senses.Heard, begun: float, condition: Condition) -> float | None:
    """Seconds after the last step until no speech is missing for good: the last loss of its episode."""
    if not condition.steps or condition.demand.sound_back_seconds is None:
        return None
    end = begun + condition.steps[-1].at
    episode = [at for at in heard.lost_at if at > end - 5]
    back = end
    for at in sorted(episode):
        if at - back > 1.0 and at > end:
            break
        back = max(back, at + _FRAME_S)
    return round(max(0.0, back - end), 2)
