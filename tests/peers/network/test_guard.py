"""The guard's own process before a real kernel: what a kit reaches by its Wi-Fi, and when.

The Wi-Fi is a cable that is called like one. Behind it is a home's router, and the region behind that.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.network.guard.client import Client, Guarding
from kit.network.wifi.traces import Trace
from tests.peers.network.namespace import LIMIT_S, Namespace, end, python, until
from tests.peers.network.packets import asking, serving

ROUTER, KIT, NODE, ELSEWHERE, BROKER = (
    "192.168.77.1", "192.168.77.20", "203.0.113.1", "203.0.113.2", "203.0.113.3"
)  # fmt: skip
ROUTER6, KIT6, NODE6, RELAY6 = "fd77::1", "fd77::20", "2001:db8:7::1", "2001:db8:9::4"
HTTPS, DNS, MQTT, MEDIA, SMB = 443, 53, 8883, 40000, 445
CONFIG = """
kit_id = "kit-0007"
run_dir = "run"
state_dir = "state"
broker = {host = "broker.region.test", port = 8883, ca = "none", certificate = "none", key = "none"}
meeting = {allowed_hosts = ["meet.region.test", "*.pool.region.test"]}
[region]
networks = ["2001:db8:9::/64"]
"""
SET_UP = f"""
ip address add {KIT}/24 dev wlan0
ip address add {KIT6}/64 dev wlan0 nodad
ip link set wlan0 up
ip route add default via {ROUTER}
ip -6 route add default via {ROUTER6}
mount --bind /run/resolv.conf /etc/resolv.conf
"""
WORLD = f"""
for address in {NODE}/32 {ELSEWHERE}/32 {BROKER}/32; do ip address add $address dev lo; done
for address in {NODE6}/128 {RELAY6}/128; do ip address add $address dev lo nodad; done
ip address add {ROUTER6}/64 dev world-wlan0 nodad
"""
NAMES = (
    f"--address=/meet.region.test/{NODE}", f"--address=/meet.region.test/{NODE6}",
    f"--address=/broker.region.test/{BROKER}",
)  # fmt: skip


_TALK = """
import socket, sys
made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
made.bind(("", 53))
print("ready", flush=True)
while True:
    _, sender = made.recvfrom(1000)
    if sys.argv[1]:
        made.sendto(bytes.fromhex(sys.argv[1]), sender)
"""


class Kit:
    """A machine with a guard, and whatever holds its socket in the agent's place."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        self.namespace = namespace
        self.socket = folder / "guard"
        self.client = Client(self.socket)
        self._config = folder / "kit.toml"
        self._config.write_text(CONFIG)
        namespace.link("wlan0")
        namespace.run(f"ip address add {ROUTER}/24 dev world-wlan0", world=True)
        self._router = self._named(*NAMES)
        namespace.write("/run/resolv.conf", f"nameserver {ROUTER}\noptions timeout:1 attempts:1\n", 0o644)
        namespace.run(WORLD, world=True)
        namespace.run(SET_UP)
        world = namespace.start(*serving(HTTPS, MQTT, MEDIA, SMB), world=True)
        kit = namespace.start(*serving(SMB, MEDIA))
        until(lambda: all("ready" in namespace.output(one) for one in (world, kit)))
        self.manager = namespace.network_manager("[keyfile]\nunmanaged-devices=interface-name:wlan0\n")
        self.process = self.start()

    def start(self, config: str = "") -> subprocess.Popen[str]:
        """Start the guard, and wait until it listens."""
        path = self._config.with_name(config) if config else self._config
        words = python("-m", "kit.network.guard", "--config", str(path), "--socket", str(self.socket))
        process = self.namespace.start(*words)
        until(self.socket.exists)
        return process

    def kill(self) -> None:
        end(self.process, signal.SIGKILL)
        self.socket.unlink()

    def answer_with(self, *names: str) -> None:
        """Let the home's name server lie."""
        end(self._router, signal.SIGKILL)
        self._router = self._named(*names)

    def talk(self, nonsense: bytes) -> None:
        """Let the home's name server answer every question with the same."""
        end(self._router, signal.SIGKILL)
        self._router = self.namespace.start(*python("-c", _TALK, nonsense.hex()), world=True)
        until(lambda: "ready" in self.namespace.output(self._router))

    def _named(self, *names: str) -> subprocess.Popen[str]:
        """Start the home's name server, and wait until it answers in the world."""
        words = ("--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--pid-file=")
        process = self.namespace.start("dnsmasq", *words, "--no-resolv", "--no-hosts", *names, world=True)
        asked = " ".join(map(_quoted, asking("127.0.0.1", DNS, "tcp")))
        until(lambda: self.namespace.run(asked, world=True).strip() == "yes")
        return process

    def reaches(self, whom: str, port: int, kind: str = "tcp") -> bool:
        return self.namespace.run(" ".join(map(_quoted, asking(whom, port, kind)))).strip() == "yes"

    async def comes_to_reach(self, whom: str, port: int, kind: str = "tcp") -> None:
        """Wait until it is reached: names are looked up beside."""
        await asyncio.to_thread(until, lambda: self.reaches(whom, port, kind))


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


