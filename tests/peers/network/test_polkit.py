"""What the agent's own user may do by the image's rules, before the real polkit and what asks it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Final

import pytest

from kit.ipc.network import WifiTrouble
from tests.peers.network.modem_station import ModemStation
from tests.peers.network.namespace import Namespace, end, until
from tests.peers.network.test_wifi_holder import Held

ROOT: Final = Path(__file__).parents[3]
RULES: Final = ROOT / "images/rootfs/etc/polkit-1/rules.d/50-kit.rules"
AGENT, OTHER = 64007, 64008
ASKED: Final = "org.freedesktop.NetworkManager."
MAY: Final = {"network-control", "settings.modify.system", "wifi.scan"}
_READING: Final = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
"""Where the interpreter is in a home that is closed to others; it lets nothing be changed."""
_ACCOUNTS: Final = f"""
cp /etc/passwd /run/passwd
printf 'kit-agent:x:{AGENT}:{AGENT}::/:/bin/false\\nother:x:{OTHER}:{OTHER}::/:/bin/false\\n' >>/run/passwd
mount --bind /run/passwd /etc/passwd
mount -t tmpfs -o mode=0755 private /etc/polkit-1/rules.d
"""


class Machine:
    """One with the image's rules, and NetworkManager and ModemManager that ask polkit."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        namespace.run(_ACCOUNTS)
        namespace.write("/etc/polkit-1/rules.d/50-kit.rules", RULES.read_text(), 0o644)
        self.modems = ModemStation(namespace)
        namespace.link("kit0", "192.168.77")
        namespace.network_manager("[main]\nauth-polkit=true\n")

    def by(self, user: int, command: str) -> str:
        return self.namespace.run(
            f"setpriv --reuid={user} --regid={user} --clear-groups {command}", check=False
        )


def _as(user: int) -> tuple[str, ...]:
    return ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")


@pytest.fixture
def machine(namespace: Namespace) -> Machine:
    return Machine(namespace)


def test_of_networkmanager_it_may_what_it_does_and_nothing_else(machine: Machine) -> None:
    lines = machine.by(AGENT, "nmcli -g PERMISSION,VALUE general permissions").split()
    values = dict(line.removeprefix(ASKED).split(":") for line in lines)
    assert {name for name, value in values.items() if value == "yes"} == MAY
    assert len(values) > 10
    lines = machine.by(OTHER, "nmcli -g PERMISSION,VALUE general permissions").split()
    assert not [line for line in lines if line.endswith(":yes")]


def test_of_modemmanager_it_may_what_the_modem_needs(machine: Machine) -> None:
    machine.modems.start_service()
    machine.modems.switch_on()
    machine.modems.plug_in()
    until(lambda: "/Modem/" in machine.by(AGENT, "mmcli --list-modems"))
    assert "successfully" not in machine.by(OTHER, "mmcli --modem=any --enable")
    assert "successfully" in machine.by(AGENT, "mmcli --modem=any --enable")
    assert "successfully" not in machine.by(AGENT, "mmcli --modem=any --messaging-delete-sms=0")


def test_a_holder_of_that_user_joins_and_its_end_removes(machine: Machine) -> None:
    held = Held(machine.namespace, 600, by=(*_as(AGENT), *_READING))
    try:
        held.on()
        held.process.kill()
        until(held.is_gone)
    finally:
        end(held.process, signal.SIGKILL)  # type: ignore[arg-type]


def test_a_holder_of_any_other_joins_nothing(machine: Machine) -> None:
    held = Held(machine.namespace, 600, by=(*_as(OTHER), *_READING))
    try:
        assert held.ended() is WifiTrouble.NO_WIFI
    finally:
        end(held.process, signal.SIGKILL)  # type: ignore[arg-type]
