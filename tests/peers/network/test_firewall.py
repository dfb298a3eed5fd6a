"""The ruleset in a real kernel: packets pass, or they do not.

Three namespaces: a kit, the patient's router beside it, and the region behind the router.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from kit.network.firewall import NFT, Firewall, Guest, Service, apply
from tests.peers.network.packets import WAIT_S, asking, serving

_numbers = itertools.count()
ROUTER, KIT, REGION, OTHER = "192.168.7.1", "192.168.7.20", "198.18.7.2", "198.18.7.3"
ROUTER6, KIT6, REGION6, OTHER6 = "fd07::1", "fd07::20", "2001:db8:7::2", "2001:db8:7::3"
HTTPS, MEDIA, DNS, SMB, BROKER = 443, 40000, 53, 445, 8883
MEETING = Service(addresses=(REGION, REGION6), tcp=(HTTPS,), udp=((40000, 49999),), meeting=True)
FLEET = Service(addresses=(REGION,), tcp=(BROKER,))
GUEST = Guest(interface="kit0", resolvers=(ROUTER,))


class Nets:
    """The namespaces, by what they stand for."""

    def __init__(self) -> None:
        number = f"{os.getpid()}n{next(_numbers)}"
        self.kit, self.router, self.region = (f"fw{number}{what}" for what in "krc")
        self._servers: list[subprocess.Popen[str]] = []

    def lay_out(self) -> None:
        for name in (self.kit, self.router, self.region):
            _run("ip", "netns", "add", name)
            self.inside(name, "ip", "link", "set", "lo", "up")
            self.inside(name, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
        self._link(self.kit, "kit0", (KIT, KIT6), self.router, "home0", (ROUTER, ROUTER6), "64")
        self._link(
            self.region, "out0", (REGION, REGION6), self.router, "way0", ("198.18.7.1", "2001:db8:7::1"), "64"
        )
        for other in (f"{OTHER}/24", f"{OTHER6}/64"):
            self.inside(self.region, "ip", "address", "add", other, "dev", "out0")
        self.inside(self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        for name, way, way6 in ((self.kit, ROUTER, ROUTER6), (self.region, "198.18.7.1", "2001:db8:7::1")):
            self.inside(name, "ip", "route", "add", "default", "via", way)
            self.inside(name, "ip", "-6", "route", "add", "default", "via", way6)
        for name in (self.kit, self.router, self.region):
            self._serve(name, HTTPS, MEDIA, DNS, SMB, BROKER)

    def apply(self, firewall: Firewall) -> bool:
        """Put it in force as on a kit."""
        return asyncio.run(apply(firewall, ("ip", "netns", "exec", self.kit, *NFT)))

    def reaches(
        self, whom: str, port: int, kind: str, *, of: str | None = None, wait_s: float = WAIT_S
    ) -> bool:
        said = self.inside(of or self.kit, *asking(whom, port, kind, wait_s)).strip()
        assert said in ("yes", "no")
        return said == "yes"

    def inside(self, name: str, *command: str) -> str:
        return _run("ip", "netns", "exec", name, *command)

    def end(self) -> None:
        for server in self._servers:
            server.kill()
            server.wait()
            if server.stdout is not None:
                server.stdout.close()
        for name in (self.kit, self.router, self.region):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)

    def _link(
        self,
        one: str,
        link: str,
        own: tuple[str, str],
        other: str,
        far: str,
        theirs: tuple[str, str],
        bits: str,
    ) -> None:
        self.inside(one, "ip", "link", "add", link, "type", "veth", "peer", "name", far, "netns", other)
        for name, device, (address, address6) in ((one, link, own), (other, far, theirs)):
            self.inside(name, "ip", "link", "set", device, "up")
            self.inside(name, "ip", "address", "add", f"{address}/24", "dev", device)
            self.inside(name, "ip", "address", "add", f"{address6}/{bits}", "dev", device, "nodad")

    def _serve(self, name: str, *ports: int) -> None:
        command = ["ip", "netns", "exec", name, *serving(*ports)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._servers.append(server)
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def nets() -> Iterator[Nets]:
    made = Nets()
    try:
        made.lay_out()
        yield made
    finally:
        made.end()


Asks = Callable[[str, int, str], bool]


@pytest.fixture
def outside(nets: Nets) -> Asks:
    """The kit on a network of its own, with the region's meeting and fleet."""
    assert nets.apply(Firewall(services=(MEETING, FLEET)))
    return nets.reaches


