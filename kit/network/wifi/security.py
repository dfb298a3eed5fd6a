"""What an access point asks for, and what NetworkManager is told to answer. Pure.

The figures are NetworkManager's ``NM80211ApFlags`` and ``NM80211ApSecurityFlags``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from kit.ipc.network import WifiSecurity, WifiTrouble
from kit.network.wifi.names import Name
from kit.network.wifi.secrets import Secret

PRIVACY: Final = 0x1
PSK: Final = 0x100
IEEE_8021X: Final = 0x200
SAE: Final = 0x400
OWE: Final = 0x800
OWE_TRANSITION: Final = 0x1000


class Access(StrEnum):
    """How one gets into a network."""

    OPEN = "open"
    OWE = "owe"
    """Open to all, and encrypted (RFC 8110)."""
    WPA2 = "wpa2"
    MIXED = "mixed"
    """WPA2, and WPA3 for those who can."""
    SAE = "sae"
    """WPA3 only."""
    ENTERPRISE = "enterprise"
    WEP = "wep"


def access(flags: int, wpa: int, rsn: int) -> Access:
    """Read an access point's ``Flags``, ``WpaFlags`` and ``RsnFlags``."""
    both = wpa | rsn
    if rsn & SAE:
        return Access.MIXED if both & PSK else Access.SAE
    if both & PSK:
        return Access.WPA2
    if both & IEEE_8021X:
        return Access.ENTERPRISE
    if rsn & OWE:
        return Access.OWE
    # The open half of a pair whose other half is encrypted; not every radio can do that half.
    if not both & ~OWE_TRANSITION and not flags & PRIVACY:
        return Access.OPEN
    return Access.WEP


def shown(kind: Access) -> WifiSecurity:
    """Return what staff must know of it."""
    if kind in (Access.OPEN, Access.OWE):
        return WifiSecurity.OPEN
    return WifiSecurity.KEY if kind in KEYED else WifiSecurity.NOT_SUPPORTED


KEYED: Final = frozenset({Access.WPA2, Access.MIXED, Access.SAE})


def key(kind: Access, name: Name, secret: Secret | None) -> str | WifiTrouble:
    """Return what NetworkManager is given for the password: for WPA2 the key made of it, never itself.

    A network that also speaks WPA3 needs the password: NetworkManager offers both, and wpa_supplicant then
    takes WPA3, which cannot be entered with WPA2's key. Empty for an open network.
    """
    if kind in (Access.OPEN, Access.OWE):
        return ""
    if kind not in KEYED:
        return WifiTrouble.NOT_SUPPORTED
    if secret is None or not (secret.fits_sae if kind is Access.SAE else secret.fits_wpa2):
        return WifiTrouble.KEY_FORM
    if kind is Access.WPA2:
        return secret.pmk(name.octets)
    return secret.password()
