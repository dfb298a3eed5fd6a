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
from typing import Any, Final, Protocol

import structlog
from msgspec.structs import replace

from kit.ipc.network import SimState
from kit.network.bus import ANSWER_S, PROPERTIES, Bus, Refused, connected, owner_changes
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
MATCHES: Final = (f"type='signal',sender='{NAME}',path_namespace='{ROOT}'", owner_changes(NAME))
INCORRECT_PIN: Final = f"{NAME}.Error.MobileEquipment.IncorrectPassword"

SETTLE_S: Final = 0.1
WORK_S: Final = 120.0
"""For what the modem itself does: turning its radio on takes some of them a minute."""
RECONNECT_S: Final = 5.0
MOST_CARD: Final = 64

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


class ModemManager:
    """The real one (see :class:`Modems`)."""

    def __init__(self, bus_address: str | None = None) -> None:
        """Without an address the system bus."""
        self._address = bus_address
        self._bus: Bus | None = None

    async def follow(self, heard: Callable[[Held], None]) -> None:
        """See :meth:`Modems.follow`. A bus that is gone is tried again."""
        while True:
            with suppress(Refused):
                await self._follow_once(heard)
            heard(Held(seen=SimState.NO_SERVICE))
            await asyncio.sleep(RECONNECT_S)

    async def card(self, held: Held) -> str:
        """See :meth:`Modems.card`."""
        with suppress(Refused):
            found = await self._ask(held.sim, PROPERTIES, "Get", "ss", SIM, "SimIdentifier")
            return found[:MOST_CARD] if isinstance(found, str) else ""
        return ""

    async def unlock(self, held: Held, pin: str) -> Unlocked:
        """See :meth:`Modems.unlock`."""
        try:
            await self._ask(held.sim, SIM, "SendPin", "s", pin, limit_s=WORK_S)
        except Refused as refused:
            return Unlocked.REFUSED if refused.name == INCORRECT_PIN else Unlocked.UNCLEAR
        return Unlocked.OPEN

    async def enable(self, held: Held) -> bool:
        """See :meth:`Modems.enable`."""
        return await self._does(held.modem, MODEM, "Enable", "b", True)

    async def measure(self, held: Held, every_s: int) -> bool:
        """See :meth:`Modems.measure`."""
        return await self._does(held.modem, SIGNAL, "Setup", "u", every_s)

    async def _follow_once(self, heard: Callable[[Held], None]) -> None:
        async with connected(self._address, *MATCHES) as bus:
            self._bus = bus
            try:
                while not bus.ended:
                    bus.stirred.clear()
                    heard(await self._read(bus))
                    await bus.stirred.wait()
                    # Changes come in handfuls, which are read at once.
                    await asyncio.sleep(SETTLE_S)
            finally:
                self._bus = None

    async def _read(self, bus: Bus) -> Held:
        try:
            held, bearers = understood(await bus.objects(NAME, ROOT))
        except Refused:
            return Held(seen=SimState.NO_SERVICE)
        for path in bearers:
            with suppress(Refused):
                [found] = await bus.ask(NAME, path, PROPERTIES, "GetAll", "s", BEARER)
                if interface := interface_of(found):
                    return replace(held, interface=interface)
        return held

    async def _does(self, path: str, interface: str, member: str, signature: str, word: object) -> bool:
        try:
            await self._ask(path, interface, member, signature, word, limit_s=WORK_S)
        except Refused as refused:
            log.info("modem_did_not", member=member, reason=refused.name.rpartition(".")[2])
            return False
        return True

    async def _ask(
        self,
        path: str,
        interface: str,
        member: str,
        signature: str,
        *words: Any,
        limit_s: float = ANSWER_S,
    ) -> object:
        """The first value that is answered. Raises Refused."""
        if self._bus is None or not path:
            raise Refused("disconnected")
        answer = await self._bus.ask(NAME, path, interface, member, signature, *words, limit_s=limit_s)
        return answer[0] if answer else None
