"""Whether the region's server answers through one interface, whichever carries the default route."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

LIMIT_S: Final = 3.0
MOST_ADDRESSES: Final = 2
HTTPS: Final = 443


async def answers(address: str, interface: str) -> bool:
    """Connect by TCP to ``name`` or ``name:port``, and close again; some 200 bytes."""
    host, _, port = address.rpartition(":") if ":" in address else (address, "", str(HTTPS))
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LIMIT_S):
            found = await loop.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
            for family, kind, protocol, _, where in found[:MOST_ADDRESSES]:
                if await _connects(socket.socket(family, kind, protocol), where, interface):
                    return True
    except (OSError, ValueError, TimeoutError):
        return False
    return False


async def _connects(tried: socket.socket, where: object, interface: str) -> bool:
    with tried:
        tried.setblocking(False)
        try:
            # Allowed to anybody since Linux 5.7; the route is then looked for among those of the interface.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
            await asyncio.get_running_loop().sock_connect(tried, where)  # type: ignore[arg-type]
        except OSError:
            return False
    return True
