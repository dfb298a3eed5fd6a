"""The patient's Wi-Fi on a machine with NetworkManager that the kit owns: see :class:`PatientWifi`."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog
from dbus_fast import Variant

from kit.config import Probe
from kit.ipc.network import WifiTrouble
from kit.network.bus import Refused
from kit.network.guard.client import Client, Guarding
from kit.network.networkmanager_objects import DEVICE, Objects
from kit.network.wifi import captive, security
from kit.network.wifi.hold import JOIN_S, MAX_LIMIT_S, Hold, Step
from kit.network.wifi.manager import CONNECTION, Manager, manager
from kit.network.wifi.names import Name
from kit.network.wifi.patient import Found, unheard
from kit.network.wifi.process import COMMAND, HolderProcess
from kit.network.wifi.profile import WIFI
from kit.network.wifi.scan import Point, WifiDevice, device, matching, networks, points_of
from kit.network.wifi.secrets import Secret
from kit.network.wifi.traces import PROVISIONED

log = structlog.get_logger()

SCAN_S: Final = 12.0
"""All channels, those under radar rules too, where one only listens."""
LOOK_S: Final = 0.3
GUARD_S: Final = 2.0
RESOLVERS_S: Final = 1.0
"""NetworkManager tells the name servers some milliseconds after it has said that a network is on."""
JOIN_SLACK_S: Final = 10.0
"""More than the holder takes for itself: it is to say why."""


def of_machine(probe: Probe | None, root: Path = Path("/")) -> Radio | None:
    """Return the radio of a machine where provisioning has been.

    None on any other: there every Wi-Fi is its owner's, and a sweep would take it away.
    """
    folder = root / PROVISIONED.strip("/")
    return Radio(probe=probe) if any(folder.glob("kit-*.nmconnection")) else None


class Radio:
    """One network at a time."""

    def __init__(
        self,
        *,
        probe: Probe | None = None,
        bus_address: str | None = None,
        guard: Client | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Without ``probe`` a network that gives an address counts as one that leads out."""
        self.gone: Callable[[WifiTrouble], None] = unheard
        self._probe = probe
        self._address = bus_address
        self._guard = guard or Client()
        self._resolvers: tuple[str, ...] = ()
        self._interface = ""
        self._command = command
        self._holder: HolderProcess | None = None
        self._watching: asyncio.Task[None] | None = None
        self._hides: Name | None = None
        """Was only found by calling it; until the removal."""
        self._turn = asyncio.Lock()

    @property
    def guarded(self) -> Callable[[Guarding], None]:
        """See :class:`PatientWifi`."""
        return self._guard.changed

    @guarded.setter
    def guarded(self, hear: Callable[[Guarding], None]) -> None:
        self._guard.changed = hear

    async def scan(self) -> tuple[Found, ...]:
        """See :class:`PatientWifi`."""
        try:
            async with manager(self._address) as network:
                _, points = await self._points(network, None)
                return networks(points, await _provisioned(network, await network.objects()))
        except Refused as refused:
            log.warning("wifi_scan_failed", error=refused.name)
            return ()

    async def join(self, where: Found | Name, secret: Secret | None, limit_s: float, /) -> WifiTrouble:
        """See :class:`PatientWifi`."""
        async with self._turn:
            if self._holder is not None:
                await self._let_go()
                if not (await self._guard.own()).done:
                    return WifiTrouble.NO_WIFI
            joined = False
            try:
                trouble = await self._join(where, secret, limit_s)
                joined = trouble is WifiTrouble.NONE
            except Refused as refused:
                log.warning("wifi_join_failed", error=refused.name)
                trouble = WifiTrouble.NO_WIFI
            finally:
                if not joined:
                    await self._let_go()
            return trouble

    async def remove(self) -> bool:
        """See :class:`PatientWifi`."""
        async with self._turn:
            self._hides = None
            await self._let_go()
            return (await self._guard.own()).done

    async def sweep(self) -> int:
        """See :class:`PatientWifi`."""
        async with self._turn:
            return (await self._guard.own()).profiles

    async def keep_guarded(self) -> None:
        """See :class:`PatientWifi`."""
        while True:
            async with self._turn:
                if self._holder is None and not (self._guard.is_own and await self._guard.holds()):
                    await self._guard.own()
                elif self._holder is not None:
                    await self._keep_guest()
            await asyncio.sleep(GUARD_S)

    async def _join(self, where: Found | Name, secret: Secret | None, limit_s: float) -> WifiTrouble:
        async with manager(self._address) as network:
            found, point, hidden = await self._find(network, where, keyed=secret is not None)
        if found is None:
            return WifiTrouble.NO_WIFI
        if point is None:
            return WifiTrouble.OUT_OF_REACH
        # 2 ms of computing for WPA2's key.
        key = await asyncio.to_thread(security.key, point.access, point.name, secret)
        if isinstance(key, WifiTrouble):
            return key
        hold = Hold(
            uuid=str(uuid.uuid4()),
            interface=found.interface,
            access_point=point.path,
            ssid=point.name.octets,
            access=point.access,
            key=key,
            hidden=hidden,
            limit_s=max(1.0, min(limit_s, MAX_LIMIT_S)),
        )
        self._interface = found.interface
        # Before anything of the network is here, and then for the name servers that it gave.
        if not await self._guard.guest():
            return WifiTrouble.NO_WIFI
        trouble = await self._held(hold)
        if trouble is WifiTrouble.NONE and not await self._let_out():
            trouble = WifiTrouble.NO_WIFI
        if trouble is WifiTrouble.NONE and self._probe is not None:
            trouble = await captive.ask(self._probe, found.interface)
        if trouble is WifiTrouble.NONE:
            self._watching = asyncio.create_task(self._watch())
        return trouble

    async def _find(
        self, network: Manager, where: Found | Name, *, keyed: bool
    ) -> tuple[WifiDevice | None, Point | None, bool]:
        """Return the radio, the point that was meant, and whether it hides its name.

        What was seen a moment ago is taken at once: NetworkManager tells soon enough when it has gone.
        """
        found, points = await _look(network)
        point = matching(points, where, keyed=keyed)
        if found is not None and point is None:
            found, points = await self._points(network, None)
            point = matching(points, where, keyed=keyed)
        if found is not None and point is None and isinstance(where, Name):
            # A network that hides answers only those who call it by its name.
            found, points = await self._points(network, where)
            point = matching(points, where, keyed=keyed)
            self._hides = where
        return found, point, point is not None and point.name == self._hides

    async def _held(self, hold: Hold) -> WifiTrouble:
        self._holder = await HolderProcess.start(self._command)
        await self._holder.order(hold)
        try:
            async with asyncio.timeout(JOIN_S + JOIN_SLACK_S):
                while (told := await self._holder.next()).step is not Step.ON:
                    if told.step is Step.ENDED:
                        # One that ended without a trouble was not told to: it is as if there were no radio.
                        return told.trouble if told.trouble is not WifiTrouble.NONE else WifiTrouble.NO_WIFI
        except TimeoutError:
            return WifiTrouble.NO_ADDRESS
        return WifiTrouble.NONE

    async def _let_out(self) -> bool:
        """Let names be asked for where this network says, and the meeting be reached."""
        self._resolvers = ()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RESOLVERS_S):
                while not self._resolvers:
                    await asyncio.sleep(LOOK_S)
                    self._resolvers = await self._given()
        return await self._guard.guest(self._resolvers)

    async def _given(self) -> tuple[str, ...]:
        """Return the name servers that the network gave."""
        async with manager(self._address) as network:
            return tuple((await network.name_servers()).get(self._interface, ()))

    async def _keep_guest(self) -> None:
        """A router may give name servers late, or others."""
        resolvers = self._resolvers
        with contextlib.suppress(Refused):
            resolvers = await self._given()
        if resolvers != self._resolvers or not await self._guard.holds():
            self._resolvers = resolvers
            await self._guard.guest(resolvers)

    async def _watch(self) -> None:
        """Tell when it ended by itself."""
        holder = self._holder
        assert holder is not None
        while (told := await holder.next()).step is not Step.ENDED:
            pass
        log.info("wifi_gone", trouble=told.trouble.value)
        self.gone(told.trouble if told.trouble is not WifiTrouble.NONE else WifiTrouble.NO_WIFI)

    async def _let_go(self) -> None:
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.wait([watching])
        holder, self._holder = self._holder, None
        if holder is not None:
            await holder.end()

    async def _points(self, network: Manager, name: Name | None) -> tuple[WifiDevice | None, list[Point]]:
        """Scan, and wait until that is done; calling ``name`` if there is one."""
        before = device(await network.objects())
        if before is None:
            return None, []
        words = {} if name is None else {"ssids": Variant("aay", [name.octets])}
        with contextlib.suppress(Refused):
            # It refuses while it scans already: that scan does as well.
            await network.ask(before.path, f"{DEVICE}.Wireless", "RequestScan", "a{sv}", words)
        found, points = await _look(network)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SCAN_S):
                while found is not None and found.last_scan == before.last_scan:
                    await asyncio.sleep(LOOK_S)
                    found, points = await _look(network)
        return found, points


async def _look(network: Manager) -> tuple[WifiDevice | None, list[Point]]:
    objects = await network.objects()
    found = device(objects)
    return found, [] if found is None else points_of(objects, found)


async def _provisioned(network: Manager, objects: Objects) -> frozenset[bytes]:
    """Names of the networks that provisioning brought: those are no patient's."""
    names = set()
    for path, parts in objects.items():
        if str(parts.get(CONNECTION, {}).get("Filename", "")).startswith(PROVISIONED):
            with contextlib.suppress(Refused):
                names.add(bytes((await network.settings(path)).get(WIFI, {}).get("ssid", b"")))
    return frozenset(names)
