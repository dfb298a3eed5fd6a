"""An agent that is told to stop, and a machine that is switched off, see first that the network is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vm.home import Home
from tests.vm.traces import Scanner
from tests.vm.visit import NOTHING_LEFT, Visit

JOINING = "grep -rq psk= /run/NetworkManager/system-connections"
REPORTED = """grep -aq '"patient_wifi_removed","verified":true' /var/lib/kit/outbox.db*"""
LIMIT_S = 90.0
"""After that systemd kills it (TimeoutStopSec). A screen is connected all the time, and stays so."""
LAST = """\
[Unit]
Before=kit-agent.service
After=dbus.service kit-guard.service NetworkManager.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/true
ExecStop=/usr/bin/bash /run/rig/last
"""
"""Is stopped right after the agent, while everything that the agent needs still runs."""


@pytest.mark.parametrize("state", ["off", "joining", "on"])
def test_a_stop_ends_by_itself_with_the_network_gone(
    state: str, kit: Home, scanner: Scanner, folder: Path
) -> None:
    with kit.machine(folder, joined=state == "on") as machine:
        visit = Visit(machine)
        if state == "joining":
            visit.begin()
            machine.wait(JOINING)
        machine.check("systemctl stop kit-agent", timeout_s=LIMIT_S)
        # At once: it is the stop that has waited for it.
        for what in NOTHING_LEFT:
            machine.check(what)
        assert machine.check("systemctl show --value -p Result kit-agent").strip() == "success"
        if state == "on":
            machine.check(REPORTED)
        visit.keep(folder)
    assert scanner.folder(folder) == {}


def test_a_machine_that_is_switched_off_sees_it_gone_while_everything_still_runs(
    kit: Home, scanner: Scanner, folder: Path
) -> None:
    look = [f"{what} && echo gone {number}" for number, what in enumerate(NOTHING_LEFT)]
    with kit.machine(folder, joined=True) as machine:
        said = "\n".join(("exec >/dev/ttyS0 2>&1", "systemctl show -p Result kit-agent", *look, REPORTED))
        machine.put("/run/rig/last", f"{said} && echo told\n")
        machine.put("/run/systemd/system/rig-last.service", LAST)
        machine.check("systemctl daemon-reload && systemctl start rig-last && systemctl poweroff --no-block")
        machine.wait_for_end(2 * LIMIT_S)
    serial = (folder / "serial").read_text(errors="replace")
    expected = ("Result=success", *(f"gone {number}" for number in range(len(NOTHING_LEFT))), "told")
    assert [line for line in serial.splitlines() if line in expected] == list(expected), serial
    assert scanner.folder(folder) == {}
