import pytest

from kit.network.firewall import Firewall, Guest, Service, ruleset

MEETING = "198.51.100.7"


@pytest.mark.parametrize(
    "service",
    [
        Service(addresses=(f"{MEETING}; }}; accept",), tcp=(443,)),
        Service(addresses=("meet.region.test",), tcp=(443,)),
        Service(addresses=("fe80::1%wlan0",), tcp=(443,)),
        Service(addresses=(MEETING,), udp=((50000, 40000),)),
    ],
)
def test_what_is_no_address_and_no_range_makes_no_ruleset(service: Service) -> None:
    with pytest.raises(ValueError):
        ruleset(Firewall(services=(service,)))


def test_a_resolver_that_is_no_address_makes_no_ruleset() -> None:
    with pytest.raises(ValueError):
        ruleset(Firewall(guest=Guest(interface="wl*", resolvers=("router.lan",))))


def test_a_service_without_ports_opens_nothing() -> None:
    assert ruleset(Firewall(services=(Service(addresses=(MEETING,)),))) == ruleset(Firewall())
