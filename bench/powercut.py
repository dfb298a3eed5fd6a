"""Power cuts at random moments of joining, holding and removing a patient's Wi-Fi: what the disk holds then.

`make bench-powercut CUTS=500 MINUTES=480`: `CUTS` (500) in all, of the moments that `SEED` (0) gives, and no
new one after `MINUTES` (no limit). Each cut is added to `build/bench/powercut.jsonl` when its disk has been
searched, and is not made again, so that an interrupted run goes on where it was, as long as the kit in the
machine is the same. A disk on which something was found is kept in `build/vm/cuts`; then it ends with 1.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path

import msgspec

from bench import RESULTS, Figure, write
from tests.vm import cuts, disk, home
from tests.vm.ahead import AT_ONCE
from tests.vm.cuts import Cut, Moment
from tests.vm.home import Ground, Home
from tests.vm.needles import NEEDLES
from tests.vm.qemu import MachineFailed
from tests.vm.traces import Scanner

CUTS, QUICK_CUTS = 500, 6
LEDGER = RESULTS / "powercut.jsonl"
DISKS = disk.BUILD / "cuts"
HOME = "cuts-home"
"""A home of its own: tests that run beside may make theirs anew at any time."""
FAILURES = 5
"""Machines that did not do what they should, in a row: then something else is wrong."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One cut, a line of the ledger. ``kit`` tells which kit was in the machine, ``step`` how far it was."""

    kit: str
    seed: int
    number: int
    stage: str
    after_s: float
    step: str
    hits: int
    took_s: float


class Ledger:
    """Every cut that was ever made here."""

    def __init__(self, path: Path, kit: str, seed: int) -> None:
        """Read it. A last line that was cut off itself is passed over."""
        self._path = path
        self._kit = kit
        self._seed = seed
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        self._all = [msgspec.json.decode(line, type=Made) for line in lines if line.endswith(b"\n")]
        if lines and not lines[-1].endswith(b"\n"):
            path.write_bytes(b"".join(lines[:-1]))

    @property
    def made(self) -> dict[int, Made]:
        """Those of this kit at the moments of this seed, by number."""
        return {cut.number: cut for cut in self._all if (cut.kit, cut.seed) == (self._kit, self._seed)}

    @property
    def others(self) -> list[Made]:
        """Those of other kits or moments."""
        return [cut for cut in self._all if (cut.kit, cut.seed) != (self._kit, self._seed)]

    def add(self, number: int, moment: Moment, cut: Cut, took_s: float) -> Made:
        """Write it down, on the disk too."""
        hits = sum(map(len, cut.hits.values()))
        made = Made(
            kit=self._kit, seed=self._seed, number=number, stage=moment.stage, after_s=moment.after_s,
            step=cut.step, hits=hits, took_s=took_s,
        )  # fmt: skip
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(made) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._all.append(made)
        return made


def main() -> int:
    """Cut, count and write; 1 where a cut left something, or could not be made."""
    load = os.getloadavg()[0]
    wanted = int(os.environ.get("CUTS") or (QUICK_CUTS if os.environ.get("QUICK") else CUTS))
    seed, minutes = int(os.environ.get("SEED") or 0), float(os.environ.get("MINUTES") or "inf")
    begun = time.monotonic()
    print("the machine is made ready, which takes minutes where the kit has changed", flush=True)
    ground = Ground.prepare()
    kit = home.make(HOME, ground, disk.PROTECTIONS)
    ledger = Ledger(LEDGER, _name(ground), seed)
    left = {number: at for number, at in enumerate(cuts.moments(seed, wanted)) if number not in ledger.made}
    print(f"{wanted - len(left)} of {wanted} cuts have been made before, {len(left)} are left", flush=True)
    series = Series(kit, ledger, left, begun + 60 * minutes)
    for made in series.run():
        print(_line(made, len(ledger.made), wanted, series.left_s), flush=True)
    write("powercut", figures(ledger), load)
    return int(series.failed or any(cut.hits for cut in ledger.made.values()))


