"""The patient's Wi-Fi in one visit, as seen from outside the machine."""

from __future__ import annotations

from tests.vm.home import UUID
from tests.vm.qemu import Machine

NOTHING_LEFT = (
    "! ip -brief address show dev wlan0 | grep -q '/'",
    "[ -z \"$(ls /run/NetworkManager/system-connections | grep -v '^lo\\.')\" ]",
    f"! nmcli -g UUID connection | grep -q {UUID}",
    "! ip route | grep -q wlan0",
    "[ ! -s /run/NetworkManager/resolv.conf ] || ! grep -q ^nameserver /run/NetworkManager/resolv.conf",
)
"""What must hold when it is removed: no address, no profile, no route, no name server."""


class Visit:
    """Runs the kit's own handling of the patient's Wi-Fi in the machine, and is ended with it."""

    def __init__(self, machine: Machine, *, limit_s: float = 600.0) -> None:
        self._machine = machine
        self._limit_s = limit_s

    def begin(self) -> None:
        """Have the network joined; does not wait for it."""
        self._machine.check(f"echo {self._limit_s} >/run/rig/going; mv /run/rig/going /run/rig/go")

    def wait_for(self, step: str) -> None:
        """Wait until ``step`` was told, a regular expression."""
        self._machine.wait(f"grep -qE '^({step})$' /run/rig/steps", timeout_s=180.0)

    def join(self) -> None:
        """Join and see that packets pass: the router answers what its own name is."""
        self.begin()
        self.wait_for("joined:.*")
        assert "joined:none" in self.told()
        self._machine.wait('. /run/rig/network; getent ahostsv4 "$DOMAIN" | grep -q "^$PREFIX.1 "')

    def told(self) -> list[str]:
        """Return the steps so far."""
        return self._machine.check("cat /run/rig/steps").split()

    def wait_until_nothing_is_left(self) -> None:
        """Wait for the removal, and look for oneself."""
        self._machine.wait(" && ".join(f"{{ {what}; }}" for what in NOTHING_LEFT), timeout_s=120.0)

    def said(self) -> str:
        """Return everything that the kit's processes logged."""
        return self._machine.check("cat /run/rig/said")
