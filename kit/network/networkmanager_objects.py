"""From NetworkManager's objects on the bus to the kit's uplinks. Pure.

Names and figures are those of NetworkManager's D-Bus API (``nm-dbus-interface.h``). What a profile is for
stands in its name, which provisioning gives (:mod:`kit.network.profiles`). On a machine with such profiles a
Wi-Fi by any other is the patient's; on one without them nobody steers, and each connection is what its
device is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from enum import IntEnum
from ipaddress import ip_address
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from msgspec import Struct

from kit.ipc.network import Signal, Technology, Uplink, UplinkState
from kit.network.hotspot import is_hotspot
from kit.network.uplinks import ORDER, Seen

Properties = Mapping[str, object]
Objects = Mapping[str, Mapping[str, Properties]]
"""By path, then by interface: what ``GetManagedObjects`` returns, without variants."""

NAME: Final = "org.freedesktop.NetworkManager"
DEVICE: Final = f"{NAME}.Device"
CARRIER: Final = 0x10000
MOST_SERVERS: Final = 3
PROVISIONED: Final = {
    "kit-cable": Uplink.CABLE,
    "kit-care-wifi": Uplink.CARE_WIFI,
    "kit-mobile": Uplink.MOBILE,
}
"""How a profile's name begins."""
GOOD_PERCENT: Final = 80
FAIR_PERCENT: Final = 60
"""NetworkManager's percent of a Wi-Fi is 2 (dBm + 100): -60 and -70 dBm, as in :mod:`kit.network.uplink`."""
_NOTHING: Final[Properties] = {}


class Type(IntEnum):
    """NMDeviceType, those that reach a network by themselves."""

    ETHERNET = 1
    WIFI = 2
    MODEM = 8
    VETH = 20


class State(IntEnum):
    """NMDeviceState; between DISCONNECTED and ACTIVATED it is connecting."""

    UNMANAGED = 10
    DISCONNECTED = 30
    ACTIVATED = 100
    FAILED = 120


_KINDS: Final = {
    Type.ETHERNET: (Uplink.CABLE, Technology.ETHERNET),
    Type.VETH: (Uplink.CABLE, Technology.ETHERNET),
    Type.WIFI: (Uplink.CARE_WIFI, Technology.WIFI),
    Type.MODEM: (Uplink.MOBILE, Technology.UNKNOWN),
}
_STATES: Final = (
    UplinkState.READY,
    UplinkState.CONNECTING,
    UplinkState.FAILED,
    UplinkState.DOWN,
    UplinkState.ABSENT,
)
"""Of several devices the furthest counts."""


class Device(Struct, frozen=True, kw_only=True):
    """What holds an uplink's connection. ``interface`` is the kernel's name of it."""

    path: str
    interface: str
    metrics: tuple[int | None, int | None]
    """Of its default routes by IPv4 and IPv6, as far as the kernel has them; None: there is none."""
    name_servers: tuple[str, ...] = ()
    """Addresses that its network gave, three at most."""


class Resting(Struct, frozen=True, kw_only=True):
    """A device without a connection, and the profile of provisioning that it could take; paths on the bus."""

    device: str
    profile: str


class Observed(Struct, frozen=True, kw_only=True):
    """One look at NetworkManager. Nothing in it names a network."""

    present: bool = False
    """Whether NetworkManager answers."""
    steered: bool = False
    """Whether there are profiles from provisioning: connections of other machines are left alone."""
    uplinks: Mapping[Uplink, Seen] = {}
    devices: Mapping[Uplink, Device] = {}
    """Whatever holds a connection, also where nothing is at its other end."""
    resting: Mapping[Uplink, Resting] = {}
    """Whatever could hold one and does not: it was ended, or NetworkManager has given it up for a while."""


def observe(objects: Objects) -> Observed:
    """Read one look. What has another form than documented counts as not there."""
    profiles = _profiles(objects)
    steered = any(_provisioned(name) for name in profiles.values())
    uplinks: dict[Uplink, Seen] = dict.fromkeys(ORDER, Seen())
    devices: dict[Uplink, Device] = {}
    resting: dict[Uplink, Resting] = {}
    for path, device in _with(objects, DEVICE):
        uplink = _uplink(objects, device, profiles, steered=steered)
        if uplink is None:
            continue
        if profile := _unused(device, profiles):
            resting[uplink] = Resting(device=path, profile=profile)
        seen = _seen(objects, path, device)
        if _STATES.index(seen.state) < _STATES.index(uplinks[uplink].state):
            uplinks[uplink] = seen
            if _number(device, "State") == State.ACTIVATED:
                devices[uplink] = _device(objects, path, device)
    return Observed(present=True, steered=steered, uplinks=uplinks, devices=devices, resting=resting)


def _profiles(objects: Objects) -> dict[str, str]:
    """Names by path. A profile's file is named as the profile is."""
    return {
        path: PurePosixPath(_text(connection, "Filename")).stem
        for path, connection in _with(objects, f"{NAME}.Settings.Connection")
    }


def _provisioned(name: str) -> Uplink | None:
    return next((uplink for start, uplink in PROVISIONED.items() if name.startswith(start)), None)