class Series:
    """Cuts beside each other, as many as there are processors."""

    def __init__(self, kit: Home, ledger: Ledger, left: dict[int, Moment], ends_at: float) -> None:
        """``left``: moments by number. None is begun after ``ends_at`` (monotonic clock)."""
        self._kit = kit
        self._ledger = ledger
        self._left = left
        self._ends_at = ends_at
        self._scanner = Scanner(NEEDLES)
        self._begun = time.monotonic()
        self._made = 0
        self.failed = False
        """The machine failed too often in a row."""

    @property
    def left_s(self) -> float:
        """How long the rest takes, if it goes on like this."""
        return (time.monotonic() - self._begun) / max(1, self._made) * (len(self._left) - self._made)

    def run(self) -> Iterator[Made]:
        """Make them, until all are made or time is up. What has begun is ended, whatever ends this."""
        numbers, failures = iter(self._left), 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            running: set[Future[Made | None]] = set()
            while True:
                if failures < FAILURES and time.monotonic() < self._ends_at:
                    running |= {
                        pool.submit(self._cut, number) for number in islice(numbers, AT_ONCE - len(running))
                    }
                if not running:
                    break
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for made in (future.result() for future in done):
                    failures = 0 if made else failures + 1
                    if made:
                        self._made += 1
                        yield made
        self.failed = failures >= FAILURES

    def _cut(self, number: int) -> Made | None:
        """None where the machine did not do what it should: it is made in the next run."""
        folder, begun, cut = DISKS / str(number), time.monotonic(), None
        shutil.rmtree(folder, ignore_errors=True)
        try:
            cut = cuts.at_moment(self._kit, self._scanner, folder, self._left[number])
        except MachineFailed as error:
            print(f"cut {number} was not made: {str(error)[-200:]}", flush=True)
            return None
        finally:
            if cut is None or not cut.hits:
                shutil.rmtree(folder, ignore_errors=True)
        return self._ledger.add(number, self._left[number], cut, time.monotonic() - begun)


def figures(ledger: Ledger) -> list[Figure]:
    """What the ledger comes to."""
    made, others = list(ledger.made.values()), ledger.others
    rows: list[tuple[str, float, str]] = [
        ("power cuts", len(made), ""),
        ("power cuts that left a trace", _bad(made), ""),
        ("time for a cut, median", statistics.median(cut.took_s for cut in made) if made else 0, "s"),
    ]
    steps = Counter(cut.step for cut in made)
    rows += [(f"power cuts at {step}", times, "") for step, times in sorted(steps.items())]
    if others:
        rows.append(("power cuts of other kits or seeds", len(others), ""))
        rows.append(("of these, that left a trace", _bad(others), ""))
    return [
        Figure(what=what, value=value, unit=unit, better="less" if "trace" in what or unit else "more")
        for what, value, unit in rows
    ]


def _name(ground: Ground) -> str:
    """One word for our code and configuration in the machine, and what of others' code is locked."""
    code = ground.layers[0] / "opt" / "kit"
    return home.content(disk.PROTECTIONS, disk.LOCK, code / "kit", code / "fleet")


def _bad(made: Sequence[Made]) -> int:
    return sum(bool(cut.hits) for cut in made)


def _line(made: Made, done: int, wanted: int, left_s: float) -> str:
    found = f"{made.hits} TRACES FOUND, see {DISKS / str(made.number)}" if made.hits else "nothing found"
    rest = f"{left_s // 3600:.0f} h {left_s % 3600 / 60:.0f} min" if left_s >= 60 else "a minute"
    left = f"; some {rest} left" if done < wanted else ""
    at = f"cut {made.after_s:.1f} s after {made.stage} at {made.step}"
    return f"{done} of {wanted}: {at}, {found}, took {made.took_s:.0f} s{left}"


if __name__ == "__main__":
    sys.exit(main())
