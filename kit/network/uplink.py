"""Which link carries the kit now: the interface of the default route, and what kind it is.

Read from the kernel, which knows it also when NetworkManager is gone. What only NetworkManager and
ModemManager know is not told here: whether a Wi-Fi is the patient's (each counts as the care's own, until
:mod:`kit.agent.uplinks` knows better), a modem's technology and its signal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from kit.hw import sysfs
from kit.ipc.network import Uplink

ROUTE_UP: Final = 0x1
ROUTE_REJECT: Final = 0x200
ARPHRD_ETHER: Final = 1
ARPHRD_PPP: Final = 512
ARPHRD_RAWIP: Final = 519
ARPHRD_NONE: Final = 0xFFFE
MODEM_LINKS: Final = (ARPHRD_PPP, ARPHRD_RAWIP, ARPHRD_NONE)
GOOD_DBM: Final = -60
FAIR_DBM: Final = -70

Technology = Literal["none", "ethernet", "wifi", "unknown"]
Signal = Literal["weak", "fair", "good"]


class Link(Struct, frozen=True, kw_only=True):
    """The link in use. Never a network's name or address. ``signal`` is None where there is none to tell."""

    interface: str = ""
    """As the kernel calls it; stays on the kit."""

    uplink: Uplink = Uplink.NONE
    technology: Technology = "none"
    signal: Signal | None = None


def read(root: Path) -> Link:
    """The link that carries the default route of the machine at ``root``."""
    interface = _default_interface(root)
    if interface is None:
        return Link()
    folder = root / "sys/class/net" / interface
    if sysfs.integer(folder / "carrier") == 0:
        return Link()
    uplink, technology = _kind(folder)
    signal = _signal(root, interface) if technology == "wifi" else None
    return Link(interface=interface, uplink=uplink, technology=technology, signal=signal)


def leading_out(root: Path) -> frozenset[str]:
    """Interfaces that have a default route at ``root``: the one that carries, and those that stand by."""
    return frozenset(name for _, name in (*_routes_ipv4(root), *_routes_ipv6(root)))


def _default_interface(root: Path) -> str | None:
    """The default route with the lowest metric; IPv4's, unless there is only one of IPv6."""
    for routes in (_routes_ipv4(root), _routes_ipv6(root)):
        if routes:
            return min(routes)[1]
    return None


def _routes_ipv4(root: Path) -> list[tuple[int, str]]:
    """``Iface Destination Gateway Flags RefCnt Use Metric Mask …``: all but the metric in hexadecimal."""
    routes = []
    for line in (sysfs.text(root / "proc/net/route") or "").splitlines()[1:]:
        words = line.split()
        if len(words) >= 8 and words[1] == words[7] == "00000000" and _usable(words[3], words[0]):
            routes.append((_number(words[6], 10), words[0]))
    return routes


def _routes_ipv6(root: Path) -> list[tuple[int, str]]:
    """``dest len src len next metric refcnt use flags iface``: all in hexadecimal."""
    routes = []
    for line in (sysfs.text(root / "proc/net/ipv6_route") or "").splitlines():
        words = line.split()
        if len(words) == 10 and words[0] == "0" * 32 and words[1] == "00" and _usable(words[8], words[9]):
            routes.append((_number(words[5], 16), words[9]))
    return routes


def _usable(flags: str, interface: str) -> bool:
    return _number(flags, 16) & (ROUTE_UP | ROUTE_REJECT) == ROUTE_UP and interface != "lo"


def _number(word: str, base: int) -> int:
    try:
        return int(word, base)
    except ValueError:
        return 0


def _kind(folder: Path) -> tuple[Uplink, Technology]:
    uevent = (sysfs.text(folder / "uevent") or "").splitlines()
    link_type = sysfs.integer(folder / "type")
    if "DEVTYPE=wlan" in uevent or (folder / "wireless").is_dir():
        return Uplink.CARE_WIFI, "wifi"
    if "DEVTYPE=wwan" in uevent or link_type in MODEM_LINKS:
        return Uplink.MOBILE, "unknown"
    if link_type == ARPHRD_ETHER:
        return Uplink.CABLE, "ethernet"
    return Uplink.NONE, "unknown"


def _signal(root: Path, interface: str) -> Signal | None:
    """From ``wlan0: 0000   54.  -56.  -256  …``: the third number is the level in dBm."""
    for line in (sysfs.text(root / "proc/net/wireless") or "").splitlines():
        words = line.split()
        if len(words) > 3 and words[0] == f"{interface}:":
            try:
                level = float(words[3])
            except ValueError:
                return None
            return "good" if level >= GOOD_DBM else "fair" if level >= FAIR_DBM else "weak"
    return None
