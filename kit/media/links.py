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
KERNEL_LATE_S, AGENT_LATE_S = 2.0, 7.0
"""How long after the other one each may still tell of the same change; the agent looks every 5 s."""
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
    address, network = sources()
    if network:
        network = str(ipaddress.IPv6Interface(f"{network.split('%')[0]}/64").network)
    return Uplink(address, network)


def sources() -> tuple[str, str]:
    """From which address the kernel would send by IPv4 and by IPv6; empty: it would not."""
    address, network = (_source(family, host) for family, host in _ANYWHERE)
    return address, network


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


class Tidings:
    """The kernel tells of each new address, the agent also of another network that gives the same one.

    What both tell is one change. Seconds of a monotonic clock come in.
    """

    def __init__(self) -> None:
        self._kernel = self._agent = float("-inf")

    def from_kernel(self, now: float) -> bool:
        """Whether what the kernel tells is news."""
        self._kernel = now
        return now - self._agent > KERNEL_LATE_S

    def from_agent(self, now: float) -> bool:
        """Whether what the agent tells is news."""
        self._agent = now
        return now - self._kernel > AGENT_LATE_S


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
        probe.setblocking(False)
        try:
            probe.connect((host, 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])
