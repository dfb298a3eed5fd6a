"""Each trace that can be planted is found and removed; what provisioning brought stays."""

import json
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.peers.network.namespace import Namespace, end, python, until
from tests.peers.network.test_wifi_holder import ENVIRONMENT, Held

STATE = "/var/lib/NetworkManager"
CABLE = """
[connection]
id=kit-cable
uuid=11111111-1111-4111-8111-111111111111
type=ethernet
interface-name=kit1
[ipv4]
method=auto
"""
STRANGER = "22222222-2222-4222-8222-222222222222"


class Machine:
    """One with a cable from provisioning on kit1, and kit0, on which nothing may stay."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        namespace.run("mount -t tmpfs private /usr/lib/NetworkManager")
        namespace.run("mkdir /usr/lib/NetworkManager/system-connections")
        namespace.write("/usr/lib/NetworkManager/system-connections/kit-cable.nmconnection", CABLE)
        namespace.link("kit1", "192.168.66", "--dhcp-option=6,192.168.66.1")
        namespace.link("kit0", "192.168.77", "--dhcp-option=6,192.168.77.1")
        self.manager = self.start_manager()

    def start_manager(self) -> "subprocess.Popen[str]":
        manager = self.namespace.network_manager("[main]\ndns=default\n")
        until(lambda: "192.168.66.1" in self.run("cat /run/NetworkManager/resolv.conf"))
        until(
            lambda: self.run("nmcli --get-values GENERAL.STATE device show kit0").strip()[:2] in ("30", "10")
        )
        return manager

    def run(self, script: str) -> str:
        return self.namespace.run(script, check=False)

    def ask(self, what: str) -> Any:
        command = self.namespace.entered(*python("-m", "tests.peers.network.wifi_removal", what))
        done = subprocess.run(
            command, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def cable_is_whole(self) -> bool:
        address = self.run("ip -4 -brief address show dev kit1")
        lease = self.run(f"ls {STATE}")
        servers = self.run("cat /run/NetworkManager/resolv.conf")
        return "192.168.66." in address and "11111111-1111-4111" in lease and "192.168.66.1" in servers


@pytest.fixture
def machine(namespace: Namespace) -> Machine:
    return Machine(namespace)


@pytest.fixture
def held(machine: Machine) -> Iterator[Held]:
    held = Held(machine.namespace, 600)
    held.on()
    yield held
    end(held.process, signal.SIGKILL)  # type: ignore[arg-type]


def test_nothing_is_left_where_nothing_was(machine: Machine) -> None:
    assert machine.ask("left") == []
    assert machine.ask("profiles") == 0
    assert machine.ask("remove") == []
    assert machine.cable_is_whole()


def test_all_of_a_network_that_is_on_is_seen_and_removed(machine: Machine, held: Held) -> None:
    assert machine.ask("profiles") == 1
    assert set(machine.ask("left")) >= {"profile", "active", "address", "route", "lease", "name_server"}
    assert machine.ask("remove") == []
    assert held.is_gone()
    assert machine.cable_is_whole()
    everything = "grep -rl 192.168.77 /run/NetworkManager /var/lib/NetworkManager /etc/NetworkManager"
    assert machine.run(everything) == ""
    assert machine.run(f"grep -rl {held.uuid} /run/NetworkManager {STATE} /etc/NetworkManager") == ""


def test_what_the_holders_death_leaves_is_removed(machine: Machine, held: Held) -> None:
    held.process.kill()
    until(held.is_gone)
    assert "lease" in machine.ask("left")
    assert machine.ask("remove") == []
    assert machine.run(f"grep -rl {held.uuid} /run/NetworkManager {STATE}") == ""
    assert machine.cable_is_whole()


def test_what_a_new_networkmanager_takes_over_is_removed(machine: Machine, held: Held) -> None:
    end(machine.manager, signal.SIGKILL)
    assert machine.ask("left") == ["unseen"]
    machine.start_manager()
    assert machine.ask("remove") == []
    assert held.is_gone()
    assert machine.cable_is_whole()


PLANTED = {
    "profile": f"nmcli connection add type ethernet ifname kit0 con-name x autoconnect no "
    f"connection.uuid {STRANGER}",
    "address": "ip address add 192.168.77.9/24 dev kit0",
    "route": "ip link set kit0 up && ip route add 192.168.99.0/24 dev kit0",
    "lease": f"echo ADDRESS=192.168.77.41 > {STATE}/internal-{STRANGER}-kit0.lease",
    "memory": f"echo {STRANGER}=1 >> {STATE}/timestamps",
    "name_server": "echo nameserver 192.168.77.1 >> /run/NetworkManager/resolv.conf",
}


def test_each_planted_trace_is_found_and_all_are_removed(machine: Machine) -> None:
    for trace, script in PLANTED.items():
        machine.namespace.run(script)
        until(lambda trace=trace: trace in machine.ask("left"))
    assert machine.ask("remove") == []
    assert machine.ask("left") == []
    assert machine.cable_is_whole()
