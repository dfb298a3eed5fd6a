"""Whether a phone shares its network with the kit. Pure.

Such a network stops when the phone leaves the room or is called, and somebody pays for it privately.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Final

IPHONE: Final = ipaddress.IPv4Network("172.20.10.0/28")
"""What an iPhone gives, by Wi-Fi, USB and Bluetooth."""
ANDROID: Final = "ANDROID_METERED"
"""Android's vendor option (DHCP option 43; ``DhcpServingParams`` in the Android source)."""
VENDOR_OPTIONS: Final = ("vendor_encapsulated_options", "vendor_specific", "private_43")
"""What DHCP clients call option 43."""
GUESS_YES: Final = 3
"""NMMetered: NetworkManager believes that it costs, which it does when it has met option 43 (nm-device.c)."""


def is_hotspot(addresses: Iterable[str], options: Mapping[str, object], metered: int) -> bool:
    """Judge a Wi-Fi, a cable (a phone may be tethered by USB) or Bluetooth; never a modem of the kit's own.

    ``addresses`` are the kit's as ``172.20.10.2/28``; ``options`` as the DHCP client names them. Both come
    from somebody else's router, so anything may stand there.
    """
    return metered == GUESS_YES or _android(options) or any(_iphone(address) for address in addresses)


def _android(options: Mapping[str, object]) -> bool:
    return any(_says(options.get(name)) for name in VENDOR_OPTIONS)


def _says(option: object) -> bool:
    """The client gives text as text, as ``41:4e:44…``, or as bytes."""
    if isinstance(option, bytes | bytearray):
        return ANDROID.encode() in option
    if not isinstance(option, str):
        return False
    return ANDROID in option or ANDROID.encode().hex(":") in option.lower()


def _iphone(address: str) -> bool:
    try:
        interface = ipaddress.IPv4Interface(address)
    except ValueError:
        return False
    return interface.network == IPHONE
