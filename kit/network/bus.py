"""The system bus: one way to call a method, with a deadline and one rule for what an error may say.

The words of an error may name networks, operators or people. Only its D-Bus name leaves this module, so
that a log, a report or an exception cannot hold more. Nothing here starts a service that is away: where
nobody looks after modems, the bus shall not begin to just because the kit asks.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

from dbus_fast import BusType, Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError
from dbus_fast.unpack import unpack_variants

ANSWER_S: Final = 10.0
"""Services answer from memory within milliseconds; on a busy machine within seconds."""
NAME: Final = "org.freedesktop.DBus"
PATH: Final = "/org/freedesktop/DBus"
PROPERTIES: Final = f"{NAME}.Properties"
OBJECTS: Final = f"{NAME}.ObjectManager"
_GONE: Final = frozenset({f"{NAME}.Error.UnknownMethod", f"{NAME}.Error.UnknownObject"})
_AWAY: Final = (OSError, EOFError, DBusFastError)
"""What dbus-fast raises when the bus goes away; TimeoutError is an OSError."""


class Refused(Exception):  # noqa: N818 - it names what happened
    """The bus or whoever was asked is away, or said no. ``name``, and its text, is the error's own name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Vanished(Refused):
    """There is no such object any more."""


class Bus:
    """A connection to the bus, made by :func:`connected`."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self.stirred = asyncio.Event()
        """Set by each signal that was asked for, and when the connection ends."""

    @property
    def ended(self) -> bool:
        """Whether the connection is gone."""
        return not self._bus.connected

    async def ask(
        self,
        to: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        *words: Any,
        limit_s: float = ANSWER_S,
    ) -> list[Any]:
        """Call one method; what it answers, without variants. Raises Refused."""
        answer = await self.typed(to, path, interface, member, signature, *words, limit_s=limit_s)
        plain: list[Any] = unpack_variants(answer)
        return plain

    async def typed(
        self,
        to: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        *words: Any,
        limit_s: float = ANSWER_S,
    ) -> list[Any]:
        """Do the same for what is sent back later: variants stay, as they hold the types."""
        if self.ended:
            raise Refused("disconnected")
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
            async with asyncio.timeout(limit_s):
                answer = await self._bus.call(message)
        except _AWAY as error:
            raise Refused(type(error).__name__) from None
        if answer is None or answer.message_type is MessageType.ERROR:
            said = (answer.error_name if answer else None) or "no answer"
            raise Vanished(said) if said in _GONE else Refused(said)
        return list(answer.body)

    async def objects(self, of: str, root: str) -> Any:
        """Return everything a service has on the bus, by path and interface, without variants."""
        [objects] = await self.ask(of, root, OBJECTS, "GetManagedObjects")
        return objects

    def heard(self, message: Message) -> None:
        """Take what comes without being an answer."""
        if message.message_type is MessageType.SIGNAL:
            self.stirred.set()

    async def watch(self) -> None:
        """Wait for the connection's end."""
        try:
            with contextlib.suppress(*_AWAY):
                await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        finally:
            self.stirred.set()


@contextlib.asynccontextmanager
async def connected(address: str | None = None, *rules: str) -> AsyncIterator[Bus]:
    """Connect to the system's bus, or the one at ``address``, and ask for the signals of ``rules``.

    Raises Refused when there is no bus.
    """
    made = MessageBus(bus_address=address, bus_type=BusType.SYSTEM)
    bus = Bus(made)
    made.add_message_handler(bus.heard)
    try:
        async with asyncio.timeout(ANSWER_S):
            await made.connect()
    except _AWAY as error:
        raise Refused(type(error).__name__) from None
    watching = asyncio.create_task(bus.watch())
    try:
        for rule in rules:
            await bus.ask(NAME, PATH, NAME, "AddMatch", "s", rule)
        yield bus
    finally:
        watching.cancel()
        made.disconnect()


def owner_changes(of: str) -> str:
    """Return the rule for a service that comes or goes."""
    return f"type='signal',sender='{NAME}',interface='{NAME}',member='NameOwnerChanged',arg0='{of}'"
