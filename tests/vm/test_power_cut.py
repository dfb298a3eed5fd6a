"""A power cut leaves nothing of the patient's network on the disk, nor does the power bring it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm import cuts
from tests.vm.cuts import Moment
from tests.vm.home import Home
from tests.vm.traces import Scanner
from tests.vm.visit import HANG_UP, NOTHING_LEFT, Visit

CUTS = 20
SEED = 4


@pytest.mark.parametrize("state", ["connecting", "removing"])
def test_nothing_is_left_by_a_cut_while(state: str, kit: Home, scanner: Scanner, folder: Path) -> None:
    with kit.machine(folder, joined=state == "removing") as machine:
        if state == "connecting":
            Visit(machine).begin()
            machine.wait("grep -rq psk= /run/NetworkManager/system-connections")
        else:
            machine.check(f"{HANG_UP}; until grep -q ^removing: /run/rig/steps; do :; done")
        machine.cut()
    assert scanner.folder(folder) == {}


def test_nothing_is_left_by_a_cut_while_connected_and_it_does_not_come_back_with_the_power(
    kit: Home, scanner: Scanner, folder: Path
) -> None:
    with kit.machine(folder, joined=True) as machine:
        machine.cut()
    assert scanner.folder(folder) == {}
    with kit.again(folder) as machine:
        machine.wait("nmcli -t general && [ -S /run/kit/agent.sock ]", timeout_s=300.0)
        for what in NOTHING_LEFT:
            machine.check(what)
        machine.check("sync")
    assert scanner.folder(folder) == {}


@pytest.mark.parametrize("moment", cuts.moments(SEED, CUTS), ids=str)
def test_nothing_is_left_by_a_cut_at(moment: Moment, kit: Home, scanner: Scanner, folder: Path) -> None:
    assert cuts.at_moment(kit, scanner, folder, moment).hits == {}