@pytest.fixture
async def kit(namespace: Namespace, tmp_path: Path) -> AsyncIterator[Kit]:
    made = Kit(namespace, tmp_path)
    yield made
    made.client.close()


def strict(kit: Kit) -> None:
    """Nothing but what the configuration says by address, and nothing of the home."""
    assert not kit.reaches(BROKER, MQTT)
    assert not kit.reaches(ELSEWHERE, HTTPS)
    assert not kit.reaches(ROUTER, DNS)
    assert not kit.reaches(ROUTER, SMB)
    assert not kit.reaches(ROUTER6, SMB)
    assert kit.reaches(RELAY6, MEDIA, "udp")


async def test_until_somebody_asks_a_wifi_is_a_strangers(kit: Kit) -> None:
    strict(kit)


async def test_the_kits_own_form_lasts_as_long_as_the_connection(kit: Kit) -> None:
    assert (await kit.client.own()).done
    await kit.comes_to_reach(BROKER, MQTT)
    assert kit.reaches(NODE, HTTPS)
    assert kit.reaches(NODE6, MEDIA, "udp")
    assert not kit.reaches(ELSEWHERE, HTTPS)
    assert not kit.reaches(BROKER, HTTPS)
    kit.client.close()
    await asyncio.to_thread(until, lambda: not kit.reaches(BROKER, MQTT))


async def test_at_a_patients_only_the_meeting_and_its_names(kit: Kit) -> None:
    assert (await kit.client.own()).done
    await kit.comes_to_reach(BROKER, MQTT)
    assert await kit.client.guest()
    strict(kit)
    assert not kit.reaches(NODE, HTTPS)
    assert await kit.client.guest((ROUTER,))
    # The names are known before the answer.
    assert kit.reaches(NODE, HTTPS)
    assert kit.reaches(NODE6, HTTPS)
    assert kit.reaches(NODE6, MEDIA, "udp")
    assert kit.reaches(RELAY6, MEDIA, "udp")
    assert not kit.reaches(BROKER, MQTT)
    assert not kit.reaches(ELSEWHERE, HTTPS)
    assert not kit.reaches(ROUTER, SMB)
    assert not kit.reaches(ROUTER6, SMB, "udp")


async def test_nothing_on_the_kit_is_reached_from_the_home(kit: Kit) -> None:
    assert await kit.client.guest((ROUTER,))
    for address in (KIT, KIT6):
        for kind in ("tcp", "udp"):
            asked = " ".join(map(_quoted, asking(address, SMB, kind, 1.0)))
            assert kit.namespace.run(asked, world=True).strip() == "no"
    assert kit.reaches("127.0.0.1", SMB)


async def test_what_is_left_of_a_wifi_is_removed_before_the_kits_own_form(kit: Kit) -> None:
    kit.namespace.run("nmcli connection add type wifi con-name x ifname '*' ssid kanariebur save no")
    answer = await kit.client.own()
    assert (answer.done, answer.profiles, answer.left) == (True, 1, frozenset())
    assert "kanariebur" not in kit.namespace.run(
        "nmcli -f 802-11-wireless.ssid connection show x", check=False
    )


async def test_as_long_as_nobody_knows_what_is_left_it_stays_strict(kit: Kit) -> None:
    end(kit.manager, signal.SIGKILL)
    answer = await kit.client.own()
    assert (answer.done, answer.left) == (False, frozenset({Trace.UNSEEN}))
    strict(kit)


async def test_a_guard_that_is_killed_leaves_its_ruleset_and_a_new_one_begins_strict(kit: Kit) -> None:
    assert await kit.client.guest((ROUTER,))
    kit.kill()
    assert not kit.reaches(BROKER, MQTT)
    assert not kit.reaches(ROUTER, SMB)
    assert not await kit.client.guest((ROUTER,))
    assert not kit.client.stands
    kit.process = kit.start()
    strict(kit)
    assert await kit.client.guest((ROUTER,))
    assert kit.reaches(NODE, HTTPS)


