"""Seeing that no Wi-Fi is left but those of provisioning, and removing what is.

For machines that the kit owns: a profile that somebody else made there does not survive.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog
from msgspec import Struct

from kit.network.bus import Refused, Vanished
from kit.network.networkmanager_objects import DEVICE, NAME, Objects, Properties
from kit.network.wifi.manager import CONNECTION, ROOT, Manager, manager
from kit.network.wifi.traces import PROVISIONED, Files, Trace, addressed, forget, routed

log = structlog.get_logger()

LIMIT_S: Final = 20.0
AGAIN_S: Final = 0.25
_ACTIVE: Final = f"{NAME}.Connection.Active"
_NULL: Final = asyncio.subprocess.DEVNULL
_RELOAD_DNS: Final = 2
"""NMManagerReloadFlags: write the resolvers' file again."""
_NOTHING: Final[Properties] = {}


class Kind(Struct, frozen=True, kw_only=True):
    """What is removed; Wi-Fi, unless a test has no radio."""

    profile: str = "802-11-wireless"
    files: frozenset[str] = frozenset({"wifi", "802-11-wireless"})
    devices: frozenset[int] = frozenset({2})
    """NMDeviceType."""


class _Look(Struct, kw_only=True):
    """What one look found, and what to do about it."""

    traces: set[Trace]
    profiles: list[str]
    active: list[str]
    devices: dict[str, str]
    """Paths and interfaces of those that have what they should not."""


