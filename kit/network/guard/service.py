"""The guard: what the firewall is like, and whether anything is left of a patient's network.

The strict form holds from the start and whenever nobody holds another: on any Wi-Fi the kit is a guest. The
kit's own form is in force only while the agent holds the connection on which it asked for it, and only
after this process itself has seen that nothing is left of a patient's network.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

import structlog
from msgspec import Struct

from kit.network.firewall import Firewall, Guest, Service
from kit.network.guard import words
from kit.network.guard.region import Addresses, Named
from kit.network.guard.words import Answer, Own, Unreadable, Word
from kit.network.wifi.traces import Trace

log = structlog.get_logger()

LOOK_S: Final = 30.0
"""Addresses of a name change within minutes (its TTL) and stay in use for longer."""
LOOK_AGAIN_S: Final = 1.0
"""While a name has not led anywhere: the network may have come just now."""
ANSWER_S: Final = 5.0
"""For a name server. What comes later is taken the next time."""
WIRELESS: Final = "wl*"
"""How udev and the kernel name Wi-Fi."""

Apply = Callable[[Firewall], Awaitable[bool]]
LookUp = Callable[[str], Awaitable[frozenset[str]]]


class Removes(Protocol):
    """:class:`kit.network.wifi.removal.Removal`, or what stands for it."""

    async def profiles(self) -> int:
        """How many profiles are not from provisioning."""
        ...

    async def remove(self) -> frozenset[Trace]:
        """Remove; what is left."""
        ...


class Servers(Struct, frozen=True, kw_only=True):
    """The region's."""

    networks: tuple[Service, ...] = ()
    named: tuple[Named, ...] = ()


STRICT: Final = Guest(interface=WIRELESS)


class Guard:
    """One firewall. Serves one connection at a time."""

    def __init__(
        self,
        servers: Servers,
        removal: Removes,
        apply: Apply,
        look_up: LookUp,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = servers
        self._removal = removal
        self._apply = apply
        self._look_up = look_up
        self._clock = clock
        self._addresses = Addresses()
        self._guest: Guest | None = STRICT
        self._in_force: Firewall | None = None
        self._changing = asyncio.Lock()
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()

    async def close(self) -> bool:
        """Put the strict form in force; False when the kernel would not take it."""
        return await self._be(STRICT)

    async def follow_names(self) -> None:
        """Keep up with where names lead, until cancelled."""
        while True:
            self._changed.clear()
            known = await self._look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S if known else LOOK_AGAIN_S):
                    await self._changed.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends; another one waits for that."""
        async with self._turn:
            try:
                while line := await reader.readline():
                    writer.write(words.encode(await self._answer(words.read_word(line))))
                    await writer.drain()
            except (Unreadable, ValueError, OSError) as error:
                log.warning("guard_connection_dropped", error=type(error).__name__)
            finally:
                writer.close()
                await self.close()

    async def _answer(self, word: Word) -> Answer:
        match word:
            case Own():
                return await self._own()
            case words.Still():
                return Answer(done=await self._put_in_force())
        self._addresses.forget()
        done = await self._be(Guest(interface=WIRELESS, resolvers=word.resolvers))
        if done and word.resolvers:
            await self._look()
        return Answer(done=done)

    async def _own(self) -> Answer:
        profiles = await self._removal.profiles()
        left = await self._removal.remove()
        if left:
            return Answer(done=False, profiles=profiles, left=left)
        self._addresses.forget()
        return Answer(done=await self._be(None), profiles=profiles)

    async def _be(self, guest: Guest | None) -> bool:
        self._guest = guest
        done = await self._put_in_force()
        self._changed.set()
        return done

    async def _look(self) -> bool:
        """Ask for all names, and let the firewall follow; True when each has led somewhere."""
        hosts = sorted({named.host for named in self._servers.named})
        guest = self._guest
        found = await asyncio.gather(*map(self._found, hosts))
        if guest == self._guest:
            for host, addresses in zip(hosts, found, strict=True):
                self._addresses.heard(host, addresses, self._clock())
        await self._put_in_force()
        return all(self._addresses.of(host, self._clock()) for host in hosts)

    async def _found(self, host: str) -> frozenset[str]:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._look_up(host)
        except OSError:
            return frozenset()

    async def _put_in_force(self) -> bool:
        async with self._changing:
            firewall = Firewall(services=(*self._servers.networks, *self._named()), guest=self._guest)
            if firewall == self._in_force:
                return True
            done = await self._apply(firewall)
            # What the kernel did not take is tried again.
            self._in_force = firewall if done else None
            if not done:
                log.error("firewall_not_applied")
            return done

    def _named(self) -> Iterable[Service]:
        now = self._clock()
        for named in self._servers.named:
            if addresses := self._addresses.of(named.host, now):
                yield named.at(addresses)


async def by_resolver(host: str) -> frozenset[str]:
    """Ask the machine's resolver, as every process of the kit does. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return frozenset(str(where[0]).partition("%")[0] for *_, where in found)