async def test_one_that_hangs_is_heard_of_though_its_connection_stays_and_so_does_its_ruleset(
    kit: Kit,
) -> None:
    client, heard = Client(kit.socket, answer_s=2.0, still_s=2.0), list[Guarding]()
    client.changed = heard.append
    assert await client.guest((ROUTER,))
    assert await client.holds()
    kit.process.send_signal(signal.SIGSTOP)
    try:
        assert client.stands
        assert not await client.holds()
        assert not await client.guest((ROUTER,))
        assert heard == [Guarding.OK, Guarding.SILENT]
        assert not kit.reaches(BROKER, MQTT)
        assert not kit.reaches(ROUTER, SMB)
    finally:
        kit.process.send_signal(signal.SIGCONT)
    assert (await kit.client.own()).done
    client.close()


async def test_one_that_dies_is_heard_of_and_so_is_the_one_that_follows(kit: Kit) -> None:
    heard = list[Guarding]()
    kit.client.changed = heard.append
    assert (await kit.client.own()).done
    kit.kill()
    assert not await kit.client.holds()
    assert not (await kit.client.own()).done
    kit.process = kit.start()
    assert (await kit.client.own()).done
    assert await kit.client.holds()
    assert heard == [Guarding.OK, Guarding.SILENT, Guarding.OK]


async def test_systemd_hears_that_it_is_ready_and_then_again_and_again_that_it_lives(
    kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.kill()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(LIMIT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "300000")
        kit.process = kit.start()
        heard = [await asyncio.to_thread(systemd.recv, 100) for _ in range(4)]
    assert heard == [b"READY=1", *3 * [b"WATCHDOG=1"]]


async def test_a_firewall_that_the_kernel_does_not_take_is_told(kit: Kit) -> None:
    heard = list[Guarding]()
    kit.client.changed = heard.append
    assert (await kit.client.own()).done
    kit.namespace.run(f"mount --bind /bin/false {shutil.which('nft')}")
    assert not await kit.client.guest()
    assert not kit.client.stands
    assert heard == [Guarding.OK, Guarding.FAILED]
    kit.namespace.run(f"umount {shutil.which('nft')}")


async def test_a_name_server_that_says_the_region_is_at_home_opens_nothing_there(kit: Kit) -> None:
    kit.answer_with(f"--address=/#/{ROUTER}", f"--address=/#/{ROUTER6}", "--address=/#/127.0.0.1")
    assert await kit.client.guest((ROUTER,))
    assert not kit.reaches(ROUTER, HTTPS)
    assert not kit.reaches(ROUTER6, HTTPS)
    assert kit.reaches(ROUTER, DNS)


async def test_a_name_server_that_answers_nonsense_or_not_at_all_delays_the_answer_and_no_more(
    kit: Kit,
) -> None:
    for nonsense in (f"nobody{chr(0)}".encode(), b"\xff" * 500, b""):
        kit.talk(nonsense)
        assert await kit.client.guest((ROUTER,))
        assert not kit.reaches(NODE, HTTPS)
        assert kit.reaches(RELAY6, MEDIA, "udp")


async def test_without_a_configuration_nothing_of_the_region_is_reached(kit: Kit) -> None:
    kit.kill()
    kit.process = kit.start("none.toml")
    assert (await kit.client.own()).done
    assert kit.reaches(ROUTER, DNS)
    assert not kit.reaches(RELAY6, MEDIA, "udp")
    assert not kit.reaches(NODE, HTTPS)


@pytest.mark.parametrize(
    "line", [b"nonsense\n", b"x" * 10_000, b'{"type":"guest","resolvers":["%"]}\n', b"\xff\n"]
)
async def test_a_word_that_does_not_fit_ends_the_connection_and_nothing_else(kit: Kit, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(kit.socket)
    writer.write(line)
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()
    assert (await kit.client.own()).done


async def test_no_log_line_names_anything(kit: Kit) -> None:
    assert await kit.client.guest((ROUTER,))
    kit.namespace.run("nmcli connection add type wifi con-name x ifname '*' ssid kanariebur save no")
    await kit.client.own()
    said = kit.namespace.output(kit.process)
    assert '"started"' in said
    assert not [word for word in ("kanariebur", "192.168.77", "region.test", "203.0.113") if word in said]
