"""From NetworkManager's access points to networks that staff may choose between. Pure.

Whoever has a radio can fill a scan with names of any kind: what is shown is bounded, and strongest first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from kit.ipc.network import Signal, WifiSecurity
from kit.network.networkmanager_objects import DEVICE, FAIR_PERCENT, GOOD_PERCENT, NAME, Objects, Properties
from kit.network.wifi.names import MAX_BYTES, Name, label
from kit.network.wifi.patient import Found
from kit.network.wifi.security import Access, access, shown

MOST: Final = 100
MOST_POINTS: Final = 1000
WIFI: Final = 2
"""NMDeviceType."""
UNAVAILABLE: Final = 20
"""NMDeviceState: switched off, or without firmware; below it the device is somebody else's."""
_PHONES: Final = (
    *("iphone", "ipad", "android", "galaxy", "pixel", "oneplus", "xiaomi", "redmi", "huawei p", "xperia"),
    *("motorola", "moto g", "nokia", "oppo", "realme", "hotspot", "mobil"),
)
"""How phones name what they share until somebody changes it. Once joined, its DHCP says more surely."""
_WIRELESS: Final = f"{DEVICE}.Wireless"
_POINT: Final = f"{NAME}.AccessPoint"


class WifiDevice(Struct, frozen=True, kw_only=True):
    """A Wi-Fi device. ``last_scan`` is NetworkManager's clock of its latest scan in ms, or -1."""

    path: str
    interface: str
    last_scan: int
    points: tuple[str, ...]


class Point(Struct, frozen=True, kw_only=True):
    """One access point that tells its name."""

    path: str
    name: Name
    access: Access
    strength: int
    """0 to 100."""


def device(objects: Objects) -> WifiDevice | None:
    """Return the kit's radio that works; the first by name, where there are several."""
    found = []
    for path, parts in objects.items():
        properties, wireless = parts.get(DEVICE), parts.get(_WIRELESS)
        if properties is None or wireless is None or _number(properties, "State") <= UNAVAILABLE:
            continue
        points = wireless.get("AccessPoints")
        found.append(
            WifiDevice(
                path=path,
                interface=str(properties.get("Interface")),
                last_scan=_number(wireless, "LastScan"),
                points=tuple(map(str, points)) if isinstance(points, list) else (),
            )
        )
    return min(found, key=lambda one: one.interface, default=None)


def points_of(objects: Objects, found: WifiDevice) -> list[Point]:
    """Return what the radio sees and can name, strongest first."""
    seen = (_point(path, objects.get(path, {}).get(_POINT)) for path in found.points[:MOST_POINTS])
    return sorted((point for point in seen if point), key=lambda point: -point.strength)


def networks(seen: Iterable[Point], provisioned: frozenset[bytes]) -> tuple[Found, ...]:
    """Merge points of one name and security, strongest first; those of provisioning are left out.

    One name with two securities is two networks: one of them may be somebody's who imitates the other.
    """
    merged: dict[tuple[bytes, str], Found] = {}
    for point in sorted(seen, key=lambda point: -point.strength):
        kind = shown(point.access)
        key = (point.name.octets, kind.value)
        if point.name.octets in provisioned or key in merged:
            continue
        merged[key] = Found(
            name=point.name,
            label=label(point.name),
            signal=_signal(point.strength),
            security=kind,
            hotspot=is_phones(point.name),
        )
        if len(merged) == MOST:
            break
    return tuple(merged.values())


def matching(seen: Iterable[Point], where: Found | Name, *, keyed: bool) -> Point | None:
    """Return the strongest point of the network that was meant.

    A name with a password means a network that asks for one: an open one of the same name is not it. A name
    without means an open one only where no other is called so.
    """
    strongest = sorted(seen, key=lambda point: -point.strength)
    if isinstance(where, Found):
        meant = [one for one in strongest if one.name == where.name and shown(one.access) is where.security]
        return meant[0] if meant else None
    called = [point for point in strongest if point.name == where]
    closed = [point for point in called if shown(point.access) is not WifiSecurity.OPEN]
    return next(iter(closed if keyed or closed else called), None)


def is_phones(name: Name) -> bool:
    """Whether it is called as phones call what they share."""
    return any(word in label(name).casefold() for word in _PHONES)


def _point(path: str, properties: Properties | None) -> Point | None:
    """Return a point; None for one that hides its name or says something absurd."""
    if properties is None:
        return None
    octets = properties.get("Ssid")
    if not isinstance(octets, bytes) or not 1 <= len(octets) <= MAX_BYTES or not any(octets):
        return None
    return Point(
        path=path,
        name=Name(octets),
        access=access(*(_number(properties, name) for name in ("Flags", "WpaFlags", "RsnFlags"))),
        strength=max(0, min(100, _number(properties, "Strength"))),
    )


def _signal(strength: int) -> Signal:
    if strength >= FAIR_PERCENT:
        return Signal.GOOD if strength >= GOOD_PERCENT else Signal.FAIR
    return Signal.WEAK


def _number(properties: Properties, name: str) -> int:
    value = properties.get(name)
    return value if isinstance(value, int) else 0
