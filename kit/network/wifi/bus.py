"""NetworkManager on the system bus, asked and told; one connection for each piece of work.

Its errors' words may hold names of networks: only the error's own name leaves this module.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from dbus_fast import BusType, Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError
from dbus_fast.unpack import unpack_variants

from kit.network.networkmanager_objects import NAME, Objects

ANSWER_S: Final = 5.0
ROOT: Final = "/org/freedesktop/NetworkManager"
SETTINGS: Final = f"{ROOT}/Settings"
CONNECTION: Final = f"{NAME}.Settings.Connection"
_BUS: Final = "org.freedesktop.DBus"
_GONE: Final = frozenset({f"{_BUS}.Error.UnknownMethod", f"{_BUS}.Error.UnknownObject"})


class Silent(Exception):  # noqa: N818 - it names what happened
    """Bus or NetworkManager are away, or said no. Its text is the error's name."""


class Vanished(Silent):
    """There is no such object any more."""


class Manager:
    """A connection to the bus, for questions to NetworkManager."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus

    async def objects(self) -> Objects:
        """Return everything that it has on the bus, by path and interface, without variants."""
        [objects] = await self.ask("/org/freedesktop", f"{_BUS}.ObjectManager", "GetManagedObjects")
        found: Objects = objects
        return found

    async def settings(self, profile: str) -> Mapping[str, Mapping[str, Any]]:
        """Return a profile without its secrets."""
        [settings] = await self.ask(profile, CONNECTION, "GetSettings")
        found: Mapping[str, Mapping[str, Any]] = settings
        return found

    async def process_id(self) -> int:
        """Return NetworkManager's own."""
        words = ("GetConnectionUnixProcessID", "s", NAME)
        [process_id] = await self.ask("/org/freedesktop/DBus", _BUS, *words, to=_BUS)
        return int(process_id)

    async def ask(
        self, path: str, interface: str, member: str, signature: str = "", *words: Any, to: str = NAME
    ) -> list[Any]:
        """Call one method; Silent when there is no answer, or an error for one."""
        message = Message(
            destination=to,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(words),
            flags=MessageFlag.NO_AUTOSTART,
        )
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await self._bus.call(message)
        except (OSError, EOFError, DBusFastError) as error:
            raise Silent(type(error).__name__) from None
        if answer is None or answer.message_type is MessageType.ERROR:
            said = answer.error_name if answer else None
            raise (Vanished if said in _GONE else Silent)(said or "no answer")
        body: list[Any] = unpack_variants(answer.body)
        return body


@contextlib.asynccontextmanager
async def manager(address: str | None = None) -> AsyncIterator[Manager]:
    """Connect to the system's bus, or the one at ``address``; Silent when there is none."""
    bus = MessageBus(bus_address=address, bus_type=BusType.SYSTEM)
    try:
        async with asyncio.timeout(ANSWER_S):
            await bus.connect()
    except (OSError, EOFError, DBusFastError) as error:
        raise Silent(type(error).__name__) from None
    try:
        yield Manager(bus)
    finally:
        bus.disconnect()