@pytest.fixture
def at_home(nets: Nets) -> Asks:
    """The kit on the patient's network."""
    assert nets.apply(Firewall(services=(MEETING, FLEET), guest=GUEST))
    return nets.reaches


def test_every_way_is_open_before_the_ruleset_closes_it(nets: Nets) -> None:
    nets.inside(nets.kit, "nft", "flush", "ruleset")
    assert nets.reaches(OTHER, HTTPS, "tcp")
    assert nets.reaches(OTHER6, HTTPS, "tcp")
    assert nets.reaches(ROUTER6, SMB, "udp")
    assert nets.reaches(KIT, SMB, "tcp", of=nets.router)
    assert nets.reaches(KIT6, MEDIA, "udp", of=nets.router)


def test_the_regions_hosts_and_media_are_reached(outside: Asks) -> None:
    assert outside(REGION, HTTPS, "tcp")
    assert outside(REGION, BROKER, "tcp")
    assert outside(REGION6, HTTPS, "tcp")
    assert outside(REGION6, MEDIA, "udp")
    assert outside(ROUTER, DNS, "udp")


def test_nothing_else_is_reached(outside: Asks) -> None:
    assert not outside(OTHER, HTTPS, "tcp")
    assert not outside(REGION, SMB, "tcp")
    assert not outside(REGION6, BROKER, "tcp")
    assert not outside(REGION, SMB, "udp")
    assert not outside(ROUTER, HTTPS, "tcp")


@pytest.mark.parametrize(("address", "kind"), [(KIT, "tcp"), (KIT, "udp"), (KIT6, "tcp"), (KIT6, "udp")])
def test_nothing_on_the_kit_is_reached(address: str, kind: str, nets: Nets, outside: Asks) -> None:
    assert not nets.reaches(address, HTTPS, kind, of=nets.router, wait_s=1.0)
    assert nets.reaches("127.0.0.1", HTTPS, kind)


def test_on_the_patients_network_only_the_meeting_and_its_names_are_reached(at_home: Asks) -> None:
    assert at_home(REGION, HTTPS, "tcp")
    assert at_home(REGION6, MEDIA, "udp")
    assert at_home(ROUTER, DNS, "udp")
    assert not at_home(REGION, BROKER, "tcp")
    assert not at_home(OTHER, DNS, "udp")
    assert not at_home(OTHER, HTTPS, "tcp")
    assert not at_home(OTHER6, HTTPS, "tcp")
    assert not at_home(OTHER6, DNS, "udp")


def test_a_name_server_with_an_address_of_the_new_kind_is_asked_too(nets: Nets) -> None:
    both = Guest(interface="kit*", resolvers=(ROUTER, ROUTER6))
    assert nets.apply(Firewall(services=(MEETING,), guest=both))
    assert nets.reaches(ROUTER6, DNS, "udp")
    assert not nets.reaches(ROUTER6, SMB, "udp")
    assert not nets.reaches(OTHER6, DNS, "udp")


def test_the_patients_own_machines_are_not_reached(nets: Nets, at_home: Asks) -> None:
    assert not at_home(ROUTER, HTTPS, "tcp")
    assert not at_home(ROUTER, SMB, "udp")
    assert not at_home(ROUTER6, HTTPS, "tcp")
    assert not at_home(ROUTER6, DNS, "udp")


def test_a_meeting_that_is_said_to_be_in_the_home_is_not_reached_there(nets: Nets) -> None:
    lying = Service(addresses=(ROUTER, ROUTER6), tcp=(HTTPS,), meeting=True)
    assert nets.apply(Firewall(services=(lying,), guest=GUEST))
    assert not nets.reaches(ROUTER, HTTPS, "tcp")
    assert not nets.reaches(ROUTER6, HTTPS, "tcp")


def test_a_ruleset_that_cannot_be_leaves_the_one_before(nets: Nets, outside: Asks) -> None:
    assert not nets.apply(Firewall(services=(Service(addresses=(OTHER,), tcp=(70000,)),)))
    assert outside(REGION, HTTPS, "tcp")
    assert not outside(OTHER, HTTPS, "tcp")
