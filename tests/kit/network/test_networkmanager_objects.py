"""NetworkManager's objects, also of a form that nobody documented."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kit.ipc.network import Uplink, UplinkState
from kit.network.networkmanager_objects import CARRIER, DEVICE, NAME, Objects, observe

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text() | st.binary() | st.sampled_from(["/d", "/a", "/c", "/s"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        "DeviceType",
        "State",
        "ActiveConnection",
        "AvailableConnections",
        "Ip4Config",
        "Dhcp4Config",
        "Id",
        "InterfaceFlags",
        "RouteData",
        "AddressData",
        "NameserverData",
        "Nameservers",
        "Ip6Config",
        "Options",
        "Filename",
        "Interface",
        "Metered",
        "Strength",
    ]
)
INTERFACES = st.sampled_from(
    [
        DEVICE,
        f"{DEVICE}.Wireless",
        f"{NAME}.Connection.Active",
        f"{NAME}.Settings.Connection",
        f"{NAME}.IP4Config",
        f"{NAME}.IP6Config",
        f"{NAME}.DHCP4Config",
    ]
)


def machine(kind: int, name: str, profile: str, *, flags: int = CARRIER) -> Objects:
    """One device with a connection that leads out."""
    return {
        "/s": {f"{NAME}.Settings.Connection": {"Filename": f"/etc/x/{profile}.nmconnection"}},
        "/a": {f"{NAME}.Connection.Active": {"Id": name}},
        "/c": {f"{NAME}.IP4Config": {"RouteData": [{"dest": "0.0.0.0", "prefix": 0, "metric": 600}]}},
        "/d": {
            DEVICE: {
                "DeviceType": kind,
                "State": 100,
                "Interface": "if0",
                "ActiveConnection": "/a",
                "Ip4Config": "/c",
                "InterfaceFlags": flags,
            }
        },
    }


def test_a_wifi_that_is_not_of_provisioning_is_the_patients_where_the_kit_is_steered() -> None:
    seen = observe(machine(2, "hembesok-tillfalligt", "kit-cable"))
    assert seen.uplinks[Uplink.PATIENT_WIFI].state is UplinkState.READY
    assert seen.uplinks[Uplink.CARE_WIFI].state is UplinkState.ABSENT
    provisioned = observe(machine(2, "kit-care-wifi-1", "kit-care-wifi-1"))
    assert provisioned.uplinks[Uplink.CARE_WIFI].state is UplinkState.READY


def test_on_another_machine_a_wifi_is_a_wifi_and_nothing_is_steered() -> None:
    seen = observe(machine(2, "Hemma", "Hemma"))
    assert not seen.steered
    assert seen.uplinks[Uplink.CARE_WIFI].state is UplinkState.READY


def test_a_cable_with_nothing_at_its_other_end_is_down_before_networkmanager_gives_it_up() -> None:
    assert (
        observe(machine(1, "kit-cable", "kit-cable", flags=0)).uplinks[Uplink.CABLE].state is UplinkState.DOWN
    )


@given(
    st.dictionaries(
        st.sampled_from(["/d", "/a", "/c", "/s"]),
        st.dictionaries(INTERFACES, st.dictionaries(NAMES, VALUES, max_size=8), max_size=4),
        max_size=4,
    )
)
def test_objects_of_any_form_are_read(objects: Objects) -> None:
    assert observe(objects).present


def test_whom_a_network_asks_for_names_is_known_by_both_families_but_not_those_of_a_link() -> None:
    objects = dict(machine(1, "kit-cable", "kit-cable"))
    objects["/d"] = {DEVICE: {**objects["/d"][DEVICE], "Ip6Config": "/c6"}}
    given: dict[str, Any] = {"NameserverData": [{"address": "192.0.2.1"}, {"address": "router"}, {}, 7]}
    objects["/c"] = {f"{NAME}.IP4Config": {**objects["/c"][f"{NAME}.IP4Config"], **given}}
    octets = [bytes.fromhex("20010db8" + 22 * "0" + "53"), bytes.fromhex("fe80" + 26 * "0" + "53"), b"\x01"]
    objects["/c6"] = {f"{NAME}.IP6Config": {"Nameservers": octets}}
    assert observe(objects).devices[Uplink.CABLE].name_servers == ("192.0.2.1", "2001:db8::53")
