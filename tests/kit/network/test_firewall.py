import msgspec
import pytest

from kit.network.firewall import Firewall, Guest, Service, Unreadable, read, ruleset


def _read(**values: object) -> Firewall:
    return read(msgspec.json.encode(values))


def test_what_was_written_is_read_back() -> None:
    meant = Firewall(
        services=(Service(addresses=("198.51.100.7", "2001:db8::/48"), tcp=(443,), udp=((40000, 49999),)),),
        guest=Guest(interface="wlan0", resolvers=("192.168.1.1",)),
    )
    assert read(msgspec.json.encode(meant)) == meant


@pytest.mark.parametrize(
    "services",
    [
        [{"addresses": ["198.51.100.7; }; accept"], "tcp": [443]}],
        [{"addresses": ["meet.region.test"], "tcp": [443]}],
        [{"addresses": ["198.51.100.7"], "tcp": [0]}],
        [{"addresses": ["198.51.100.7"], "udp": [[50000, 40000]]}],
        [{"addresses": ["198.51.100.7"], "tcp": [443], "extra": 1}],
    ],
)
def test_a_service_that_does_not_fit_is_refused(services: object) -> None:
    with pytest.raises(Unreadable):
        _read(services=services)


@pytest.mark.parametrize("interface", ["", 'wlan0" accept', "a" * 16])
def test_an_interface_that_cannot_be_one_is_refused(interface: str) -> None:
    with pytest.raises(Unreadable):
        _read(guest={"interface": interface})


@pytest.mark.parametrize("text", [b"", b"\xff", b"[]", b"{" * 1000])
def test_what_is_no_firewall_is_refused(text: bytes) -> None:
    with pytest.raises(Unreadable):
        read(text)


def test_a_service_without_ports_opens_nothing() -> None:
    assert ruleset(Firewall(services=(Service(addresses=("198.51.100.7",)),))) == ruleset(Firewall())
