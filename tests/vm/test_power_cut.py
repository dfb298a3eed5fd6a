"""A power cut leaves nothing of the patient's network on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm.home import Home
from tests.vm.traces import Scanner
from tests.vm.visit import Visit


@pytest.mark.parametrize("state", ["connecting", "connected"])
def test_nothing_is_left_by_a_cut_while(state: str, kit: Home, scanner: Scanner, folder: Path) -> None:
    with kit.machine(folder) as machine:
        visit = Visit(machine)
        if state == "connecting":
            visit.begin()
            machine.wait("grep -rq psk= /run/NetworkManager/system-connections")
        else:
            visit.join()
        machine.cut()
    assert scanner.file(folder / "disk.raw") == []
