"""A power cut in a visit: at a moment, or at a step, and what the disk holds then."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.vm.home import Home
from tests.vm.traces import Hit, Scanner
from tests.vm.visit import HANG_UP, Visit

CYCLE = f"until grep -q ^on: /run/rig/steps; do sleep 0.05; done; sleep 2; {HANG_UP}"
LAST_S = 20.0
"""On an idle machine a visit is joined, held for two seconds and removed in half of that."""


@dataclass(frozen=True)
class Cut:
    """How far the visit was, in the words of its own steps, and what was found, by files."""

    step: str
    hits: Mapping[str, list[Hit]]


def at_moment(home: Home, scanner: Scanner, folder: Path, moment_s: float) -> Cut:
    """Cut ``moment_s`` after the visit began: it joins, holds and removes by itself."""
    with home.machine(folder) as machine:
        visit = Visit(machine)
        machine.check(f"setsid bash -c {shlex.quote(CYCLE)} >/dev/null 2>&1 &")
        visit.begin()
        time.sleep(moment_s)
        step = (visit.told() or ["beginning"])[-1]
        machine.cut()
    return Cut(step, scanner.folder(folder))
