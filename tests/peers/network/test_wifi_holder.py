"""The holder's process before the real NetworkManager; a cable stands in for the radio that is not here."""

import json
import os
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from kit.ipc.network import WifiTrouble
from kit.network.wifi.hold import Step, Told, read_told
from tests.peers.network.namespace import Namespace, end, python, until

ROOT = Path(__file__).parents[3]
PROFILES = "/run/NetworkManager/system-connections"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
SPAWNS = "import subprocess, sys; subprocess.Popen(sys.argv[1:], stdout=1).wait()"


class Held:
    """One holder, and what it tells."""

    def __init__(
        self,
        machine: Namespace,
        limit_s: float,
        *words: str,
        spawned: bool = False,
        by: Sequence[str] = (),
    ) -> None:
        """``by`` is the command that makes it another user's."""
        self.uuid = str(uuid.uuid4())
        words = (self.uuid, "kit0", str(limit_s), *words)
        command = python("-m", "tests.peers.network.wifi_stand_in", *words)
        if spawned:
            command = python("-c", SPAWNS, *command)
        self.machine = machine
        self.process = subprocess.Popen(
            machine.entered(*by, *command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT
        )

    def steps(self, last: Step) -> list[Told]:
        """Return what is told up to this step."""
        told: list[Told] = []
        assert self.process.stdout is not None
        while not told or told[-1].step not in (last, Step.ENDED):
            told.append(read_told(self.process.stdout.readline()))
        return told

    def ended(self) -> WifiTrouble:
        return self.steps(Step.ENDED)[-1].trouble

    def on(self) -> None:
        assert [told.step for told in self.steps(Step.ON)] == [Step.JOINING, Step.ADDRESS, Step.ON]
        assert self.address().startswith("192.168.77.")

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def address(self) -> str:
        return self.machine.run("ip -4 -brief address show dev kit0 | awk '{print $3}'").strip()

    def is_gone(self) -> bool:
        profiles = self.machine.run(f"grep -rl {self.uuid} {PROFILES} /etc/NetworkManager || :")
        known = self.machine.run("nmcli --get-values UUID connection", check=False)
        return not profiles and self.uuid not in known and not self.address()


Start = Callable[..., Held]


@pytest.fixture
def machine(namespace: Namespace) -> Namespace:
    namespace.link("kit0", "192.168.77")
    return with_manager(namespace)


def with_manager(namespace: Namespace) -> Namespace:
    namespace.network_manager()
    until(lambda: "disconnected" in namespace.run("nmcli --get-values GENERAL.STATE device show kit0"))
    return namespace


@pytest.fixture
def start(machine: Namespace) -> Iterator[Start]:
    started: list[Held] = []

    def one(limit_s: float = 600, *words: str, spawned: bool = False) -> Held:
        started.append(Held(machine, limit_s, *words, spawned=spawned))
        return started[-1]

    yield one
    for held in started:
        end(held.process, signal.SIGKILL)  # type: ignore[arg-type]


def test_it_is_on_with_a_random_address_and_gone_when_the_input_closes(
    start: Start, machine: Namespace
) -> None:
    hardware = machine.run("cat /sys/class/net/kit0/address")
    held = start()
    held.on()
    assert machine.run("cat /sys/class/net/kit0/address") != hardware
    assert machine.run(f"stat -c %a {PROFILES}/hembesok-tillfalligt.nmconnection") == "600\n"
    assert "Max core file size 0 0" in " ".join(
        Path(f"/proc/{held.process.pid}/limits").read_text(encoding="ascii").split()
    )
    held.close()
    assert held.ended() is WifiTrouble.NONE
    until(held.is_gone)


def test_its_time_limit_is_its_own(start: Start) -> None:
    held = start(5.0)
    assert held.ended() is WifiTrouble.TIME_OVER
    until(held.is_gone)


def test_it_is_gone_when_the_holder_is_killed(start: Start) -> None:
    held = start()
    held.on()
    held.process.send_signal(signal.SIGKILL)
    until(held.is_gone)


def test_it_is_gone_when_the_agent_that_started_the_holder_is_killed(start: Start) -> None:
    held = start(spawned=True)
    held.on()
    held.process.send_signal(signal.SIGKILL)
    until(held.is_gone)


def test_networkmanagers_end_ends_it(namespace: Namespace) -> None:
    """What a new one takes over from the old is for the removal to find."""
    namespace.link("kit0", "192.168.77")
    manager = namespace.network_manager()
    held = Held(namespace, 600)
    try:
        held.on()
        end(manager, signal.SIGKILL)
        assert held.ended() is WifiTrouble.NO_WIFI
    finally:
        end(held.process, signal.SIGKILL)  # type: ignore[arg-type]


def test_a_network_that_goes_away_ends_it(start: Start, machine: Namespace) -> None:
    held = start()
    held.on()
    machine.run("ip link set world-kit0 down", world=True)
    assert held.ended() is WifiTrouble.OUT_OF_REACH
    until(held.is_gone)


def test_a_router_that_gives_no_address_is_told_from_one_that_is_away(namespace: Namespace) -> None:
    namespace.link("kit0")
    held = Held(with_manager(namespace), 600)
    try:
        assert held.ended() is WifiTrouble.NO_ADDRESS
        until(held.is_gone)
    finally:
        end(held.process, signal.SIGKILL)  # type: ignore[arg-type]


def test_a_profile_of_networkmanagers_own_making_is_refused(start: Start, machine: Namespace) -> None:
    before = machine.run("nmcli --get-values UUID connection")
    held = start(600, "mangle")
    assert held.ended() is WifiTrouble.NO_WIFI
    until(held.is_gone)
    until(lambda: machine.run("nmcli --get-values UUID connection") == before)


def test_networkmanager_takes_each_profile_as_it_was_meant(machine: Namespace) -> None:
    command = machine.entered(*python("-W", "ignore", "-m", "tests.peers.network.wifi_profiles"))
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    managed = {
        access: got.get("802-11-wireless-security", {}).get("key-mgmt") for access, got in found.items()
    }
    assert managed == {"open": None, "owe": "owe", "wpa2": "wpa-psk", "mixed": "wpa-psk", "sae": "sae"}
    for got in found.values():
        assert got["connection"]["id"] == "hembesok-tillfalligt"
        assert got["connection"]["autoconnect"] is False
        assert got["802-11-wireless"]["assigned-mac-address"] == "random"
        assert got["802-11-wireless"]["powersave"] == 2
        assert got["802-11-wireless"]["ssid"].encode() == bytes(range(1, 33))
    assert found["sae"]["802-11-wireless"]["hidden"] is True
