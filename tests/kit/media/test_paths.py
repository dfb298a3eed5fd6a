"""Packets of a leg leave by the interface on which it began, whoever has the default route."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import aioice
import pytest

from kit.media import paths

FAR = "198.18.9.1"
FORMER = "10.71.2.2"
_LISTEN = """
import select, socket
heard = {}
for name in ("new1", "former1"):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode())
    made.bind(("", 9000))
    heard[made] = name
print("ready", flush=True)
print(heard[select.select(list(heard), [], [], 30)[0][0]], flush=True)
"""
_SEND = """
import socket, sys
from kit.media import paths
made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
made.bind((sys.argv[1], 0))
if sys.argv[2] == "keep":
    paths.keep(made)
made.sendto(b"?", (sys.argv[3], 9000))
"""


@pytest.fixture
def nets() -> Iterator[tuple[str, str]]:
    """A kit whose default route has just gone from one uplink to another, and the world behind both."""
    kit, world = (f"paths{os.getpid()}{what}" for what in "kw")
    try:
        for name in (kit, world):
            _run("ip", "netns", "add", name)
        _run("ip", "-n", world, "link", "set", "lo", "up")
        _run("ip", "-n", world, "address", "add", f"{FAR}/32", "dev", "lo")
        for name, net, metric in (("new", "10.71.1", "100"), ("former", "10.71.2", "200")):
            ends = ("type", "veth", "peer", "name", f"{name}1", "netns", world)
            _run("ip", "link", "add", f"{name}0", "netns", kit, *ends)
            for where, end, number in ((kit, f"{name}0", 2), (world, f"{name}1", 1)):
                _run("ip", "-n", where, "address", "add", f"{net}.{number}/24", "dev", end)
                _run("ip", "-n", where, "link", "set", end, "up")
            _run("ip", "-n", kit, "route", "add", "default", "via", f"{net}.1", "metric", metric)
            _run("ip", "netns", "exec", world, "sysctl", "-qw", f"net.ipv4.conf.{name}1.rp_filter=0")
        _run("ip", "netns", "exec", world, "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0")
        yield kit, world
    finally:
        for name in (kit, world):
            subprocess.run(["ip", "netns", "del", name], check=False)


@pytest.mark.parametrize(("how", "by"), [("keep", "former1"), ("follow", "new1")])
def test_a_kept_socket_sends_by_the_interface_of_its_address(
    nets: tuple[str, str], how: str, by: str
) -> None:
    kit, world = nets
    inside = ["ip", "netns", "exec", world, sys.executable, "-c", _LISTEN]
    with subprocess.Popen(inside, stdout=subprocess.PIPE, text=True) as listening:
        assert listening.stdout is not None
        assert listening.stdout.readline() == "ready\n"
        _run("ip", "netns", "exec", kit, sys.executable, "-c", _SEND, FORMER, how, FAR)
        assert listening.stdout.readline() == f"{by}\n"


async def test_the_sockets_that_ice_makes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    monkeypatch.setattr(aioice.ice, "StunProtocol", aioice.ice.StunProtocol)
    monkeypatch.setattr(paths, "keep", lambda sock: kept.append(sock.getsockname()[0]))
    paths.install()
    connection = aioice.Connection(ice_controlling=True)
    await connection.gather_candidates()
    assert kept == [candidate.host for candidate in connection.local_candidates]
    await connection.close()


def test_an_address_that_no_interface_has_is_left_alone() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loopback:
        loopback.bind(("127.0.0.1", 0))
        paths.keep(loopback)
        assert loopback.getsockopt(socket.IPPROTO_IP, paths.IP_UNICAST_IF) == 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
