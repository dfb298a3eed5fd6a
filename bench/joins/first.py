"""From the tap to the first picture and the first sound: the kit beside Chromium, in the same room."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from bench.joins import Times
from bench.joins.kit import Engine
from bench.joins.meetings import Kind, Meeting, meeting
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.media.pulse import Pulse

LONGEST_WAIT_S = 1.5
"""Joins come at any moment between two key frames of the others."""


class Row(msgspec.Struct, frozen=True):
    """One seed."""

    service: Kind
    seed: int
    kit: Times
    chromium: Times


async def measure(
    kind: Kind, seeds: Sequence[int], tries: int, folder: Path, certificates: Certificates, pulse: Pulse
) -> list[Row]:
    """Join ``tries`` times a seed, each time with a fresh page and a fresh engine; medians are kept."""
    rows = []
    async with meeting(kind, certificates) as there:
        for seed in seeds:
            chance = random.Random(seed)  # noqa: S311
            kit, chromium = [], []
            for number in range(tries):
                wait_s = chance.uniform(0.5, LONGEST_WAIT_S)
                for ours in (True, False) if (seed + number) % 2 else (False, True):
                    if ours:
                        kit.append(await _kit(there, wait_s, folder, certificates, pulse))
                    else:
                        chromium.append(await there.chromium(wait_s))
            rows.append(Row(kind, seed, middle(kit), middle(chromium)))
            print(f"  {kind} seed {seed}: kit {_short(kit)}, Chromium {_short(chromium)}", flush=True)
    return rows


def middle(times: Iterable[Times]) -> Times:
    """The medians."""
    both = list(times)
    return Times(
        round(statistics.median(one.first_picture_ms for one in both), 1),
        round(statistics.median(one.first_sound_ms for one in both), 1),
    )


def show(rows: Sequence[Row]) -> bool:
    """Print a table with verdicts; return whether the kit is never later."""
    reached = True
    print(f"{'service':<9}{'seed':<8}{'first':<9}{'kit':>8}{'Chromium':>10}  ms")
    for kind in dict.fromkeys(row.service for row in rows):
        mine = [row for row in rows if row.service == kind]
        whole = [(str(row.seed), row.kit, row.chromium) for row in mine]
        whole.append(("median", middle(row.kit for row in mine), middle(row.chromium for row in mine)))
        for seed, kit, chromium in whole:
            for what in ("picture", "sound"):
                ours, theirs = (getattr(times, f"first_{what}_ms") for times in (kit, chromium))
                verdict = "reached" if ours <= theirs else "NOT REACHED"
                reached = reached and ours <= theirs
                print(f"{kind:<9}{seed:<8}{what:<9}{ours:>8.0f}{theirs:>10.0f}  {verdict}")
    return reached


def _short(times: Sequence[Times]) -> str:
    return " ".join(f"{one.first_picture_ms:.0f}/{one.first_sound_ms:.0f}" for one in times)


async def _kit(
    there: Meeting, wait_s: float, folder: Path, certificates: Certificates, pulse: Pulse
) -> Times:
    async with Engine(folder / there.service, certificates.ca, there.host, pulse) as engine:
        # As long as the page had.
        await asyncio.sleep(wait_s)
        return await engine.times(there)
