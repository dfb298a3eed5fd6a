"""Which servers the configuration names, and how long a name's addresses are kept."""

from pathlib import Path

import pytest

from kit.config import (
    Broker,
    ConfigInvalid,
    KitConfig,
    Login,
    Meeting,
    Probe,
    Region,
    Registration,
    Relay,
    load,
)
from kit.network.guard.region import KEPT_S, MEDIA, MOST_ADDRESSES, Addresses, Named, named, networks
from kit.portal.site import Portal

NOWHERE = Path("none")
BROKER = Broker(host="broker.region.test", port=8883, ca=NOWHERE, certificate=NOWHERE, key=NOWHERE)


def config(*allowed: str, relays: tuple[str, ...] = (), region: Region | None = None) -> KitConfig:
    return KitConfig(
        kit_id="kit-0007",
        run_dir=NOWHERE,
        state_dir=NOWHERE,
        broker=BROKER,
        meeting=Meeting(
            allowed_hosts=allowed,
            portals=(Portal(name="p", address="https://portal.test/", origins=("https://portal.test",)),),
            login=Login(shown="https://in.test/a", collect="https://in.test:8443/b"),
            registration=Registration(host="node.test", alias="a", user="u", password_file=NOWHERE),
            relays=(Relay(urls=relays, username="u", credential_file=NOWHERE),) if relays else (),
        ),
        wifi_probe=Probe(url="http://probe.test/kit", answer="x"),
        region=region or Region(),
    )


def of(found: tuple[Named, ...], host: str) -> Named:
    [one] = [named for named in found if named.host == host]
    return one


def test_every_server_of_the_configuration_is_reached_by_what_it_is_for() -> None:
    turn = ("turn:relay.test?transport=udp", "turns:relay2.test:443?transport=tcp")
    found = named(config("meet.test", "other.test:8444", relays=turn, region=Region(hosts=("up.test",))))
    assert of(found, "meet.test") == Named(host="meet.test", tcp=(443,), udp=MEDIA, meeting=True)
    assert of(found, "other.test").tcp == (8444,)
    assert of(found, "node.test").meeting
    assert of(found, "portal.test") == Named(host="portal.test", tcp=(443,), udp=MEDIA, meeting=True)
    assert of(found, "relay.test") == Named(host="relay.test", tcp=(3478,), udp=((3478, 3478),), meeting=True)
    assert of(found, "relay2.test").tcp == (443,)
    assert of(found, "in.test") == Named(host="in.test", tcp=(8443,), meeting=True)
    assert of(found, "probe.test") == Named(host="probe.test", tcp=(80,), meeting=True)
    assert of(found, "broker.region.test") == Named(host="broker.region.test", tcp=(8883,))
    assert of(found, "up.test") == Named(host="up.test", tcp=(443,))


@pytest.mark.parametrize("entry", ["*.meet.test", "", "meet.test:0", "meet.test:65536", "meet.test:x"])
def test_an_entry_that_is_no_single_server_opens_nothing(entry: str) -> None:
    assert named(config(entry)) == named(config())


def test_the_regions_networks_are_reached_for_meetings_by_address() -> None:
    [service] = networks(config(region=Region(networks=("198.51.100.0/24", "2001:db8::/48"))))
    assert service.meeting
    assert service.addresses == ("198.51.100.0/24", "2001:db8::/48")
    assert networks(config()) == ()


def test_a_network_that_is_none_makes_the_configuration_invalid(tmp_path: Path) -> None:
    file = tmp_path / "kit.toml"
    broker = 'broker = {host = "b", port = 1, ca = "a", certificate = "a", key = "a"}'
    head = (
        f'kit_id = "kit-0007"\nrun_dir = "r"\nstate_dir = "s"\n{broker}\nmeeting = {{allowed_hosts = []}}\n'
    )
    for network in ("198.51.100.7/24", "198.51.100.0/33", "1.2.3"):
        file.write_text(f'{head}[region]\nnetworks = ["{network}"]\n')
        with pytest.raises(ConfigInvalid):
            load(file)


def test_an_address_is_kept_for_a_while_after_it_was_last_answered() -> None:
    addresses = Addresses()
    addresses.heard("meet.test", ["198.51.100.7", "198.51.100.8"], 0.0)
    addresses.heard("meet.test", ["198.51.100.8"], 100.0)
    assert addresses.of("meet.test", KEPT_S - 1) == ("198.51.100.7", "198.51.100.8")
    assert addresses.of("meet.test", KEPT_S + 1) == ("198.51.100.8",)
    assert addresses.of("meet.test", KEPT_S + 101) == ()
    assert addresses.of("other.test", 0.0) == ()


def test_a_name_server_that_answers_with_ever_new_addresses_fills_nothing() -> None:
    addresses = Addresses()
    for number in range(1000):
        addresses.heard("meet.test", [f"198.51.{number // 250}.{number % 250}"], float(number))
    assert len(addresses.of("meet.test", 999.0)) == MOST_ADDRESSES
    addresses.forget()
    assert addresses.of("meet.test", 999.0) == ()
