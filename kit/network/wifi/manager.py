"""NetworkManager on the system bus, asked and told; one connection for each piece of work."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from kit.network import bus
from kit.network.bus import Bus, connected
from kit.network.networkmanager_objects import NAME, Objects

ROOT: Final = "/org/freedesktop/NetworkManager"
CONNECTION: Final = f"{NAME}.Settings.Connection"


class Manager:
    """Questions to NetworkManager. All of them raise :class:`kit.network.bus.Refused`."""

    def __init__(self, connection: Bus) -> None:
        self._bus = connection

    async def objects(self) -> Objects:
        """Return everything that it has on the bus, by path and interface."""
        found: Objects = await self._bus.objects(NAME, "/org/freedesktop")
        return found

    async def settings(self, profile: str) -> Mapping[str, Mapping[str, Any]]:
        """Return a profile without its secrets."""
        [settings] = await self.ask(profile, CONNECTION, "GetSettings")
        found: Mapping[str, Mapping[str, Any]] = settings
        return found

    async def name_servers(self) -> dict[str, list[str]]:
        """Return whom it asks for names, by the interface that gave them."""
        words = ("Get", "ss", f"{NAME}.DnsManager", "Configuration")
        [configured] = await self.ask(f"{ROOT}/DnsManager", bus.PROPERTIES, *words)
        servers: dict[str, list[str]] = {}
        for one in configured:
            servers.setdefault(str(one.get("interface", "")), []).extend(one.get("nameservers", ()))
        return servers

    async def process_id(self) -> int:
        """Return NetworkManager's own."""
        words = ("GetConnectionUnixProcessID", "s", NAME)
        [process_id] = await self._bus.ask(bus.NAME, bus.PATH, bus.NAME, *words)
        return int(process_id)

    async def ask(
        self, path: str, interface: str, member: str, signature: str = "", *words: Any
    ) -> list[Any]:
        """Call one method of NetworkManager."""
        return await self._bus.ask(NAME, path, interface, member, signature, *words)


@contextlib.asynccontextmanager
async def manager(address: str | None = None) -> AsyncIterator[Manager]:
    """Connect to the system's bus, or the one at ``address``; Refused when there is none."""
    async with connected(address) as connection:
        yield Manager(connection)
