"""NetworkManager on the system bus: what its devices are like, and which of them carries the default route.

Each connection of a kit is always up, with a route metric at which it stands by. Whoever is to carry gets a
metric before all those, by applying its connection anew (``Reapply``). NetworkManager 1.42 and 1.52 do that
without a moment's break: the new route is there before the old one goes, and address and lease stay. Should
the agent be away, they stand by in the right order.

Mobile broadband is left as it is: NetworkManager forgets the address of a connection by modem when that is
applied anew. It stands before all others that stand by, and carries whenever none of them is made to.
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

STANDING_BY: Final = {uplink: 1101 + number for number, uplink in enumerate(ORDER)} | {Uplink.MOBILE: 1001}
"""Route metrics in the profiles, behind those that NetworkManager gives of its own accord (100, 600, 700)."""
CARRYING: Final = {uplink: 51 + number for number, uplink in enumerate(ORDER)}
"""Each uplink has its own: while two hold one, for a moment, the better one carries, and never a third."""
SETTLE_S: Final = 0.03
"""What changes comes as many signals."""
AGAIN_S: Final = 2.0
_ROOT: Final = "/org/freedesktop"
_MANAGER: Final = "/org/freedesktop/NetworkManager"
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

    async def switch(self, uplink: Uplink, *, on: bool) -> None:
        """Begin a connection that is not there, or end one and have it stay away."""
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
            # Who is to carry first: there is always a route.
            for each in sorted(devices.keys() - {Uplink.MOBILE}, key=lambda each: each is not uplink):
                await _weigh(self._bus, devices[each], each, carries=each is uplink)
        except Refused as refused:
            log.warning("uplink_not_taken", uplink=uplink.value, error=refused.name)
            return False
        return True

    async def switch(self, uplink: Uplink, *, on: bool) -> None:
        """See :class:`Uplinks`. What is under way is left alone."""
        resting, held = self._observed.resting.get(uplink), self._observed.devices.get(uplink)
        if self._bus is None:
            return
        try:
            if on and resting is not None:
                words = (resting.profile, resting.device, "/")
                await self._bus.ask(NAME, _MANAGER, NAME, "ActivateConnection", "ooo", *words)
            elif not on and held is not None:
                await self._bus.ask(NAME, held.path, DEVICE, "Disconnect")
        except Refused as refused:
            log.warning("uplink_not_switched", uplink=uplink.value, on=on, error=refused.name)

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


def name_servers(uplink: Uplink, *, carries: bool = False) -> int:
    """NetworkManager's priority of its name servers. Those of a dead uplink would be asked for 5 s.

    The lowest below zero shuts out all others.
    """
    if uplink is Uplink.MOBILE:
        return -1
    return -CARRYING[uplink] if carries else STANDING_BY[uplink]


async def _look(bus: Bus) -> Observed:
    try:
        return observe(await bus.objects(NAME, _ROOT))
    except Refused:
        return Observed()


async def _weigh(bus: Bus, device: Device, uplink: Uplink, *, carries: bool) -> None:
    """Give a device's default routes the metric that is due, unless they have it."""
    metric = CARRYING[uplink] if carries else STANDING_BY[uplink]
    # Applying IPv6 anew takes its addresses away for a second: only where it leads out at all.
    families = [family for family, found in zip(_FAMILIES, device.metrics, strict=True) if found is not None]
    settings, version = await bus.typed(NAME, device.path, DEVICE, "GetAppliedConnection", "u", 0)
    wrong = [family for family in families if _metric(settings[family]) != metric]
    if not wrong:
        return
    for family in wrong:
        settings[family]["route-metric"] = Variant("x", metric)
        settings[family]["dns-priority"] = Variant("i", name_servers(uplink, carries=carries))
    await bus.ask(NAME, device.path, DEVICE, "Reapply", "a{sa{sv}}tu", settings, version, 0)


def _metric(settings: Mapping[str, Variant]) -> object:
    metric = settings.get("route-metric")
    return None if metric is None else metric.value
