"""One network: what the link test said of it, and what the call in it was."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from bench.calls.figures import Figures
from bench.calls.verdict import TOO_LATE_MS
from kit.ipc.linktest import TrialEnd
from kit.ipc.network import LinkFigures, Verdict

MOST_MEGABYTES = 8.0


class Experience(StrEnum):
    """What those in a call would say of it."""

    GOOD = "good"
    PASSABLE = "passable"
    BAD = "bad"


_ORDER = (Experience.GOOD, Experience.PASSABLE, Experience.BAD)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One direction of the call."""

    fps: float
    height: int
    frozen: float
    """Share of the time."""
    sound_lost: float
    """Share of speech that was not recognized where it should be."""
    delay_ms: float | None
    """Of pictures, 95th percentile."""

    @classmethod
    def of(cls, figures: Figures, seconds: float) -> Call:
        """Of what the bench of calls measured."""
        return cls(
            fps=figures.fps,
            height=figures.height,
            frozen=round(figures.freeze_seconds / seconds, 3),
            sound_lost=figures.sound_lost_ratio,
            delay_ms=figures.latency_p95_ms,
        )

    @property
    def experience(self) -> Experience:
        """By its worst side. Lost speech: from 3 % it is heard, from 8 % words are missing.

        Below 270 lines faces cannot be read.
        """
        delay = float("inf") if self.delay_ms is None else self.delay_ms
        if self.fps < 10 or self.frozen > 0.15 or self.sound_lost > 0.08 or delay > 1500:
            return Experience.BAD
        moves = self.fps >= 24 and self.height >= 270 and self.frozen <= 0.03
        return Experience.GOOD if moves and self.sound_lost <= 0.03 and delay <= 600 else Experience.PASSABLE


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One network and seed."""

    condition: str
    seed: int
    end: TrialEnd
    figures: LinkFigures | None
    verdict: Verdict | None
    seconds: float
    """Of the test, joining and leaving included."""
    megabytes: float
    """Of the test, both ways."""
    up: Call
    down: Call
    late_ms: float
    """How late the network itself was: above 8 ms the machine was too busy to judge."""

    @property
    def experience(self) -> Experience:
        """The worse direction's."""
        return max(self.up.experience, self.down.experience, key=_ORDER.index)

    @property
    def line(self) -> str:
        """For a table."""
        f = self.figures or LinkFigures()
        worse = max((self.up, self.down), key=lambda way: _ORDER.index(way.experience))
        return (
            f"{self.condition:<24}{self.seed:>4} {self.verdict or self.end:<7}"
            f"{f.up_kbps:>6}/{f.down_kbps:<5}{f.round_trip_ms:>5} ms {f.jitter_ms:>4} ms"
            f" {f.loss_percent:>5} % {f.longest_gap_ms:>5} ms {self.seconds:>5} s"
            f" {self.megabytes:>5} MB | {self.experience:<9}"
            f"{self.up.fps:>5}/{self.down.fps:<5}{worse.height:>4} {100 * worse.frozen:>5.1f} %"
            f" {100 * worse.sound_lost:>5.1f} % {worse.delay_ms or 0:>6.0f} ms"
            f"{' (machine late)' if self.late_ms > TOO_LATE_MS else ''}"
        )


def fault(row: Row, rows: Sequence[Row]) -> str:
    """What is wrong with a verdict, by all the calls that were held in its network; empty when nothing is.

    Where one call was good and another bad nobody can rely on the network: "räcker inte" is then no mistake.
    """
    calls = {other.experience for other in rows if other.condition == row.condition}
    verdict = row.verdict or Verdict.POOR
    if verdict is Verdict.GOOD and Experience.BAD in calls:
        return "bra, and a bad call"
    if verdict is Verdict.POOR and calls == {Experience.GOOD}:
        return "räcker inte, and good calls"
    return "too dear" if row.megabytes >= MOST_MEGABYTES else ""


def show(rows: Sequence[Row]) -> int:
    """Print the table; how many were wrong or too dear, on a machine that was not too busy to judge."""
    print(
        f"{'network':<24}seed verdict up/down kbit/s  rtt  jitter    loss      gap  took   cost |"
        " call     fps up/down, lines, frozen, speech lost, delay"
    )
    judged = [row for row in rows if row.late_ms <= TOO_LATE_MS]
    for row in sorted(rows, key=lambda row: (row.condition, row.seed)):
        print(f"{row.line}  {fault(row, judged)}".rstrip())
    wrong = sum(bool(fault(row, judged)) for row in judged)
    print(f"{wrong} of {len(judged)} wrong; {len(rows) - len(judged)} not judged, the machine was too busy")
    return wrong