def _uplink(
    objects: Objects, device: Properties, profiles: Mapping[str, str], *, steered: bool
) -> Uplink | None:
    """What the device's connection is for, or what it could be for."""
    kind = _KINDS.get(_number(device, "DeviceType"))  # type: ignore[call-overload]
    active = _part(objects, _text(device, "ActiveConnection"), f"{NAME}.Connection.Active")
    available = device.get("AvailableConnections")
    listed = available if isinstance(available, list) and not active else []
    names = [_text(active, "Id")] if active else [profiles.get(str(path), "") for path in listed]
    known = next((uplink for name in names if (uplink := _provisioned(name))), None)
    if known is not None or kind is None:
        return known
    return Uplink.PATIENT_WIFI if steered and active and kind[0] is Uplink.CARE_WIFI else kind[0]


def _unused(device: Properties, profiles: Mapping[str, str]) -> str:
    """The provisioned profile that it could take; empty where it has one, or there is none."""
    available = device.get("AvailableConnections")
    if _number(device, "State") != State.DISCONNECTED or not isinstance(available, list):
        return ""
    return next((path for path in map(str, available) if _provisioned(profiles.get(path, ""))), "")


def _seen(objects: Objects, path: str, device: Properties) -> Seen:
    technology = _KINDS.get(_number(device, "DeviceType"), (None, Technology.UNKNOWN))[1]  # type: ignore[call-overload]
    metered = _number(device, "Metered")
    options = _part(objects, _text(device, "Dhcp4Config"), f"{NAME}.DHCP4Config").get("Options")
    addresses = list(_addresses(_part(objects, _text(device, "Ip4Config"), f"{NAME}.IP4Config")))
    modem = _number(device, "DeviceType") == Type.MODEM
    return Seen(
        state=_state(objects, device),
        technology=technology,
        signal=_signal(objects, path),
        metered=metered in (1, 3),
        hotspot=not modem and is_hotspot(addresses, options if isinstance(options, Mapping) else {}, metered),
    )


def _state(objects: Objects, device: Properties) -> UplinkState:
    """A device that rests although it has a profile for what it is connected to has failed with it."""
    state = _number(device, "State")
    if state == State.ACTIVATED:
        return _activated(objects, device)
    if State.DISCONNECTED < state < State.ACTIVATED:
        return UplinkState.CONNECTING
    if state == State.FAILED or (state == State.DISCONNECTED and device.get("AvailableConnections")):
        return UplinkState.FAILED
    return UplinkState.DOWN if state > State.UNMANAGED else UplinkState.ABSENT


def _activated(objects: Objects, device: Properties) -> UplinkState:
    """NetworkManager keeps a cable for 6 s after it was pulled; the device's own word comes at once."""
    wired = _number(device, "DeviceType") in (Type.ETHERNET, Type.VETH)
    if wired and not _number(device, "InterfaceFlags") & CARRIER:
        return UplinkState.DOWN
    leads_out = any(_metric(objects, device, version) is not None for version in (4, 6))
    return UplinkState.READY if leads_out else UplinkState.CONNECTING


def _metric(objects: Objects, device: Properties, version: int) -> int | None:
    config = _part(objects, _text(device, f"Ip{version}Config"), f"{NAME}.IP{version}Config")
    routes = config.get("RouteData")
    for route in routes if isinstance(routes, list) else []:
        if isinstance(route, Mapping) and route.get("prefix") == 0:
            return _number(route, "metric")
    return None


def _device(objects: Objects, path: str, device: Properties) -> Device:
    interface = _text(device, "IpInterface") or _text(device, "Interface")
    metrics = (_metric(objects, device, 4), _metric(objects, device, 6))
    servers = tuple(islice(_name_servers(objects, device), MOST_SERVERS))
    return Device(path=path, interface=interface, metrics=metrics, name_servers=servers)


def _name_servers(objects: Objects, device: Properties) -> Iterator[str]:
    """By IPv4 as texts, by IPv6 as octets; those of a link need its name and are left out."""
    data = _part(objects, _text(device, "Ip4Config"), f"{NAME}.IP4Config").get("NameserverData")
    octets = _part(objects, _text(device, "Ip6Config"), f"{NAME}.IP6Config").get("Nameservers")
    texts = [one.get("address") for one in data if isinstance(one, Mapping)] if isinstance(data, list) else []
    for one in (*texts, *(octets if isinstance(octets, list) else ())):
        with contextlib.suppress(ValueError):
            if isinstance(one, str | bytes) and not (address := ip_address(one)).is_link_local:
                yield str(address)


def _signal(objects: Objects, path: str) -> Signal | None:
    wireless = objects[path].get(f"{DEVICE}.Wireless", _NOTHING)
    point = _part(objects, _text(wireless, "ActiveAccessPoint"), f"{NAME}.AccessPoint")
    strength = point.get("Strength")
    if not isinstance(strength, int):
        return None
    if strength >= FAIR_PERCENT:
        return Signal.GOOD if strength >= GOOD_PERCENT else Signal.FAIR
    return Signal.WEAK


def _addresses(config: Properties) -> Iterator[str]:
    data = config.get("AddressData")
    for one in data if isinstance(data, list) else []:
        if isinstance(one, Mapping):
            yield f"{one.get('address')}/{one.get('prefix')}"


def _with(objects: Objects, interface: str) -> Iterator[tuple[str, Properties]]:
    return ((path, parts[interface]) for path, parts in sorted(objects.items()) if interface in parts)


def _part(objects: Objects, path: str, interface: str) -> Properties:
    return objects.get(path, {}).get(interface, _NOTHING)


def _text(properties: Properties, name: str) -> str:
    value = properties.get(name)
    return value if isinstance(value, str) else ""


def _number(properties: Properties, name: str) -> int:
    value = properties.get(name)
    return value if isinstance(value, int) else 0
