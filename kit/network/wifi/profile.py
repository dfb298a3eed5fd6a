"""The profile that NetworkManager is given for the patient's Wi-Fi. Pure.

Nothing in it is stable: what a router or a listener could know the kit by at another home is random, and
nothing NetworkManager names by it (files, leases, log lines) is the patient's.
"""

from __future__ import annotations

from typing import Any, Final

from kit.network.wifi.hold import Hold
from kit.network.wifi.security import Access

Settings = dict[str, dict[str, Any]]
"""NetworkManager's settings by their D-Bus names."""

ID: Final = "hembesok-tillfalligt"
"""The name of every such profile: NetworkManager puts it into file names and logs."""
WIFI: Final = "802-11-wireless"
_SECURITY: Final = "802-11-wireless-security"
_ADDRESS_S: Final = 25
"""For DHCP; a home's router answers in two."""
_KEY_MANAGEMENT: Final = {
    Access.OWE: "owe",
    Access.WPA2: "wpa-psk",
    # NetworkManager makes it both, where the radio can.
    Access.MIXED: "wpa-psk",
    Access.SAE: "sae",
}


def wifi(hold: Hold) -> Settings:
    """Return the profile of a network that one may join; ValueError for others."""
    if hold.access in (Access.ENTERPRISE, Access.WEP):
        raise ValueError("no profile for such a network")
    settings = volatile(hold.uuid, WIFI, hold.interface)
    settings[WIFI] = {
        "ssid": hold.ssid,
        "mode": "infrastructure",
        # Not cloned-mac-address, whose bytes cannot say "random".
        "assigned-mac-address": "random",
        # 2: off. A radio that sleeps adds up to 100 ms to every packet of the call.
        "powersave": 2,
    }
    if hold.hidden:
        settings[WIFI]["hidden"] = True
    if hold.access in _KEY_MANAGEMENT:
        settings[_SECURITY] = {"key-mgmt": _KEY_MANAGEMENT[hold.access]}
        if hold.key:
            settings[_SECURITY]["psk"] = hold.key
    return settings


def volatile(uuid: str, kind: str, interface: str) -> Settings:
    """Return what is the same whatever carries the profile: who one is, how addresses are asked for."""
    return {
        "connection": {
            "id": ID,
            "uuid": uuid,
            "type": kind,
            "interface-name": interface,
            "autoconnect": False,
            "stable-id": "${RANDOM}",
            # One try: a second one with the same password ends the same.
            "auth-retries": 1,
            # 0: off. Nobody in the home is told the kit's name.
            "mdns": 0,
            "llmnr": 0,
            "lldp": 0,
        },
        "ipv4": {
            "method": "auto",
            "dhcp-send-hostname": False,
            # The address of the moment, which is random.
            "dhcp-client-id": "mac",
            "dhcp-timeout": _ADDRESS_S,
        },
        "ipv6": {
            "method": "auto",
            "dhcp-send-hostname": False,
            "dhcp-duid": "ll",
            "dhcp-timeout": _ADDRESS_S,
            # 0: of the interface's address, which is random. The other way needs a key that is kept.
            "addr-gen-mode": 0,
            "ip6-privacy": 0,
        },
    }
