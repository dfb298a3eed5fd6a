"""A power cut in a visit: at a moment, or at a step, and what the disk holds then."""

from __future__ import annotations

import random
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.vm.home import Home
from tests.vm.traces import Hit, Scanner
from tests.vm.visit import HANG_UP, OVER, Visit

CYCLE = f"until grep -q ^on: /run/rig/steps; do sleep 0.05; done; sleep 2; {HANG_UP}"
STAGES = {
    "joining": ("true", 12.0),
    "on": (f"{OVER} | grep -q .", 3.0),
    "removing": (f"{OVER} | grep -qv ^on:", 6.0),
}
"""What has been shown before, and within how many seconds from then on. A joining that fails is over, too."""


@dataclass(frozen=True)
class Moment:
    """So many seconds after a stage of the visit began."""

    stage: str
    after_s: float

    def __str__(self) -> str:
        return f"{self.stage}-{self.after_s:.1f}-s"


@dataclass(frozen=True)
class Cut:
    """How far the visit was, in the words of its own steps, and what was found, by files."""

    step: str
    hits: Mapping[str, list[Hit]]


def moments(seed: int, number: int) -> list[Moment]:
    """Return random ones, of each stage as many; a longer list begins with the shorter one."""
    chance = random.Random(seed)
    stages = list(STAGES.items())
    drawn = ((*stages[place % len(stages)], chance.random()) for place in range(number))
    return [Moment(stage, share * lasts_s) for stage, (_, lasts_s), share in drawn]


def at_moment(home: Home, scanner: Scanner, folder: Path, moment: Moment) -> Cut:
    """Cut at a moment of the visit: it joins, holds for two seconds and removes by itself."""
    with home.machine(folder) as machine:
        visit = Visit(machine)
        machine.check(f"setsid bash -c {shlex.quote(CYCLE)} >/dev/null 2>&1 &")
        visit.begin()
        machine.wait(STAGES[moment.stage][0], timeout_s=180.0)
        time.sleep(moment.after_s)
        step = (visit.told() or ["beginning"])[-1]
        machine.cut()
    return Cut(step, scanner.folder(folder))
