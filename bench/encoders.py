"""`python -m bench.encoders`: what each encoder costs, how good its pictures are, and how near its rate is.

Each kind that encodes on this machine, with aiortc's own encoders and VP8 as Chromium sets it up in the same
run. `SECONDS=30` counts longer, `QUICK=1` shorter. Leaves build/bench/encoders.json and prints a table.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Literal, NamedTuple

import bench
from bench.encoding import subjects
from bench.encoding.measure import Measured, measure
from bench.encoding.subjects import Make

SECONDS, QUICK_SECONDS = 8.0, 3.0


class Case(NamedTuple):
    """A size and a rate."""

    height: int
    bps: int

    def __str__(self) -> str:
        return f"{self.height}p30 at {self.bps / 1e6:g} Mbit/s"


FIGURES: tuple[tuple[str, str, Literal["less", "more"], Callable[[Measured], float]], ...] = (
    ("CPU", "CPU s/s", "less", lambda made: made.cpu),
    ("likeness", "dB PSNR", "more", lambda made: made.psnr_db),
    ("rate error", "%", "less", lambda made: abs(made.error) * 100),
    ("largest picture", "of rate / fps", "less", lambda made: made.largest),
)
CASES = (Case(720, 2_500_000), Case(720, 2_000_000), Case(360, 280_000))


def main() -> int:
    """Measure; ends with 0 whatever was measured."""
    load = os.getloadavg()[0]
    seconds = float(os.environ.get("SECONDS") or (QUICK_SECONDS if os.environ.get("QUICK") else SECONDS))
    print()
    ours, figures = list(subjects.ours()), list[bench.Figure]()
    for case in CASES:
        print(f"\n  {case}: CPU s/s, PSNR dB, rate error, largest picture, 95th, first (of rate / fps)")
        others = dict(pair for pairs in subjects.peers().values() for pair in pairs)
        known = {name: _row(name, make, case, seconds) for name, make in others.items()}
        for name, make in ours:
            codec = "VP8" if name == "libvpx" else "H264"
            figures += _figures(name, case, _row(name, make, case, seconds), codec, known)
    bench.write("encoders", figures, load)
    return 0


def _row(name: str, make: Make, case: Case, seconds: float) -> Measured:
    subject = make(case.height, case.bps)
    try:
        made = measure(subject, case.height, case.bps, seconds)
    finally:
        subject.close()
    print(
        f"  {name:<20} {made.cpu:6.3f} {made.psnr_db:6.2f} {made.error:+6.1%}"
        f" {made.largest:6.2f} {made.p95:6.2f} {made.first:6.2f}",
        flush=True,
    )
    return made


def _figures(
    name: str, case: Case, made: Measured, codec: str, known: dict[str, Measured]
) -> list[bench.Figure]:
    return [
        bench.Figure(
            what=f"{name}, {case}: {what}",
            value=of(made),
            unit=unit,
            better=better,
            peer=peer,
            peer_value=of(known[peer]),
        )
        for peer, _ in subjects.peers()[codec]
        for what, unit, better, of in FIGURES
    ]


if __name__ == "__main__":
    sys.exit(main())
