"""ModemManager on the system bus: the one modem that counts, each time that something about it changes.

Every signal of ModemManager means only: read it all again. That is one call and some kilobytes for each
handful of changes, and nothing that was missed or came in another order can make the kit wrong about it.
https://www.freedesktop.org/software/ModemManager/doc/latest/ModemManager/
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Any, Final, NamedTuple, Protocol

import structlog
from dbus_fast import BusType, Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError, DBusFastError
from dbus_fast.unpack import unpack_variants
from msgspec.structs import replace

from kit.ipc.network import SimState
from kit.network.modemmanager_objects import (
    MODEM,
    NAME,
    ROOT,
    SIGNAL,
    Held,
    interface_of,
    understood,
)

SIM: Final = f"{NAME}.Sim"
BEARER: Final = f"{NAME}.Bearer"
BUS: Final = "org.freedesktop.DBus"
MATCHES: Final = (
    f"type='signal',sender='{NAME}',path_namespace='{ROOT}'",
    f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',arg0='{NAME}'",
)
INCORRECT_PIN: Final = f"{NAME}.Error.MobileEquipment.IncorrectPassword"

SETTLE_S: Final = 0.1
CALL_S: Final = 15.0
WORK_S: Final = 120.0
"""For what the modem itself does: turning its radio on takes some of them a minute."""
RECONNECT_S: Final = 5.0
MOST_CARD: Final = 64
TROUBLES: Final = (OSError, EOFError, DBusFastError)
"""Of a bus that goes away (also TimeoutError, which is an OSError), and errors that are answers."""

log = structlog.get_logger()


class Unlocked(Enum):
    """What became of a PIN."""

    OPEN = auto()
    REFUSED = auto()
    UNCLEAR = auto()
    """The modem was busy, or gone: nobody knows whether the card has seen it."""


class Modems(Protocol):
    """What the kit needs of whatever looks after modems. Nothing is raised for what D-Bus or a modem does."""

    async def follow(self, heard: Callable[[Held], None]) -> None:
        """Tell what there is now, and after each change, until cancelled."""
        ...

    async def card(self, held: Held) -> str:
        """What the card is known by; empty where it does not tell. Never for a log."""
        ...

    async def unlock(self, held: Held, pin: str) -> Unlocked:
        """Give the card its PIN. Each call may cost a try."""
        ...

    async def enable(self, held: Held) -> bool:
        """Turn the radio on and let it register; whether it did."""
        ...

    async def measure(self, held: Held, every_s: int) -> bool:
        """Have the signal measured; whether the modem can."""
        ...


class Call(NamedTuple):
    """A method of an object of ModemManager."""

    path: str
    interface: str
    member: str
    signature: str = ""
    arguments: tuple[Any, ...] = ()


class ModemManager:
    """The real one (see :class:`Modems`)."""

    def __init__(self, bus_address: str | None = None) -> None:
        """Without an address the system bus."""
        self._address = bus_address
        self._bus: MessageBus | None = None
        self._changed = asyncio.Event()

    async def follow(self, heard: Callable[[Held], None]) -> None:
        """See :meth:`Modems.follow`. A bus that is gone is tried again."""
        while True:
            with suppress(*TROUBLES):
                await self._follow_once(heard)
            heard(Held(seen=SimState.NO_SERVICE))
            await asyncio.sleep(RECONNECT_S)

    async def card(self, held: Held) -> str:
        """See :meth:`Modems.card`."""
        found = await self._ask(Call(held.sim, f"{BUS}.Properties", "Get", "ss", (SIM, "SimIdentifier")))
        return found[:MOST_CARD] if isinstance(found, str) else ""

    async def unlock(self, held: Held, pin: str) -> Unlocked:
        """See :meth:`Modems.unlock`."""
        try:
            await self._call(Call(held.sim, SIM, "SendPin", "s", (pin,)), WORK_S)
        except DBusError as error:
            return Unlocked.REFUSED if error.type == INCORRECT_PIN else Unlocked.UNCLEAR
        except TROUBLES:
            return Unlocked.UNCLEAR
        return Unlocked.OPEN

    async def enable(self, held: Held) -> bool:
        """See :meth:`Modems.enable`."""
        return await self._does(Call(held.modem, MODEM, "Enable", "b", (True,)))

    async def measure(self, held: Held, every_s: int) -> bool:
        """See :meth:`Modems.measure`."""
        return await self._does(Call(held.modem, SIGNAL, "Setup", "u", (every_s,)))

    async def _follow_once(self, heard: Callable[[Held], None]) -> None:
        bus = MessageBus(bus_address=self._address, bus_type=BusType.SYSTEM)
        async with asyncio.timeout(CALL_S):
            await bus.connect()
        end = asyncio.create_task(self._note_end(bus))
        bus.add_message_handler(self._note)
        self._bus = bus
        try:
            for rule in MATCHES:
                await self._call(Call("/org/freedesktop/DBus", BUS, "AddMatch", "s", (rule,)), to=BUS)
            while bus.connected:
                self._changed.clear()
                heard(await self._read())
                await self._changed.wait()
                # Changes come in handfuls, which are read at once.
                await asyncio.sleep(SETTLE_S)
        finally:
            self._bus = None
            end.cancel()
            bus.remove_message_handler(self._note)
            bus.disconnect()

    def _note(self, message: Message) -> None:
        about = (message.path or "").startswith(ROOT) or message.member == "NameOwnerChanged"
        if message.message_type is MessageType.SIGNAL and about:
            self._changed.set()

    async def _note_end(self, bus: MessageBus) -> None:
        try:
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        except TROUBLES:
            log.info("bus_gone")
        finally:
            self._changed.set()

    async def _read(self) -> Held:
        try:
            objects = await self._call(Call(ROOT, f"{BUS}.ObjectManager", "GetManagedObjects"))
        except TROUBLES:
            return Held(seen=SimState.NO_SERVICE)
        held, bearers = understood(objects)
        for path in bearers:
            found = await self._ask(Call(path, f"{BUS}.Properties", "GetAll", "s", (BEARER,)))
            if interface := interface_of(found):
                return replace(held, interface=interface)
        return held

    async def _does(self, call: Call) -> bool:
        try:
            await self._call(call, WORK_S)
        except TROUBLES as error:
            # The error's text may name the operator, its type does not.
            reason = error.type if isinstance(error, DBusError) else type(error).__name__
            log.info("modem_did_not", member=call.member, reason=reason.rpartition(".")[2])
            return False
        return True

    async def _ask(self, call: Call) -> object:
        """What a property is; None where nobody says."""
        try:
            return await self._call(call)
        except TROUBLES:
            return None

    async def _call(self, call: Call, limit_s: float = CALL_S, to: str = NAME) -> object:
        """The first value that is answered, free of variants. Of TROUBLES."""
        if self._bus is None or not call.path:
            raise ConnectionError
        message = Message(
            destination=to,
            path=call.path,
            interface=call.interface,
            member=call.member,
            signature=call.signature,
            body=list(call.arguments),
            # Where nothing looks after modems, the bus shall not start it just because the kit asks.
            flags=MessageFlag.NO_AUTOSTART,
        )
        async with asyncio.timeout(limit_s):
            reply = await self._bus.call(message)
        if reply.message_type is MessageType.ERROR:
            raise DBusError(reply.error_name or f"{NAME}.Error", "")
        return unpack_variants(reply.body[0]) if reply.body else None
