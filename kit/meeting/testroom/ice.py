"""Loopback for ICE: aioice leaves 127.0.0.1 out, and a room on one machine needs exactly that address."""

from collections.abc import Callable

import aioice.ice

_original: Callable[[bool, bool], list[str]] = aioice.ice.get_host_addresses


def add_loopback() -> None:
    """From now on this process offers 127.0.0.1 beside its other addresses. May be called again."""
    aioice.ice.get_host_addresses = _with_loopback


def _with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    addresses = _original(use_ipv4, use_ipv6)
    return [*addresses, "127.0.0.1"] if use_ipv4 and "127.0.0.1" not in addresses else addresses
