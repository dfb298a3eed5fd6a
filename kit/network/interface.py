"""One interface for all that a task connects and asks, whichever carries the default route.

Libraries make their sockets themselves, look names up themselves, and hand on no option that must be set
before. So the engine's sockets are of a class that looks at what its task was told, and its loops ask for
names where that says.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any, Final

import dns.asyncresolver
import dns.exception
from msgspec import Struct

NAMES_S: Final = 5.0
_KINDS: Final = {socket.AF_INET: "A", socket.AF_INET6: "AAAA"}


class Way(Struct, frozen=True, kw_only=True):
    """Through which interface, and whom there is asked for names. Empty: as everybody does."""

    interface: str = ""
    name_servers: tuple[str, ...] = ()
    """Addresses. Without any the machine's resolver is asked, which asks by the uplink in use."""


_EVERYBODYS: Final = Way()
_chosen: Final = ContextVar("way", default=_EVERYBODYS)


def chosen() -> Way:
    """Return the way that this task goes."""
    return _chosen.get()


@contextmanager
def through(way: Way) -> Iterator[None]:
    """Connect by this way only, in this task and those that it starts."""
    before = _chosen.set(way)
    try:
        yield
    finally:
        _chosen.reset(before)


def resolver() -> dns.asyncresolver.Resolver:
    """Return who tells this task what names mean. Reads a file of the machine where that is everybody's."""
    servers = chosen().name_servers
    made = dns.asyncresolver.Resolver(configure=not servers)
    if servers:
        made.nameservers = list(servers)
    return made


class ChoosingSocket(socket.socket):
    """A socket that keeps to the interface of the task that makes it."""

    def __init__(self, *words: Any, **named: Any) -> None:
        """OSError when there is no such interface."""
        super().__init__(*words, **named)
        if (interface := _chosen.get().interface) and self.family in _KINDS:
            try:
                # Allowed to anybody since Linux 5.7; routes of other interfaces are not looked at then.
                self.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
            except OSError:
                self.close()
                raise


def install() -> None:
    """Let :func:`through` work. For the whole process."""
    vars(socket)["socket"] = ChoosingSocket
    setattr(asyncio.BaseEventLoop, "getaddrinfo", _getaddrinfo)  # noqa: B010 - mypy refuses the plain way


async def _getaddrinfo(
    loop: asyncio.BaseEventLoop,
    host: bytes | str | None,
    port: bytes | str | int | None,
    *,
    family: int = 0,
    type: int = 0,  # noqa: A002 - as the loop's own
    proto: int = 0,
    flags: int = 0,
) -> list[Any]:
    """See :meth:`asyncio.loop.getaddrinfo`. A chosen way's name servers know no names of /etc/hosts."""
    if not chosen().name_servers or not isinstance(host, str) or _is_address(host):
        return await _everybodys(loop, host, port, family=family, type=type, proto=proto, flags=flags)
    kinds = [kind for of, kind in _KINDS.items() if family in (socket.AF_UNSPEC, of)]
    asked = resolver()
    answers = await asyncio.gather(*(_addresses(asked, host, kind) for kind in kinds))
    found = []
    for address in itertools.chain(*answers):
        found += socket.getaddrinfo(address, port, family, type, proto, socket.AI_NUMERICHOST)
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "not known")
    return found


async def _addresses(asked: dns.asyncresolver.Resolver, host: str, kind: str) -> list[str]:
    """Ask for one kind of address; nothing where it fails: routers refuse the kind that they do not know."""
    with contextlib.suppress(dns.exception.DNSException, OSError):
        answer = await asked.resolve(host, kind, lifetime=NAMES_S, search=False)
        return [record.to_text() for record in answer]
    return []


_everybodys: Final = asyncio.BaseEventLoop.getaddrinfo


def _is_address(host: str) -> bool:
    with contextlib.suppress(ValueError):
        ip_address(host.partition("%")[0])
        return True
    return False
