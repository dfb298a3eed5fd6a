"""Which nodes serve a meeting service: SRV ``_pexapp._tcp.<host>`` first, then the host itself.

DNS says what anybody on the way makes it say, and the certificate only proves that a node is who it says it
is. So a node that DNS names is contacted only when its own name is allowed: it is the host of the invitation,
a name below it, or an entry of the allow-list. TLS is verified against the node's name in every case.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import dns.asyncresolver
import dns.exception
import dns.rdtypes.IN.SRV

from kit.network import interface

DNS_S = 1.5
MAX_NODES = 8
_HTTPS = 443

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""From a service's name to ``host:port`` of its nodes, the preferred first; empty when there are none."""


async def srv(name: str) -> Sequence[str]:
    """Look a service up where this task asks for names, read anew: the network may have changed."""
    with contextlib.suppress(dns.exception.DNSException, OSError):
        return await lookup(name, await asyncio.to_thread(interface.resolver))
    return ()


async def lookup(name: str, resolver: dns.asyncresolver.Resolver) -> Sequence[str]:
    """Ask this resolver; raises what dnspython raises."""
    answer = await resolver.resolve(name, "SRV", lifetime=DNS_S, search=False)
    records = answer.rrset.processing_order() if answer.rrset is not None else []
    return tuple(
        f"{target.lower()}:{record.port}"
        for record in records
        if isinstance(record, dns.rdtypes.IN.SRV.SRV)
        and (target := record.target.to_text(omit_final_dot=True)) not in {"", "."}
    )


async def candidates(host: str, allowed: Sequence[str], resolve: Resolve = srv) -> tuple[str, ...]:
    """Nodes to try for an invitation's host, in order; a host with a port is a node by itself.

    ``allowed`` is the allow-list, ``name`` or ``name:port``. What may not be contacted is left out.
    """
    if ":" in host:
        return (host,)
    found = await resolve(f"_pexapp._tcp.{host}")
    fits = [node for node in found if may_contact(node, host, allowed)]
    return tuple(dict.fromkeys(fits))[:MAX_NODES] or (host,)


def may_contact(node: str, host: str, allowed: Sequence[str]) -> bool:
    """Whether a node ``name:port`` that DNS named for ``host`` is allowed by its own name."""
    name, _, port = node.lower().rpartition(":")
    own = host.lower()
    if not name.isascii() or not port.isdigit() or not 0 < int(port) <= 65535:
        return False
    below = "." in own and name.endswith("." + own)
    entries = {entry.lower() for entry in allowed}
    listed = node.lower() in entries or (int(port) == _HTTPS and name in entries)
    return name == own or below or listed
