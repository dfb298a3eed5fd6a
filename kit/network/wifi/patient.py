"""The patient's own Wi-Fi as the agent sees it: looked for, joined, removed, and known to be gone.

Nothing here is written down: a network's name and password live in the arguments of :meth:`join`, in the
holder's memory, and in NetworkManager's volatile profile under /run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from kit.ipc.network import Signal, WifiSecurity, WifiTrouble
from kit.network.guard import client
from kit.network.guard.client import Guarding
from kit.network.wifi.names import Name
from kit.network.wifi.secrets import Secret


class Found(Struct, frozen=True, kw_only=True):
    """One network of the latest scan. ``label`` is for a screen, ``name`` for :meth:`PatientWifi.join`."""

    name: Name
    label: str
    """Safe to show, and may be alike for two networks."""
    signal: Signal
    security: WifiSecurity
    hotspot: bool
    """It looks like a phone's."""


class PatientWifi(Protocol):
    """One network at a time. Every method may be called in any state, and none raises what a network did."""

    gone: Callable[[WifiTrouble], None]
    """Told once when a joined network ended by itself: TIME_OVER, OUT_OF_REACH, NO_ADDRESS or NO_WIFI.

    Whoever is told still calls :meth:`remove`, which verifies. Not told of what remove or join ended."""

    guarded: Callable[[Guarding], None]
    """Told how the guard is, first while :meth:`keep_guarded` runs, and when that changes."""

    async def scan(self) -> tuple[Found, ...]:
        """Look for networks, for up to 15 s: strongest first, at most 100, networks of provisioning left out.

        Empty without a radio, or when nothing is in reach.
        """
        ...

    async def join(self, where: Found | Name, secret: Secret | None, limit_s: float, /) -> WifiTrouble:
        """Join a network of the scan, or one whose name was typed or read from its code; NONE is on.

        Another patient's network is removed first. ``secret`` is None for an open network. After ``limit_s``
        (at most two hours) it removes itself. Takes two minutes at most. A cancelled join undoes itself.
        """
        ...

    async def remove(self) -> bool:
        """Remove it, and return True only when verified: no profile, address, route, lease or name server.

        True also when there never was one. Tries for up to half a minute; called again, it tries again.
        """
        ...

    async def sweep(self) -> int:
        """Remove each Wi-Fi that is not from provisioning, at the agent's start; how many there were."""
        ...

    async def keep_guarded(self) -> None:
        """See to it that the firewall has the form that belongs to what is joined; until cancelled."""
        ...


def unheard(_: WifiTrouble) -> None:
    """For ``gone`` until somebody listens."""


class NoWifi:
    """A machine without NetworkManager or without a radio: nothing to join, and nothing to remove."""

    def __init__(self) -> None:
        self.gone: Callable[[WifiTrouble], None] = unheard
        self.guarded: Callable[[Guarding], None] = client.unheard

    async def scan(self) -> tuple[Found, ...]:
        """Find nothing."""
        return ()

    async def join(self, _where: Found | Name, _secret: Secret | None, _limit_s: float, /) -> WifiTrouble:
        """Say that there is no radio."""
        return WifiTrouble.NO_WIFI

    async def remove(self) -> bool:
        """There never was one."""
        return True

    async def sweep(self) -> int:
        """Nothing to sweep."""
        return 0

    async def keep_guarded(self) -> None:
        """Nothing to guard."""
