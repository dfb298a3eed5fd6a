"""After a visit nothing of the patient's network is on the kit's disk, whatever ended it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm.home import NEEDLES, Home
from tests.vm.traces import Scanner
from tests.vm.visit import Visit

WAYS_OUT = {
    "hang-up": "kill -TERM $(cat /run/rig/agent.pid)",
    "holder-killed": "kill -KILL $(pgrep -f '[n]etwork.wifi.holder')",
    "agent-killed": "kill -KILL $(cat /run/rig/agent.pid)",
    "network-manager-killed": "kill -KILL $(pidof NetworkManager)",
    "wpa-supplicant-killed": "kill -KILL $(pidof wpa_supplicant)",
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_nothing_is_left_after(way: str, kit: Home, scanner: Scanner, folder: Path) -> None:
    with kit.machine(folder) as machine:
        visit = Visit(machine)
        visit.join()
        machine.check(WAYS_OUT[way])
        if way != "agent-killed":
            visit.wait_for("removed:.*")
        if way == "hang-up":
            assert "removed:True" in visit.told()
        visit.wait_until_nothing_is_left()
        machine.check("sync")
        said = visit.said()
    assert scanner.memory(said.encode()) == []
    assert scanner.file(folder / "disk.raw") == []


def test_the_time_limit_removes_the_network(kit: Home, scanner: Scanner, folder: Path) -> None:
    with kit.machine(folder) as machine:
        visit = Visit(machine, limit_s=15.0)
        visit.begin()
        visit.wait_for("removed:True")
        visit.wait_until_nothing_is_left()
        # Where the machine is slow it is over before it was on.
        assert {"gone:time_over", "joined:time_over"} & set(visit.told())
        machine.check("sync")
    assert scanner.file(folder / "disk.raw") == []


def test_without_the_protections_the_scanner_finds_the_network(
    unprotected: Home, scanner: Scanner, folder: Path
) -> None:
    with unprotected.machine(folder) as machine:
        visit = Visit(machine)
        visit.join()
        machine.check(WAYS_OUT["agent-killed"])
        visit.wait_until_nothing_is_left()
        machine.check("journalctl --sync; sync")
    found = {hit.needle for hit in scanner.file(folder / "disk.raw")}
    assert found >= {"ssid", "bssid", "subnet", "uuid"}
    # Keys are never written, whatever the configuration: they only are in volatile memory.
    assert found <= NEEDLES.keys() - {"password", "pmk"}
