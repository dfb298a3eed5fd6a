"""A power cut leaves nothing of the patient's network on the disk, nor does the power bring it back."""

from __future__ import annotations

import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.vm import cuts
from tests.vm.conftest import KEEP
from tests.vm.home import Home
from tests.vm.traces import Scanner
from tests.vm.visit import NOTHING_LEFT, Visit

CUTS = 20
AT_ONCE = 2
SEED = 4


@pytest.mark.parametrize("state", ["connecting", "connected", "removing"])
def test_nothing_is_left_by_a_cut_while(state: str, kit: Home, scanner: Scanner, folder: Path) -> None:
    with kit.machine(folder) as machine:
        visit = Visit(machine)
        if state == "connecting":
            visit.begin()
            machine.wait("grep -rq psk= /run/NetworkManager/system-connections")
        else:
            visit.join()
        if state == "removing":
            machine.check(
                "kill -TERM $(cat /run/rig/agent.pid); until grep -q removing /run/rig/steps; do :; done"
            )
        machine.cut()
    assert scanner.file(folder / "disk.raw") == []


def test_it_does_not_come_back_with_the_power(kit: Home, scanner: Scanner, folder: Path) -> None:
    with kit.machine(folder) as machine:
        Visit(machine).join()
        machine.cut()
    with kit.again(folder) as machine:
        machine.wait("nmcli -t general", timeout_s=300.0)
        for what in NOTHING_LEFT:
            machine.check(what)
        machine.check("sync")
    assert scanner.file(folder / "disk.raw") == []


def test_nothing_is_left_by_cuts_at_random_moments(kit: Home, scanner: Scanner, folder: Path) -> None:
    chance = random.Random(SEED)
    moments = [chance.uniform(0, cuts.LAST_S) for _ in range(CUTS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        folders = [folder / str(number) for number in range(CUTS)]
        done = pool.map(lambda to, moment_s: _cut(kit, scanner, to, moment_s), folders, moments)
        found = {number: cut.hits for number, cut in enumerate(done) if cut.hits}
    assert found == {}


def _cut(home: Home, scanner: Scanner, folder: Path, moment_s: float) -> cuts.Cut:
    cut = cuts.at_moment(home, scanner, folder, moment_s)
    if not KEEP and not cut.hits:
        shutil.rmtree(folder)
    return cut
