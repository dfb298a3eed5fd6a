"""What the patient's router may be and what may become of it: joined, or said in words; nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm.home import Home
from tests.vm.traces import Scanner
from tests.vm.visit import HANG_UP, Visit

ANOTHER_PASSWORD = "sed -i 's/^export PASSWORD=.*/export PASSWORD=something-else-7719/' /run/rig/network; "
AIRS = {
    "wpa3": ("bash /run/rig/router start sae", "on:none"),
    "both-kinds": ("bash /run/rig/router start mixed", "on:none"),
    "wrong-password": (ANOTHER_PASSWORD + "bash /run/rig/router start psk", "key:key_wrong"),
    "wrong-password-wpa3": (ANOTHER_PASSWORD + "bash /run/rig/router start sae", "key:key_wrong"),
    "no-addresses": ("bash /run/rig/router addresses off", "choose:no_address"),
    "out-of-reach": ("bash /run/rig/router reach far", "choose:out_of_reach"),
}
SECURITY = {"psk": "WPA2", "sae": "WPA3", "mixed": "WPA2 WPA3"}
"""What NetworkManager calls a router that was started so."""


@pytest.mark.parametrize("air", AIRS)
def test_what_becomes_of_joining(air: str, kit: Home, scanner: Scanner, folder: Path) -> None:
    prepare, outcome = AIRS[air]
    with kit.machine(folder) as machine:
        machine.check(prepare)
        if "start" in prepare:
            # What was heard of the router before it was changed is forgotten first.
            security = SECURITY[prepare.split()[-1]]
            machine.wait(f"nmcli -g SECURITY device wifi list --rescan yes | grep -qx '{security}'")
        visit = Visit(machine)
        if outcome == "on:none":
            visit.join()
            machine.check(HANG_UP)
            visit.wait_for("removed:none")
        else:
            visit.begin()
            assert visit.outcome() == outcome
        visit.wait_until_nothing_is_left()
        visit.keep(folder)
    assert scanner.folder(folder) == {}


def test_a_router_that_goes_in_the_meeting_is_told_and_forgotten(
    kit: Home, scanner: Scanner, folder: Path
) -> None:
    with kit.machine(folder, joined=True) as machine:
        visit = Visit(machine)
        machine.check("bash /run/rig/router stop")
        visit.wait_for("removed:out_of_reach")
        visit.wait_until_nothing_is_left()
        visit.keep(folder)
    assert scanner.folder(folder) == {}
