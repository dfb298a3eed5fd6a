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


@dataclass(frozen=True)
class Stage:
    """A part of the visit: whether it is joined before, what has been shown then, and how long it lasts."""

    joined: bool
    shown: str
    lasts_s: float


STAGES = {
    "joining": Stage(joined=False, shown="true", lasts_s=20.0),
    "on": Stage(joined=True, shown="true", lasts_s=3.0),
    "removing": Stage(joined=True, shown=f"{OVER} | grep -qv ^on:", lasts_s=6.0),
}
"""A joining that fails is over, too, and one that succeeds is on."""


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
    return [Moment(name, share * stage.lasts_s) for name, stage, share in drawn]


def at_moment(home: Home, scanner: Scanner, folder: Path, moment: Moment) -> Cut:
    """Cut at a moment of the visit: it joins or has joined, holds for two seconds and removes by itself."""
    stage = STAGES[moment.stage]
    with home.machine(folder, joined=stage.joined) as machine:
        visit = Visit(machine)
        machine.check(f"setsid bash -c {shlex.quote(CYCLE)} >/dev/null 2>&1 &")
        if not stage.joined:
            visit.begin()
        machine.wait(stage.shown, timeout_s=180.0)
        time.sleep(moment.after_s)
        step = (visit.told() or ["beginning"])[-1]
        machine.cut()
    return Cut(step, scanner.folder(folder))
