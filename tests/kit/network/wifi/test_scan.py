"""From access points of any kind to networks that staff may choose between."""

from typing import Any

import pytest

from kit.ipc.network import Signal, WifiSecurity
from kit.network.networkmanager_objects import DEVICE, NAME, Objects
from kit.network.wifi.names import MAX_BYTES, Name
from kit.network.wifi.scan import MOST, Point, device, is_phones, matching, networks, points_of
from kit.network.wifi.security import Access

WPA2 = {"Flags": 1, "WpaFlags": 0, "RsnFlags": 0x188}
OPEN = {"Flags": 0, "WpaFlags": 0, "RsnFlags": 0}


def air(*points: dict[str, Any], state: object = 30) -> Objects:
    """One radio and what it sees."""
    paths = [f"/AccessPoint/{number}" for number in range(len(points))]
    radio = {
        DEVICE: {"Interface": "wlan0", "State": state},
        f"{DEVICE}.Wireless": {"AccessPoints": paths, "LastScan": 5},
    }
    seen = {path: {f"{NAME}.AccessPoint": point} for path, point in zip(paths, points, strict=True)}
    return {"/Devices/3": radio, "/Devices/1": {DEVICE: {"Interface": "lo", "State": 100}}, **seen}


def point(ssid: object, strength: object = 70, **flags: object) -> dict[str, Any]:
    return {"Ssid": ssid, "Strength": strength, **(flags or WPA2)}


def seen(*points: dict[str, Any]) -> list[Point]:
    objects = air(*points)
    found = device(objects)
    assert found is not None
    return points_of(objects, found)


def test_the_strongest_comes_first_and_each_network_once() -> None:
    found = networks(seen(point(b"a", 40), point(b"b", 65), point(b"a", 90)), frozenset())
    assert [(one.label, one.signal) for one in found] == [("a", Signal.GOOD), ("b", Signal.FAIR)]


def test_an_open_network_of_the_same_name_is_another_network() -> None:
    found = networks(seen(point(b"a", 40), point(b"a", 90, **OPEN)), frozenset())
    assert [one.security for one in found] == [WifiSecurity.OPEN, WifiSecurity.KEY]


def test_networks_of_provisioning_and_without_a_name_are_left_out() -> None:
    points = seen(point(b"care"), point(b""), point(b"\0" * 8), point(b"a"))
    assert [one.label for one in networks(points, frozenset({b"care"}))] == ["a"]


def test_a_flood_of_names_is_bounded_and_the_strongest_are_kept() -> None:
    points = seen(*(point(f"n{number}".encode(), number % 100) for number in range(2000)))
    found = networks(points, frozenset())
    assert len(found) == MOST
    assert found[0].signal is Signal.GOOD


@pytest.mark.parametrize(
    "absurd",
    [
        {},
        point("text"),
        point(b"x" * (MAX_BYTES + 1)),
        point(None),
        {"Ssid": b"a", "Strength": None, "Flags": "x", "RsnFlags": []},
        point(b"a", 10**9),
    ],
)
def test_absurd_access_points_are_passed_over_or_bounded(absurd: dict[str, Any]) -> None:
    assert all(0 <= one.strength <= 100 for one in seen(absurd))
    networks(seen(absurd), frozenset())


def test_without_a_radio_that_works_there_is_none() -> None:
    assert device({}) is None
    assert device(air(state=20)) is None
    assert device(air(state="x")) is None
    assert device({"/x": {f"{DEVICE}.Wireless": {}}}) is None


def test_what_was_chosen_is_found_again_at_its_strongest_point() -> None:
    points = seen(point(b"a", 40), point(b"a", 90, **OPEN), point(b"a", 60))
    chosen = next(one for one in networks(points, frozenset()) if one.security is WifiSecurity.KEY)
    found = matching(points, chosen, keyed=True)
    assert found is not None
    assert (found.strength, found.access) == (60, Access.WPA2)


def test_a_name_with_a_password_never_means_an_open_network() -> None:
    points = seen(point(b"a", 90, **OPEN))
    assert matching(points, Name(b"a"), keyed=True) is None
    assert matching(points, Name(b"a"), keyed=False) is not None
    assert matching(points, Name(b"b"), keyed=False) is None


def test_a_name_without_a_password_means_an_open_network_only_where_no_other_is_called_so() -> None:
    points = seen(point(b"a", 90, **OPEN), point(b"a", 40))
    found = matching(points, Name(b"a"), keyed=False)
    assert found is not None
    assert found.access is Access.WPA2


@pytest.mark.parametrize("name", ["Annas iPhone", "AndroidAP_1234", "Galaxy A52", "Pixel 8"])
def test_a_phones_network_is_known_by_its_name(name: str) -> None:
    assert is_phones(Name(name.encode()))
    assert not is_phones(Name(b"Hemma"))


def test_points_and_networks_show_no_name_of_themselves() -> None:
    assert "kanarie" not in repr(seen(point(b"kanarie")))
