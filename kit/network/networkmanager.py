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
from typing import Final, Protocol

import structlog
from dbus_fast import Variant

from kit.ipc.network import Uplink
from kit.network.bus import OBJECTS, PROPERTIES, Bus, Refused, connected, owner_changes
from kit.network.networkmanager_objects import DEVICE, NAME, Device, Observed, observe
from kit.network.uplinks import ORDER

STANDING_BY: Final = {uplink: 1101 + number for number, uplink in enumerate(ORDER)}
"""Route metrics in the profiles, behind those that NetworkManager gives of its own accord (100, 600, 700)."""
CARRYING: Final = {uplink: 51 + number for number, uplink in enumerate(ORDER)}
"""Each uplink has its own: while two hold one, for a moment, the better one carries, and never a third."""
SETTLE_S: Final = 0.03
"""What changes comes as many signals."""
AGAIN_S: Final = 2.0
_ROOT: Final = "/org/freedesktop"
_FAMILIES: Final = ("ipv4", "ipv6")
_MATCHES: Final = (
    *(f"type='signal',sender='{NAME}',interface='{interface}'" for interface in (PROPERTIES, OBJECTS)),
    owner_changes(NAME),
)

log = structlog.get_logger()


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
        self._bus: Bus | None = None
        self._observed = Observed()

    async def changes(self) -> AsyncIterator[Observed]:
        """See :class:`Uplinks`."""
        yield self._observed
        while True:
            with contextlib.suppress(Refused):
                async with connected(self._address, *_MATCHES) as bus:
                    async for observed in self._looks(bus):
                        yield observed
            self._bus = None
            if self._observed != Observed():
                self._observed = Observed()
                yield self._observed
            await asyncio.sleep(AGAIN_S)

    async def carry(self, uplink: Uplink) -> bool:
        """See :class:`Uplinks`."""
        devices = self._observed.devices
        if self._bus is None or uplink not in devices or not self._observed.steered:
            return False
        try:
            await _weigh(self._bus, devices[uplink], CARRYING[uplink], carries=True)
            for other in devices.keys() - {uplink}:
                await _weigh(self._bus, devices[other], STANDING_BY[other])
        except Refused as refused:
            log.warning("uplink_not_taken", uplink=uplink.value, error=refused.name)
            return False
        return True

    async def _looks(self, bus: Bus) -> AsyncIterator[Observed]:
        """Until the bus is gone."""
        self._bus = bus
        while not bus.ended:
            bus.stirred.clear()
            observed = await _look(bus)
            if observed != self._observed:
                self._observed = observed
                yield observed
            await bus.stirred.wait()
            await asyncio.sleep(SETTLE_S)


async def _look(bus: Bus) -> Observed:
    try:
        return observe(await bus.objects(NAME, _ROOT))
    except Refused:
        return Observed()


async def _weigh(bus: Bus, device: Device, metric: int, *, carries: bool = False) -> None:
    """Give a device's default routes this metric, unless they have it."""
    # Applying IPv6 anew takes its addresses away for a second: only where it leads out at all.
    families = [family for family, found in zip(_FAMILIES, device.metrics, strict=True) if found is not None]
    settings, version = await bus.typed(NAME, device.path, DEVICE, "GetAppliedConnection", "u", 0)
    wrong = [family for family in families if _metric(settings[family]) != metric]
    if not wrong:
        return
    for family in wrong:
        settings[family]["route-metric"] = Variant("x", metric)
        # Below zero name servers shut out all others: those of a dead uplink would be asked for 5 s.
        settings[family]["dns-priority"] = Variant("i", -metric if carries else metric)
    await bus.ask(NAME, device.path, DEVICE, "Reapply", "a{sa{sv}}tu", settings, version, 0)


def _metric(settings: Mapping[str, Variant]) -> object:
    metric = settings.get("route-metric")
    return None if metric is None else metric.value
