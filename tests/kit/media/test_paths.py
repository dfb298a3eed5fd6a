"""A leg keeps to the uplink that carried the machine when it began, whoever has the default route later."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import aioice
import aioice.turn
import pytest

from kit.media import paths

FAR = "198.18.9.1"
PACKETS = 20
_TALK = """
import socket, subprocess, sys, time
from pathlib import Path
from kit.media import paths

def sent(name):
    return int(Path(f"/sys/class/net/{name}/statistics/tx_packets").read_text())

kind, how, far, count = sys.argv[1:]
made = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM)
if kind == "bound":
    made.bind(("10.71.1.2", 0))
else:
    made.connect((far, 9000))
if how == "kept":
    paths.keep(made)
subprocess.run("ip route add default via 10.71.2.1 metric 50".split(), check=True)
before = {name: sent(name) for name in ("former0", "new0")}
for _ in range(int(count)):
    try:
        made.sendto(b"?", (far, 9000)) if kind == "bound" else made.send(b"?")
    except ConnectionRefusedError:
        pass
    time.sleep(0.01)
print(max(before, key=lambda name: sent(name) - before[name]))
"""
_LISTEN = """
import socket
server = socket.create_server(("", 9000))
print("ready", flush=True)
taken, _ = server.accept()
while taken.recv(99):
    pass
"""
_OFFER = """
import aioice.ice
import asyncio
import sys
from kit.media import paths
from kit.network.interface import Way, through
paths.install()
async def offer():
    await paths.look()
    print(*aioice.ice.get_host_addresses(True, False))
with through(Way(interface="".join(sys.argv[1:]))):
    asyncio.run(offer())
"""


@contextmanager
def _two_uplinks() -> Iterator[tuple[str, str]]:
    kit, world = (f"paths{os.getpid()}{what}" for what in "kw")
    try:
        for name in (kit, world):
            _run("ip", "netns", "add", name)
            _run("ip", "-n", name, "link", "set", "lo", "up")
        _run("ip", "-n", world, "address", "add", f"{FAR}/32", "dev", "lo")
        for name, net in (("former", "10.71.1"), ("new", "10.71.2")):
            ends = ("type", "veth", "peer", "name", f"{name}1", "netns", world)
            _run("ip", "link", "add", f"{name}0", "netns", kit, *ends)
            for where, end, number in ((kit, f"{name}0", 2), (world, f"{name}1", 1)):
                _run("ip", "-n", where, "address", "add", f"{net}.{number}/24", "dev", end)
                _run("ip", "-n", where, "link", "set", end, "up")
            _run("ip", "netns", "exec", world, "sysctl", "-qw", f"net.ipv4.conf.{name}1.rp_filter=0")
        _run("ip", "netns", "exec", world, "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0")
        _run("ip", "-n", kit, "route", "add", "default", "via", "10.71.1.1", "metric", "100")
        _run("ip", "-n", kit, "route", "add", "default", "via", "10.71.2.1", "metric", "200")
        yield kit, world
    finally:
        for name in (kit, world):
            subprocess.run(["ip", "netns", "del", name], check=False)


@pytest.fixture
def nets() -> Iterator[tuple[str, str]]:
    """A kit that one of two uplinks carries, and the world behind both."""
    with _two_uplinks() as nets:
        yield nets


@pytest.mark.parametrize("kind", ["bound", "relay", "stream"])
@pytest.mark.parametrize(("how", "by"), [("kept", "former0"), ("left", "new0")])
def test_a_kept_socket_goes_on_by_its_uplink_when_another_one_takes_over(
    nets: tuple[str, str], kind: str, how: str, by: str
) -> None:
    kit, world = nets
    inside = ["ip", "netns", "exec", world, sys.executable, "-c", _LISTEN]
    with subprocess.Popen(inside, stdout=subprocess.PIPE, text=True) as listening:
        try:
            assert listening.stdout is not None
            assert listening.stdout.readline() == "ready\n"
            assert _inside(kit, _TALK, kind, how, FAR, str(PACKETS)) == by
        finally:
            listening.kill()


def test_a_leg_offers_the_addresses_of_the_uplink_that_carries(nets: tuple[str, str]) -> None:
    kit, _ = nets
    assert _inside(kit, _OFFER) == "10.71.1.2"
    _run("ip", "-n", kit, "route", "add", "default", "via", "10.71.2.1", "metric", "50")
    assert _inside(kit, _OFFER) == "10.71.2.2"


def test_a_leg_offers_the_addresses_of_networks_that_lead_nowhere(nets: tuple[str, str]) -> None:
    kit, _ = nets
    _run("ip", "-n", kit, "route", "del", "default", "via", "10.71.2.1", "metric", "200")
    assert sorted(_inside(kit, _OFFER).split()) == ["10.71.1.2", "10.71.2.2"]


def test_a_leg_of_a_task_that_has_chosen_an_uplink_offers_that_ones(nets: tuple[str, str]) -> None:
    kit, _ = nets
    assert _inside(kit, _OFFER, "new0") == "10.71.2.2"
    assert _inside(kit, _OFFER, "gone0") == ""


def test_where_nothing_leads_out_every_address_is_offered(nets: tuple[str, str]) -> None:
    kit, _ = nets
    _run("ip", "-n", kit, "route", "flush", "table", "main")
    assert sorted(_inside(kit, _OFFER).split()) == ["10.71.1.2", "10.71.2.2"]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[str]:
    """From which addresses the sockets send that aioice makes and that are kept."""
    kept = asyncio.Queue[str]()
    for module, names in (
        (aioice.ice, ("StunProtocol", "get_host_addresses")),
        (aioice.turn, ("TurnClientUdpProtocol", "TurnClientTcpProtocol")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(paths, "keep", lambda sock: kept.put_nowait(sock.getsockname()[0]))
    paths.install()
    return kept


async def test_the_sockets_that_ice_makes_are_kept(kept: asyncio.Queue[str]) -> None:
    connection = aioice.Connection(ice_controlling=True)
    await connection.gather_candidates()
    hosts = [candidate.host for candidate in connection.local_candidates]
    assert hosts == [kept.get_nowait() for _ in hosts]
    await connection.close()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_sockets_to_relays_are_kept(kept: asyncio.Queue[str], transport: str) -> None:
    connection = aioice.Connection(ice_controlling=True)
    with socket.create_server(("127.0.0.1", 0)) as relay:
        allocating = asyncio.create_task(
            aioice.turn.create_turn_endpoint(
                lambda: aioice.ice.StunProtocol(connection),
                server_addr=relay.getsockname(),
                username="user",
                password="word",
                transport=transport,
            )
        )
        async with asyncio.timeout(30):
            assert await kept.get() == "127.0.0.1"
        allocating.cancel()
        await asyncio.wait({allocating})


def test_an_address_that_no_interface_has_is_left_alone() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loopback:
        loopback.bind(("127.0.0.1", 0))
        paths.keep(loopback)
        assert loopback.getsockopt(socket.IPPROTO_IP, paths.IP_UNICAST_IF) == 0


def _inside(net: str, program: str, *words: str) -> str:
    done = ["ip", "netns", "exec", net, sys.executable, "-c", program, *words]
    return subprocess.run(done, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
