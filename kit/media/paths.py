"""Each leg keeps to the interface on which it began.

A socket that is bound to an address follows the default route all the same. When another uplink takes over,
a call that is still on the former one would send by the new interface with the old address, and nobody would
bring that back: no make before break.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any, Final

import aioice.ice
import psutil

IP_UNICAST_IF: Final = 50
IPV6_UNICAST_IF: Final = 76
"""<linux/in.h>, <linux/in6.h>: what is sent leaves by this interface, and its own route is looked up.

Unlike SO_BINDTODEVICE it needs no capability and leaves alone what is received.
"""


def install() -> None:
    """Let the sockets that aioice makes keep to their interface. For the whole process."""
    vars(aioice)["ice"].StunProtocol = KeepingProtocol


def keep(sock: Any) -> None:
    """Send from a bound socket by the interface that has its address; one that none has is left as it is."""
    address = sock.getsockname()[0]
    index = _interface_of(address)
    if index is None:
        return
    wanted = struct.pack("!I", index)
    # The interface may be gone in this moment; then the path dies, as it should.
    with suppress(OSError):
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_UNICAST_IF, wanted)
        else:
            sock.setsockopt(socket.IPPROTO_IP, IP_UNICAST_IF, wanted)


class KeepingProtocol(aioice.ice.StunProtocol):
    """Of one socket that sends media."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep to the interface from the first packet on. A relay's transport has no socket here."""
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            keep(sock)


def _interface_of(address: str) -> int | None:
    """Its index; None for the loopback, which leads nowhere else."""
    for name, entries in psutil.net_if_addrs().items():
        if name != "lo" and any(entry.address.partition("%")[0] == address for entry in entries):
            with suppress(OSError):
                return socket.if_nametoindex(name)
    return None
