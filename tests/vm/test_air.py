"""What the patient's router may be and what may become of it: joined, or said in words; nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm.home import Home
from tests.vm.traces import Scanner
from tests.vm.visit import Visit

ANOTHER_PASSWORD = "sed -i 's/^export PASSWORD=.*/export PASSWORD=something-else-7719/' /run/rig/network; "
AIRS = {
    "wpa3": ("bash /run/rig/router start sae", "none"),
    "both-kinds": ("bash /run/rig/router start mixed", "none"),
    "wrong-password": (ANOTHER_PASSWORD + "bash /run/rig/router start psk", "key_wrong"),
    "wrong-password-wpa3": (ANOTHER_PASSWORD + "bash /run/rig/router start sae", "key_wrong"),
    "no-addresses": ("bash /run/rig/router addresses off", "no_address"),
    "out-of-reach": ("bash /run/rig/router reach far", "out_of_reach"),
}
SECURITY = {"psk": "WPA2", "sae": "WPA3", "mixed": "WPA2 WPA3"}
"""What NetworkManager calls a router that was started so."""


@pytest.mark.parametrize("air", AIRS)
def test_what_becomes_of_joining(air: str, kit: Home, scanner: Scanner, folder: Path) -> None:
    prepare, trouble = AIRS[air]
    with kit.machine(folder) as machine:
        machine.check(prepare)
        if "start" in prepare:
            # What was heard of the router before it was changed is forgotten first.
            security = SECURITY[prepare.split()[-1]]
            machine.wait(f"nmcli -g SECURITY device wifi list --rescan yes | grep -qx '{security}'")
        visit = Visit(machine)
        visit.begin()
        visit.wait_for("joined:.*")
        assert f"joined:{trouble}" in visit.told()
        if trouble == "none":
            machine.check("kill -TERM $(cat /run/rig/agent.pid)")
        visit.wait_for("removed:True")
        visit.wait_until_nothing_is_left()
        machine.check("sync")
    assert scanner.file(folder / "disk.raw") == []


def test_a_router_that_goes_in_the_meeting_is_told_and_forgotten(
    kit: Home, scanner: Scanner, folder: Path
) -> None:
    with kit.machine(folder) as machine:
        visit = Visit(machine)
        visit.join()
        machine.check("bash /run/rig/router stop")
        visit.wait_for("gone:out_of_reach")
        visit.wait_for("removed:True")
        visit.wait_until_nothing_is_left()
        machine.check("sync")
    assert scanner.file(folder / "disk.raw") == []
