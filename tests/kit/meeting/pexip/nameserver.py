"""A DNS server with the SRV records that a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class Record(NamedTuple):
    name: str
    priority: int
    weight: int
    port: int
    target: str


class NameServer(asyncio.DatagramProtocol):
    """Answers over UDP; with ``silent`` it does not."""

    def __init__(self, records: Sequence[Record], *, silent: bool = False) -> None:
        self.records = records
        self.silent = silent
        self.asked: list[str] = []
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text(omit_final_dot=True)
        self.asked.append(name)
        if self.silent:
            return
        answer = dns.message.make_response(query)
        found = [f"{r.priority} {r.weight} {r.port} {r.target}." for r in self.records if r.name == name]
        if found:
            answer.answer.append(dns.rrset.from_text(name + ".", 60, "IN", "SRV", *found))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        assert self._transport is not None
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def serving(
    *records: Record, silent: bool = False
) -> AsyncIterator[tuple[NameServer, dns.asyncresolver.Resolver]]:
    """The server, and a resolver that asks it and no other."""
    server = NameServer(records, silent=silent)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: server, local_addr=("127.0.0.1", 0)
    )
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    yield server, resolver
    transport.close()
