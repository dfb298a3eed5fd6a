"""The process that holds the patient's Wi-Fi: ``python -m kit.network.wifi.holder``.

The profile is volatile and bound to this process' connection to the bus, so NetworkManager removes both when
the process ends, whatever ended it. It ends when its input closes, at its own time limit, when the Wi-Fi
is lost, and with the agent that started it (``PR_SET_PDEATHSIG``). It is small and does one thing at a time,
as python-networkmanager does; nothing of it may be dumped, swapped or logged.
"""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, Final

import structlog

from kit.ipc.network import WifiTrouble
from kit.log import configure, failed
from kit.network.wifi import profile, reasons
from kit.network.wifi.hold import JOIN_S, MAX_LINE, Step, Told, Unreadable, encode, read_hold
from kit.network.wifi.profile import Settings
from kit.network.wifi.security import Access

log = structlog.get_logger()

VOLATILE: Final = "/run/NetworkManager/system-connections/"
TICK_S: Final = 0.2
LEAVE_S: Final = 5.0
"""For NetworkManager to remove the profile when it is told to; after that this process' death does it."""
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_MCL_CURRENT_AND_FUTURE: Final = 3
_LOOPBACK: Final = 32
_LISTS: Final = frozenset({"addresses", "routes", "dns"})
_ACTIVE_ACTIVATED: Final = 2
"""Of NMActiveConnectionState; those below are of NMDeviceState."""
_PREPARE: Final = 40
_IP_CONFIG: Final = 70
_ACTIVATED: Final = 100
_DEACTIVATING: Final = 110
_ENDS: Final = frozenset({10, 20, 30, _DEACTIVATING, 120})
"""Unmanaged, unavailable, disconnected, deactivating, failed."""


def main() -> int:
    """Hold what standard input asks for, tell the steps on standard output."""
    shut_in()
    configure("wifi-holder")
    # The library's warnings quote names of networks.
    warnings.simplefilter("ignore")
    try:
        hold = read_hold(_line())
        settings = profile.wifi(hold)
    except (Unreadable, ValueError) as error:
        failed("wifi_order_refused", error)
        return 2
    holder = Holder(settings, hold.interface, hold.access_point, hold.access, tell)
    return 0 if holder.run(hold.limit_s) in (WifiTrouble.NONE, WifiTrouble.TIME_OVER) else 1


def shut_in() -> None:
    """Die with the agent, and keep the password out of dumps, other processes' reach and swap."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Fails where the limit of locked memory is small; the kit's image has no swap on a disk.
    libc.mlockall(_MCL_CURRENT_AND_FUTURE)


def tell(told: Told) -> None:
    """Say it to the agent. One that no longer listens has closed the input too."""
    try:
        os.write(sys.stdout.fileno(), encode(told))
    except OSError:
        log.warning("wifi_agent_gone")


def _line() -> bytes:
    """Read the first line of the input, bounded; the pipe stays open behind it."""
    line = b""
    while not line.endswith(b"\n") and len(line) < MAX_LINE:
        octets = os.read(sys.stdin.fileno(), MAX_LINE - len(line))
        if not octets:
            break
        line += octets
    return line


class Holder:
    """One network, from joining it to its end."""

    def __init__(
        self,
        settings: Settings,
        interface: str,
        specific: str,
        kind: Access | None,
        tell: Callable[[Told], None],
    ) -> None:
        """``specific`` is the access point's path, or ``/`` where there is none."""
        self._settings = settings
        self._interface = interface
        self._specific = specific
        self._kind = kind
        self._tell = tell
        self._step = Step.JOINING
        self._reason = 0
        self._over = False
        self._begun = False
        self._active: Any = None
        self._vanished: type[Exception] = LookupError

    def run(self, limit_s: float) -> WifiTrouble:
        """Join, hold and leave; returns why it ended, NONE when the agent wanted it."""
        ends_at = _now() + limit_s
        try:
            library = _library()
            trouble = self._join(library)
            if trouble is WifiTrouble.NONE:
                trouble = self._hold(ends_at)
                self._leave(library)
        except Exception as error:
            failed("wifi_holder_failed", error)
            trouble = WifiTrouble.NO_WIFI
        self._tell(Told(step=Step.ENDED, trouble=trouble))
        return trouble

    def _join(self, library: Any) -> WifiTrouble:
        manager = library.NetworkManager
        device = manager.GetDeviceByIpIface(self._interface)
        device.OnStateChanged(self._changed)
        self._vanished = library.ObjectVanished
        options = {"persist": "volatile", "bind-activation": "dbus-client"}
        made, self._active, _ = manager.AddAndActivateConnection2(
            _typed(self._settings), device, self._specific, options
        )
        if not _as_meant(made.GetSettings(), self._settings) or not made.Filename.startswith(VOLATILE):
            # What it cannot read it replaces by a profile of its own, named like the network.
            log.error("wifi_profile_replaced")
            made.Delete()
            return WifiTrouble.NO_WIFI
        self._tell(Told(step=Step.JOINING))
        return WifiTrouble.NONE

    def _hold(self, ends_at: float) -> WifiTrouble:
        join_by = _now() + JOIN_S
        while not self._over:
            if _closed(TICK_S):
                return WifiTrouble.NONE
            _dispatch()
            self._look()
            if _now() >= ends_at:
                return WifiTrouble.TIME_OVER
            if self._step is not Step.ON and _now() >= join_by:
                break
        return reasons.trouble(self._reason, self._step, self._kind)

    def _leave(self, library: Any) -> None:
        """Have it removed, and see that it is; the end of this process would do it too."""
        if self._over:
            return
        library.NetworkManager.DeactivateConnection(self._active)
        deadline = _now() + LEAVE_S
        while not self._over and _now() < deadline:
            _dispatch()
            time.sleep(0.02)

    def _look(self) -> None:
        """Ask, too: of an activation that ends at once, no signal may be left to come."""
        try:
            state = self._active.State
        except self._vanished:
            self._over = True
            return
        if state == _ACTIVE_ACTIVATED:
            self._advance(Step.ON)

    def _changed(self, _device: Any, **said: Any) -> None:
        """The device's signal, not the activation's: the library drops those of an object that is gone."""
        state, reason = int(said["new_state"]), int(said["reason"])
        if state == _PREPARE:
            self._begun = True
        if not self._begun:
            return
        if state == _IP_CONFIG and self._step is Step.JOINING:
            self._advance(Step.ADDRESS)
        elif state == _ACTIVATED:
            self._advance(Step.ON)
        elif state in _ENDS:
            self._reason = self._reason or reason
            self._over = state != _DEACTIVATING

    def _advance(self, step: Step) -> None:
        if self._step is not step:
            self._step = step
            self._tell(Told(step=step))


