"""Notices when another network begins to carry the machine, by what the kernel tells (rtnetlink(7))."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

SETTLE_S = 0.2
"""A change comes as many messages: links, addresses, routes."""
_LINK, _IPV4_ADDRESS, _IPV4_ROUTE, _IPV6_ADDRESS, _IPV6_ROUTE = 0x1, 0x10, 0x40, 0x100, 0x400
_GROUPS = _LINK | _IPV4_ADDRESS | _IPV4_ROUTE | _IPV6_ADDRESS | _IPV6_ROUTE
_ANYWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses reserved for documentation: nothing is sent to them."""
_BYTES = 1 << 16


class Uplink(NamedTuple):
    """From where the kernel would send: the IPv4 address, and the network of the IPv6 one; empty: nowhere.

    Of IPv6 the network only: a machine changes its own address in it by itself (RFC 8981).
    """

    address: str = ""
    network: str = ""


def present() -> Uplink:
    """Ask the kernel."""
    address, network = (_source(family, host) for family, host in _ANYWHERE)
    if network:
        network = str(ipaddress.IPv6Interface(f"{network.split('%')[0]}/64").network)
    return Uplink(address, network)


async def changes(look: Callable[[], Uplink] = present) -> AsyncIterator[None]:
    """Give one item each time that another uplink than before is there; none while there is none."""
    known = look()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK) as kernel:
        kernel.bind((0, _GROUPS))
        while True:
            await _told(kernel)
            now = look()
            if now not in (known, Uplink()):
                if known != Uplink():
                    yield None
                known = now


async def _told(kernel: socket.socket) -> None:
    """Wait until the kernel has told something, and then nothing for a while."""
    loop = asyncio.get_running_loop()
    limit_s: float | None = None
    with contextlib.suppress(TimeoutError):
        while True:
            async with asyncio.timeout(limit_s):
                # Messages that were lost because there were many (ENOBUFS) are news too.
                with contextlib.suppress(OSError):
                    await loop.sock_recv(kernel, _BYTES)
            limit_s = SETTLE_S


def _source(family: socket.AddressFamily, host: str) -> str:
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])
