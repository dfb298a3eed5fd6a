"""The patient's Wi-Fi in one visit, as seen from outside the machine."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

from tests.vm.needles import UUID
from tests.vm.qemu import Machine

PROGRAMS = "_TRANSPORT=stdout _TRANSPORT=syslog _TRANSPORT=journal"
"""Of the journal, which is in memory only. The kernel says there which access point it speaks to."""
TRIES = 3
OVER = "grep -vE '^(choose|key|joining):none$' /run/rig/steps"
"""The steps since it is joined or not."""
HANG_UP = "kill -TERM $(cat /run/rig/staff.pid)"
NOTHING_LEFT = (
    "! ip -brief address show dev wlan0 | grep -q '/'",
    "[ -z \"$(ls /run/NetworkManager/system-connections | grep -v '^lo\\.')\" ]",
    f"! nmcli -g UUID connection | grep -q {UUID}",
    "! ip route | grep -q wlan0",
    "[ ! -s /run/NetworkManager/resolv.conf ] || ! grep -q ^nameserver /run/NetworkManager/resolv.conf",
)
"""What must hold when it is removed: no address, no profile, no route, no name server."""


class Visit:
    """Staff at the screen of the kit's agent in the machine; both are ended with it."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def begin(self) -> None:
        """Have the network joined; does not wait for it."""
        self._machine.check("rm -f /run/rig/steps; touch /run/rig/go")

    def wait_for(self, step: str) -> None:
        """Wait until the screen has shown ``step``, a regular expression."""
        self._machine.wait(f"grep -qE '^({step})$' /run/rig/steps", timeout_s=180.0)

    def outcome(self) -> str:
        """Wait until it is joined or not, and return the step and trouble that were shown."""
        self._machine.wait(f"{OVER} | grep -q .", timeout_s=180.0)
        return self._machine.check(f"{OVER} | head -n 1").strip()

    def join(self) -> None:
        """Join and see that packets pass: the router answers what its own name is.

        Staff try again when they read that the router gave no address: an emulated radio that waits for a
        processor may let the time for it pass.
        """
        for _ in range(TRIES):
            self.begin()
            outcome = self.outcome()
            if outcome != "choose:no_address":
                break
        assert outcome == "on:none", outcome
        self._machine.wait('. /run/rig/network; getent ahostsv4 "$DOMAIN" | grep -q "^$PREFIX.1 "')

    def told(self) -> list[str]:
        """Return the steps so far."""
        return self._machine.run("cat /run/rig/steps").output.split()

    def wait_until_nothing_is_left(self) -> None:
        """Wait for the removal, and look for oneself."""
        self._machine.wait(" && ".join(f"{{ {what}; }}" for what in NOTHING_LEFT), timeout_s=120.0)

    def keep(self, folder: Path) -> None:
        """Write to the disk what is still in memory, and keep what programs said, with all its fields."""
        coded = self._machine.check(f"journalctl --output=export {PROGRAMS} | gzip | base64 --wrap=0; sync")
        (folder / "journal").write_bytes(gzip.decompress(base64.b64decode(coded)))