class Removal:
    """Looks, removes, and looks again."""

    def __init__(
        self,
        *,
        kind: Kind | None = None,
        root: Path = Path("/"),
        bus_address: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``root`` is where the machine's files are."""
        self._kind = kind or Kind()
        self._root = root
        self._address = bus_address
        self._clock = clock

    async def left(self) -> frozenset[Trace]:
        """Look once; empty when nothing is left."""
        try:
            async with manager(self._address) as network:
                return frozenset((await self._look(network)).traces)
        except (Refused, PermissionError):
            return frozenset({Trace.UNSEEN})

    async def remove(self, limit_s: float = LIMIT_S) -> frozenset[Trace]:
        """Remove until nothing is left, or the time is over; what is left then."""
        deadline = self._clock() + limit_s
        while True:
            left = await self._round()
            if not left or self._clock() >= deadline:
                break
            await asyncio.sleep(AGAIN_S)
        if left:
            log.error("wifi_left_behind", traces=sorted(trace.value for trace in left))
        return left

    async def profiles(self) -> int:
        """How many profiles are not from provisioning; 0 also when nobody can say."""
        with contextlib.suppress(Refused):
            async with manager(self._address) as network:
                return len(await self._strangers(network, await network.objects()))
        return 0

    async def _round(self) -> frozenset[Trace]:
        try:
            async with manager(self._address) as network:
                look = await self._look(network)
                if look.traces:
                    await self._clear(network, look)
                return frozenset(look.traces)
        except (Refused, PermissionError) as error:
            log.warning("wifi_removal_unseen", error=type(error).__name__)
            return frozenset({Trace.UNSEEN})

    async def _look(self, network: Manager) -> _Look:
        objects = await network.objects()
        strangers = await self._strangers(network, objects)
        look = _Look(traces=set(), profiles=list(strangers), active=[], devices={})
        look.active = [
            path
            for path, active in _with(objects, _ACTIVE)
            if active.get("Type") == self._kind.profile and active.get("Connection") in strangers
        ]
        look.traces |= {Trace.PROFILE} if strangers else set()
        look.traces |= {Trace.ACTIVE} if look.active else set()
        free = self._free_devices(objects, strangers)
        for path, interface in free.items():
            found = {Trace.ADDRESS} if addressed(interface) else set()
            found |= {Trace.ROUTE} if routed(self._root, interface) else set()
            look.devices |= {path: interface} if found else {}
            look.traces |= found
        files, known = await self._files(network, objects)
        look.traces |= await asyncio.to_thread(_in_files, files, known)
        look.traces |= await self._name_servers(network, files, frozenset(free.values()))
        return look

    async def _clear(self, network: Manager, look: _Look) -> None:
        """Do once what removes; each of it may fail, since it may be gone already."""
        for path in look.active:
            await _tried(network, ROOT, NAME, "DeactivateConnection", "o", path)
        for path in look.profiles:
            await _tried(network, path, CONNECTION, "Delete")
        for path, interface in look.devices.items():
            await _tried(network, path, DEVICE, "Disconnect")
            await _flushed(interface)
        if Trace.NAME_SERVER in look.traces:
            await _tried(network, ROOT, NAME, "Reload", "u", _RELOAD_DNS)
        files, known = await self._files(network, await network.objects())
        await asyncio.to_thread(_clear_files, files, known)

    async def _strangers(self, network: Manager, objects: Objects) -> Mapping[str, str]:
        """Return profiles of the kind that are not from provisioning, with their UUIDs."""
        strangers = {}
        for path, profile in _with(objects, CONNECTION):
            if str(profile.get("Filename", "")).startswith(PROVISIONED):
                continue
            settings = await _settings(network, path)
            if settings.get("connection", {}).get("type") == self._kind.profile:
                strangers[path] = str(settings["connection"].get("uuid", ""))
        return strangers

    def _free_devices(self, objects: Objects, strangers: Mapping[str, str]) -> dict[str, str]:
        """Return devices, and their interfaces, that carry no profile of provisioning."""
        free = {}
        for path, device in _with(objects, DEVICE):
            if device.get("DeviceType") not in self._kind.devices:
                continue
            active = objects.get(str(device.get("ActiveConnection")), {}).get(_ACTIVE, _NOTHING)
            if not active or active.get("Connection") in strangers:
                free[path] = str(device.get("Interface"))
        return free

    async def _files(self, network: Manager, objects: Objects) -> tuple[Files, frozenset[str]]:
        """Return where NetworkManager's files are, and the UUIDs that may stand in them."""
        seen = self._root / "proc" / str(await network.process_id()) / "root"
        known = set()
        for path, profile in _with(objects, CONNECTION):
            settings = await _settings(network, path)
            connection = settings.get("connection", {})
            if connection.get("type") != self._kind.profile or str(profile.get("Filename")).startswith(
                PROVISIONED
            ):
                known.add(str(connection.get("uuid")))
        return Files(root=self._root, of_manager=seen, kinds=self._kind.files), frozenset(known)

    async def _name_servers(self, network: Manager, files: Files, interfaces: frozenset[str]) -> set[Trace]:
        ours, others = set[str](), set[str]()
        for interface, servers in (await network.name_servers()).items():
            (ours if interface in interfaces else others).update(servers)
        written = await asyncio.to_thread(files.name_servers)
        return {Trace.NAME_SERVER} if ours or written - others else set()


def _in_files(files: Files, known: frozenset[str]) -> set[Trace]:
    found = {
        Trace.PROFILE: files.profiles(),
        Trace.LEASE: files.leases(known),
        Trace.MEMORY: files.lists(known),
        Trace.ADDRESS: files.states(known),
    }
    return {trace for trace, paths in found.items() if any(True for _ in paths)}


def _clear_files(files: Files, known: frozenset[str]) -> None:
    """Remove the files of what NetworkManager no longer knows; a profile's own goes when it deletes it."""
    for path in (*files.profiles(), *files.leases(known)):
        path.unlink(missing_ok=True)
    for path in files.lists(known):
        forget(path, known)


async def _settings(network: Manager, path: str) -> Mapping[str, Mapping[str, Any]]:
    """Return a profile; nothing when it has just gone. Refused when nobody can say what it is."""
    try:
        return await network.settings(path)
    except Vanished:
        return {}


async def _tried(network: Manager, path: str, interface: str, member: str, *words: Any) -> None:
    with contextlib.suppress(Refused):
        await network.ask(path, interface, member, *words)


async def _flushed(interface: str) -> None:
    """Take from the kernel what NetworkManager does not count as its own."""
    for what in ("address", "route"):
        for family in ("-4", "-6"):
            words = ("ip", family, what, "flush", "dev", interface)
            with contextlib.suppress(OSError):
                process = await asyncio.create_subprocess_exec(
                    *words, stdin=_NULL, stdout=_NULL, stderr=_NULL
                )
                await process.wait()


def _with(objects: Objects, interface: str) -> list[tuple[str, Properties]]:
    return [(path, parts[interface]) for path, parts in sorted(objects.items()) if interface in parts]
