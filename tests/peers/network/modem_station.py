"""The real ModemManager in a machine of the test's own, with a modem of software at one of its ports."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

from tests.peers.network import at_ports
from tests.peers.network.at_modem import Change
from tests.peers.network.namespace import Namespace, end, until

PORT: Final = "abstract:port0:77"
"""ModemManager takes what is called so for a port of a virtual modem."""
DEVICE: Final = "/virtual/kit"
CONTROL: Final = "/run/modem.sock"
POLKIT: Final = "/usr/lib/polkit-1/polkitd"
WITHOUT_HARDWARE: Final = ("--test-enable", "--test-no-udev", "--test-no-suspend-resume", "--test-no-qrtr")
BUS_NAME: Final = "org.freedesktop.ModemManager1"
SEND: Final = f"dbus-send --system --print-reply --dest={BUS_NAME} /org/freedesktop/ModemManager1"


class ModemStation:
    """A modem whose behaviour is data, and what looks after it. Without ``plug_in`` there is no modem."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._inhibitor: subprocess.Popen[str] | None = None
        # ModemManager asks it who may do what, and lets root do all.
        namespace.start(POLKIT, "--no-debug")
        until(lambda: "true" in self._asked_of_bus("NameHasOwner", "org.freedesktop.PolicyKit1"))

    @property
    def bus_address(self) -> str:
        return self._namespace.bus_address

    def start_service(self) -> subprocess.Popen[str]:
        """Start ModemManager, and wait until it can be asked."""
        service = self._namespace.start("ModemManager", *WITHOUT_HARDWARE)
        until(lambda: "true" in self._asked_of_bus("NameHasOwner", BUS_NAME))
        return service

    def switch_on(self, **behaviour: str | int | bool) -> None:
        """Start the modem."""
        words = ("serve", PORT, "--control", CONTROL, "--behaviour", json.dumps(behaviour))
        self._namespace.start(sys.executable, "-m", at_ports.__name__, *words)
        until(self._namespace.path(CONTROL).exists)

    def plug_in(self) -> None:
        """Let ModemManager find the modem, as udev would."""
        profile = f"{BUS_NAME}.Test.SetProfile string:kit string:generic array:string:{PORT}"
        until(lambda: "method return" in self._namespace.run(f"{SEND} {profile}", check=False))

    def unplug(self) -> None:
        """Take the modem away by ModemManager's own means, as there is no udev to say that it is gone."""
        self._inhibitor = self._namespace.start("mmcli", f"--inhibit-device={DEVICE}")

    def plug_back(self) -> None:
        """Let the modem be found again."""
        assert self._inhibitor is not None
        end(self._inhibitor)

    def change(self, **behaviour: str | int | bool) -> Change:
        """Let the modem behave differently from now on; returns how it behaves."""
        return at_ports.tell(self._namespace.path(CONTROL), behaviour)

    def _asked_of_bus(self, member: str, name: str) -> str:
        words = f"--dest=org.freedesktop.DBus / org.freedesktop.DBus.{member} string:{name}"
        return self._namespace.run(f"dbus-send --system --print-reply {words}", check=False)
