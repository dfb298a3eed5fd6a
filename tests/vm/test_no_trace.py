"""After a visit nothing of the patient's network is on the kit's disk, in its journal, or at the region."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.contract import Health, PatientWifiRemoved
from tests.vm import region
from tests.vm.home import Home
from tests.vm.needles import NEEDLES
from tests.vm.traces import Scanner
from tests.vm.visit import HANG_UP, Visit

WAYS_OUT = {
    "hang-up": HANG_UP,
    "time-limit": "date --set '+2 hours'",
    "holder-killed": "kill -KILL $(pgrep -f '[n]etwork.wifi.holder')",
    "agent-killed": "systemctl kill --kill-whom=main --signal=KILL kit-agent",
    "network-manager-killed": "kill -KILL $(pidof NetworkManager)",
    "wpa-supplicant-killed": "kill -KILL $(pidof wpa_supplicant)",
}
SHOWN = {"hang-up": "removed:none", "time-limit": "remov(ing|ed):time_over", "holder-killed": "removed:.*"}
"""What the screen says then, where it is sure. A visit that was left alone for two hours is over as well."""


@pytest.mark.parametrize("way", WAYS_OUT)
def test_nothing_is_left_after(way: str, kit: Home, scanner: Scanner, folder: Path) -> None:
    with kit.machine(folder, joined=True) as machine:
        visit = Visit(machine)
        machine.check(WAYS_OUT[way])
        if way != "agent-killed":
            visit.wait_for(SHOWN.get(way, "removed:.*"))
        visit.wait_until_nothing_is_left()
        visit.keep(folder)
    assert scanner.folder(folder) == {}


def test_the_fleet_is_told_that_it_is_removed_and_nothing_more(
    kit: Home, scanner: Scanner, folder: Path
) -> None:
    with kit.machine(folder, joined=True) as machine:
        visit = Visit(machine)
        machine.wait("""grep -aq '"patient_wifi"' /var/lib/kit/outbox.db*""")
        machine.check(HANG_UP)
        visit.wait_for("removed:none")
        machine.check("bash /run/rig/router cable on")
        region.wait_for(Health, folder, lambda h: h.uplink is not None and h.uplink.kind == "patient_wifi")
        removed = region.wait_for(PatientWifiRemoved, folder)
        assert (removed.verified, removed.cause) == (True, "visit_ended")
        visit.keep(folder)
    assert scanner.folder(folder) == {}


def test_without_the_protections_the_scanner_finds_the_network(
    unprotected: Home, scanner: Scanner, folder: Path
) -> None:
    with unprotected.machine(folder, joined=True) as machine:
        machine.check(WAYS_OUT["agent-killed"])
        Visit(machine).wait_until_nothing_is_left()
        machine.check("journalctl --sync; sync")
    found = {hit.needle for hit in scanner.file(folder / "disk.raw")}
    assert found >= {"ssid", "bssid", "subnet", "uuid"}
    # Keys are never written, whatever the configuration: they only are in volatile memory.
    assert found <= NEEDLES.keys() - {"password", "pmk"}
