"""NetworkManager on the system bus: what its devices are like, and which of them carries the default route.

Each connection of a kit is always up, with a route metric at which it stands by. Whoever is to carry gets a
metric before all those, by applying its connection anew (``Reapply``). NetworkManager 1.42 and 1.52 do that
without a moment's break: the new route is there before the old one goes, and address and lease stay. Should
the agent be away, the metrics at which connections stand by still give the right order.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Protocol

import structlog
from dbus_fast import BusType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusError

from kit.ipc.network import Uplink
from kit.network.networkmanager_objects import DEVICE, NAME, Device, Observed, observe
from kit.network.uplinks import ORDER

STANDING_BY: Final = {uplink: 1101 + number for number, uplink in enumerate(ORDER)}
"""Route metrics in the profiles, behind those that NetworkManager gives of its own accord (100, 600, 700)."""
CARRYING: Final = {uplink: 51 + number for number, uplink in enumerate(ORDER)}
"""Each uplink has its own: while two hold one, for a moment, the better one carries, and never a third."""
SETTLE_S: Final = 0.03
"""What changes comes as many signals."""
ANSWER_S: Final = 5.0
AGAIN_S: Final = 2.0
_BUS: Final = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
_ROOT: Final = "/org/freedesktop"
_OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"
_FAMILIES: Final = ("ipv4", "ipv6")
_MATCHES: Final = (
    f"type='signal',sender='{NAME}',interface='org.freedesktop.DBus.Properties'",
    f"type='signal',sender='{NAME}',interface='{_OBJECTS}'",
    f"type='signal',sender='{_BUS[0]}',member='NameOwnerChanged',arg0='{NAME}'",
)

log = structlog.get_logger()


class Refused(Exception):  # noqa: N818 - it names what happened
    """NetworkManager or the bus said no. Says the error's name: the error's words may name networks."""


class Uplinks(Protocol):
    """Whoever holds the kit's connections."""

    def changes(self) -> AsyncIterator[Observed]:
        """What it is like now, and again each time that it differs; never ends, never raises."""
        ...

    async def carry(self, uplink: Uplink) -> bool:
        """Give ``uplink`` the default route, and leave the others up; False when that could not be done."""
        ...


class NetworkManager:
    """The real one. A bus or a service that is away is ``Observed(present=False)``, and is asked again."""

    def __init__(self, bus_address: str | None = None) -> None:
        """The system's bus, or the one at ``bus_address``."""
        self._address = bus_address
        self._bus: MessageBus | None = None
        self._stirred = asyncio.Event()
        self._observed = Observed()

    async def changes(self) -> AsyncIterator[Observed]:
        """See :class:`Uplinks`."""
        yield self._observed
        while True:
            with contextlib.suppress(OSError, EOFError, DBusError, Refused, TimeoutError):
                async with self._connected():
                    async for observed in self._looks():
                        yield observed
            if self._observed != Observed():
                self._observed = Observed()
                yield self._observed
            await asyncio.sleep(AGAIN_S)

    async def carry(self, uplink: Uplink) -> bool:
        """See :class:`Uplinks`."""
        devices = self._observed.devices
        if uplink not in devices or not self._observed.steered:
            return False
        try:
            await self._weigh(devices[uplink], CARRYING[uplink], carries=True)
            for other in devices.keys() - {uplink}:
                await self._weigh(devices[other], STANDING_BY[other])
        except (OSError, EOFError, DBusError, Refused, TimeoutError) as error:
            log.warning("uplink_not_taken", uplink=uplink.value, error=type(error).__name__)
            return False
        return True

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        bus = MessageBus(bus_address=self._address, bus_type=BusType.SYSTEM)
        bus.add_message_handler(self._heard)
        async with asyncio.timeout(ANSWER_S):
            self._bus = await bus.connect()
        try:
            for rule in _MATCHES:
                await self._ask(*_BUS, "AddMatch", "s", rule)
            yield
        finally:
            self._bus = None
            bus.disconnect()

    async def _looks(self) -> AsyncIterator[Observed]:
        """Until the bus is gone."""
        assert self._bus is not None
        gone = asyncio.ensure_future(_ended(self._bus))
        try:
            while not gone.done():
                self._stirred.clear()
                observed = await self._look()
                if observed != self._observed:
                    self._observed = observed
                    yield observed
                stirred = asyncio.ensure_future(self._stirred.wait())
                await asyncio.wait({gone, stirred}, return_when=asyncio.FIRST_COMPLETED)
                stirred.cancel()
                await asyncio.sleep(SETTLE_S)
        finally:
            gone.cancel()

    async def _look(self) -> Observed:
        try:
            [objects] = await self._ask(NAME, _ROOT, _OBJECTS, "GetManagedObjects")
        except Refused:
            return Observed()
        return observe(_plain(objects))

    def _heard(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            self._stirred.set()

    async def _weigh(self, device: Device, metric: int, *, carries: bool = False) -> None:
        """Give a device's default routes this metric, unless they have it."""
        # Applying IPv6 anew takes its addresses away for a second: only where it leads out at all.
        families = [
            family for family, found in zip(_FAMILIES, device.metrics, strict=True) if found is not None
        ]
        settings, version = await self._ask(NAME, device.path, DEVICE, "GetAppliedConnection", "u", 0)
        wrong = [family for family in families if _metric(settings[family]) != metric]
        if not wrong:
            return
        for family in wrong:
            settings[family]["route-metric"] = Variant("x", metric)
            # Below zero name servers shut out all others: those of a dead uplink would be asked for 5 s.
            settings[family]["dns-priority"] = Variant("i", -metric if carries else metric)
        await self._ask(NAME, device.path, DEVICE, "Reapply", "a{sa{sv}}tu", settings, version, 0)

    async def _ask(
        self, to: str, path: str, interface: str, member: str, signature: str = "", *words: Any
    ) -> list[Any]:
        if self._bus is None:
            raise Refused("disconnected")
        async with asyncio.timeout(ANSWER_S):
            answer = await self._bus.call(
                Message(
                    destination=to,
                    path=path,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=list(words),
                    flags=MessageFlag.NO_AUTOSTART,
                )
            )
        if answer is None or answer.message_type is MessageType.ERROR:
            raise Refused(answer.error_name if answer else "no answer")
        return list(answer.body)


async def _ended(bus: MessageBus) -> None:
    with contextlib.suppress(OSError, EOFError):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


def _metric(settings: Mapping[str, Variant]) -> object:
    metric = settings.get("route-metric")
    return None if metric is None else metric.value


def _plain(value: Any) -> Any:
    """Return the same without variants."""
    if isinstance(value, Variant):
        return _plain(value.value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
