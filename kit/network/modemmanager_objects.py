"""From ModemManager's D-Bus objects to the one modem that counts. Pure, and sure of nothing.

Values come from firmware: an unknown figure, a wrong type or a missing interface leaves out what it
would say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from msgspec import Struct

from kit.ipc.network import SimState
from kit.network.mobile import Lock, Modem, ModemState, Scale, Seen

NAME: Final = "org.freedesktop.ModemManager1"
ROOT: Final = "/org/freedesktop/ModemManager1"
MODEM: Final = f"{NAME}.Modem"
THREE_GPP: Final = f"{MODEM}.Modem3gpp"
SIGNAL: Final = f"{MODEM}.Signal"
MOST_BEARERS: Final = 8
_MOST_SECONDS: Final = 3600
_STRENGTHS: Final = {
    Scale.NR: ("Nr5g", "rsrp"),
    Scale.LTE: ("Lte", "rsrp"),
    Scale.UMTS: ("Umts", "rscp"),
    Scale.GSM: ("Gsm", "rssi"),
}
_INTERFACE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,15}")
"""What Linux calls a network interface, as far as it is safe in a path."""


class Held(Struct, frozen=True, kw_only=True):
    """What there is now. ``modem`` and ``sim`` are D-Bus paths, which name nobody."""

    seen: Seen = SimState.UNKNOWN
    modem: str = ""
    sim: str = ""
    interface: str = ""
    """The network interface of its connection, while there is one."""
    signal_every_s: int = 0
    """How often it measures its signal; 0: not yet asked to."""


class Understood(NamedTuple):
    """What was read, and the D-Bus paths of its connections, which are objects of their own."""

    held: Held
    bearers: tuple[str, ...] = ()


def understood(objects: object) -> Understood:
    """Read GetManagedObjects' answer, free of variants. Of several modems the one furthest on counts."""
    modems = [
        (path, interfaces)
        for path, interfaces in _table(objects).items()
        if path.startswith(f"{ROOT}/Modem/") and MODEM in _table(interfaces)
    ]
    if not modems:
        return Understood(Held(seen=SimState.NO_MODEM))
    path, interfaces = max(modems, key=lambda modem: (_state(modem[1]), modem[0]))
    properties, signal = _table(interfaces[MODEM]), _table(interfaces.get(SIGNAL))
    held = Held(
        seen=_modem(properties, _table(interfaces.get(THREE_GPP)), signal),
        modem=path,
        sim=_path(properties.get("Sim")),
        signal_every_s=_number(signal.get("Rate"), 0, _MOST_SECONDS) or 0,
    )
    bearers = properties.get("Bearers")
    paths = [_path(bearer) for bearer in bearers] if isinstance(bearers, list) else []
    return Understood(held, tuple(path for path in paths if path)[:MOST_BEARERS])


def interface_of(bearer: object) -> str:
    """The network interface of a connection that stands; empty otherwise."""
    properties = _table(bearer)
    name = properties.get("Interface")
    if properties.get("Connected") is not True or not isinstance(name, str):
        return ""
    return name if _INTERFACE.fullmatch(name) and not name.startswith(".") else ""


def _modem(properties: Mapping[str, Any], three_gpp: Mapping[str, Any], signal: Mapping[str, Any]) -> Modem:
    tries = _table(properties.get("UnlockRetries"), int)
    return Modem(
        state=_state({MODEM: properties}),
        failed_reason=_number(properties.get("StateFailedReason"), 0, 99) or 0,
        lock=_number(properties.get("UnlockRequired"), 0, 99) or 0,
        pin_tries=_number(tries.get(Lock.SIM_PIN), 0, 99),
        technologies=_number(properties.get("AccessTechnologies"), 0, 2**32 - 1) or 0,
        percent=_percent(properties.get("SignalQuality")),
        strengths=dict(_strengths(signal)),
        registration=_number(three_gpp.get("RegistrationState"), 0, 99) or 0,
    )


def _state(interfaces: Mapping[str, Any]) -> int:
    found = _number(_table(interfaces.get(MODEM)).get("State"), -99, 99)
    return ModemState.UNKNOWN if found is None else found


def _percent(quality: object) -> int | None:
    """``(percent, recent)``: an old one is not known."""
    if not isinstance(quality, list | tuple) or len(quality) != 2 or quality[1] is not True:
        return None
    return _number(quality[0], 0, 100)


def _strengths(signal: Mapping[str, Any]) -> list[tuple[Scale, float]]:
    found = [(scale, _table(signal.get(name)).get(key)) for scale, (name, key) in _STRENGTHS.items()]
    return [(scale, value) for scale, value in found if isinstance(value, float)]


def _number(value: object, least: int, most: int) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and isinstance(value, int) and least <= value <= most else None


def _path(value: object) -> str:
    return value if isinstance(value, str) and value.startswith(f"{ROOT}/") else ""


def _table(value: object, key: type = str) -> Mapping[Any, Any]:
    fits = isinstance(value, Mapping) and all(isinstance(name, key) for name in value)
    return value if fits and isinstance(value, Mapping) else {}
