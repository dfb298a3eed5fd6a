"""Each leg keeps to one uplink: the one that carried the machine when it began.

aioice offers every address of the machine, so that chance would say which uplink a call goes over. And a
socket that is bound to an address follows the default route all the same: when another uplink takes over, a
call that is still on the former one would send by the new interface with the old address, and nobody would
bring that back. There is no make before break then.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

import aioice.ice
import aioice.turn
import psutil

from kit.media import links
from kit.network import interface, uplink

IP_UNICAST_IF: Final = 50
IPV6_UNICAST_IF: Final = 76
"""<linux/in.h>, <linux/in6.h>: what is sent leaves by this interface, and its own route is looked up.

Unlike SO_BINDTODEVICE it leaves alone what is received: a room on this machine is heard by the loopback.
"""
LOOPBACK: Final = "lo"
MACHINE: Final = Path("/")

_uplinks: Final = ContextVar[frozenset[str]]("uplinks", default=frozenset())

HostAddresses = Callable[[bool, bool], list[str]]


def install() -> None:
    """Let what aioice makes keep to its uplink. For the whole process; after :func:`ice.add_loopback`."""
    ice, turn = vars(aioice)["ice"], vars(aioice)["turn"]
    ice.StunProtocol = KeepingProtocol
    ice.get_host_addresses = _of_one_uplink(ice.get_host_addresses)
    turn.TurnClientUdpProtocol, turn.TurnClientTcpProtocol = KeepingRelay, KeepingTcpRelay


async def look() -> None:
    """See which interfaces are uplinks, for what this task gathers next; all others are offered."""
    _uplinks.set(await asyncio.to_thread(uplink.leading_out, MACHINE))


def keep(sock: Any) -> None:
    """Send from a bound socket by the interface that has its address; one that none has is left as it is."""
    known = interfaces()
    name = known.get(sock.getsockname()[0], LOOPBACK)
    if name == LOOPBACK:
        return
    # The interface may be gone in this moment; then the path dies, as it should.
    with suppress(OSError):
        if sock.type == socket.SOCK_DGRAM:
            _send_by(sock, socket.if_nametoindex(name))
        elif sock.getpeername()[0] not in known:
            # TCP does not heed IP_UNICAST_IF.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode())


def interfaces() -> Mapping[str, str]:
    """Which interface has which address."""
    return {
        entry.address.partition("%")[0]: name
        for name, entries in psutil.net_if_addrs().items()
        for entry in entries
    }


def _send_by(sock: Any, index: int) -> None:
    wanted = struct.pack("!I", index)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_UNICAST_IF, wanted)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_UNICAST_IF, wanted)


class _Keeping(asyncio.BaseProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep to the interface from the first packet on. What a relay gives has no socket of its own."""
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            keep(sock)


class KeepingProtocol(_Keeping, aioice.ice.StunProtocol):
    """Of one socket that sends media."""


class KeepingRelay(_Keeping, aioice.turn.TurnClientUdpProtocol):
    """Of one that sends it to a relay."""


class KeepingTcpRelay(_Keeping, aioice.turn.TurnClientTcpProtocol):
    """Of one that sends it to a relay by TCP or TLS."""


def _of_one_uplink(every: HostAddresses) -> HostAddresses:
    """Leave out of a machine's addresses those of uplinks that stand by; what leads nowhere is no uplink.

    Where this task has chosen an interface, those of that one only.
    """

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        found = every(use_ipv4, use_ipv6)
        where = interfaces()
        if chosen := interface.chosen().interface:
            return [address for address in found if where.get(address) == chosen]
        carriers = [where[source] for source in links.sources() if source in where]
        if not carriers:
            return found
        others = _uplinks.get() - {carriers[0]}
        return [address for address in found if where.get(address) not in others]

    return addresses