def _library() -> Any:
    """Import python-networkmanager: it asks the bus while it is imported, and needs a loop for signals."""
    from dbus.mainloop.glib import DBusGMainLoop

    DBusGMainLoop(set_as_default=True)
    import NetworkManager as library  # noqa: N813

    known, translated = library.device_class, library.fixups.to_python

    def complete(kind: str, method: str, name: str, value: Any, signature: str) -> Any:
        if method == "GetSettings":
            for family in ("ipv4", "ipv6"):
                for lacking in _LISTS - set(value.get(family, _LISTS)):
                    value[family][lacking] = []
        return translated(kind, method, name, value, signature)

    # It does not know the loopback's type, and signals of every device pass through here. And it wants lists
    # in a profile which NetworkManager leaves out when they are empty.
    library.device_class = lambda kind: library.Generic if int(kind) == _LOOPBACK else known(kind)
    library.fixups.to_python = staticmethod(complete)
    return library


def _typed(settings: Settings) -> Settings:
    """Mark what D-Bus cannot guess: NetworkManager passes over a profile with one value of another type."""
    import dbus

    typed = {name: dict(values) for name, values in settings.items()}
    radio = typed.get(profile.WIFI)
    if radio is not None:
        radio["ssid"] = dbus.ByteArray(radio["ssid"])
        radio["powersave"] = dbus.UInt32(radio["powersave"])
    return typed


def _as_meant(found: Settings, meant: Settings) -> bool:
    names = ("id", "uuid", "type")
    if any(found["connection"].get(name) != meant["connection"][name] for name in names):
        return False
    kind, address = meant["connection"]["type"], "assigned-mac-address"
    return bool(found.get(kind, {}).get(address) == meant[kind][address])


def _dispatch() -> None:
    """Let D-Bus deliver what has come. GLib's own loop would need its Python binding for this one call."""
    while _GLIB.g_main_context_iteration(None, 0):
        pass


def _closed(wait_s: float) -> bool:
    """Wait; True as soon as the input has closed. What the agent says after its order is passed over."""
    ready, _, _ = select.select([sys.stdin.fileno()], [], [], wait_s)
    return bool(ready) and not os.read(sys.stdin.fileno(), MAX_LINE)


def _now() -> float:
    """Seconds since the machine's start, those that it slept through too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


_GLIB = ctypes.CDLL("libglib-2.0.so.0")

if __name__ == "__main__":
    sys.exit(main())
