"""From what ModemManager says to mobile broadband in words. Pure.

The figures are those of ModemManager's D-Bus interface (``ModemManager-enums.h``). They come from a modem's
firmware by way of a parser, so each of them may be absurd: what is not understood is not known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from kit import config
from kit.ipc.network import Mobile, Registration, Signal, SimState, Technology

MOST_MB: Final = 10_000_000
MEGABYTE: Final = 10**6
"""Operators count in powers of ten."""


class ModemState(IntEnum):
    """MMModemState, those that matter here. From ``ENABLED`` on, the radio is on."""

    FAILED = -1
    UNKNOWN = 0
    INITIALIZING = 1
    LOCKED = 2
    DISABLED = 3
    ENABLED = 6
    SEARCHING = 7
    REGISTERED = 8


class FailedReason(IntEnum):
    """MMModemStateFailedReason, those that the card is to blame for."""

    SIM_MISSING = 2
    ESIM_WITHOUT_PROFILES = 5


class Lock(IntEnum):
    """MMModemLock. A second PIN or PUK hinders no data; what locks the modem itself nobody here opens."""

    UNKNOWN = 0
    NONE = 1
    SIM_PIN = 2
    SIM_PIN2 = 3
    SIM_PUK = 4
    SIM_PUK2 = 5


OPEN: Final = frozenset({Lock.UNKNOWN, Lock.NONE, Lock.SIM_PIN2, Lock.SIM_PUK2})
_REGISTRATIONS: Final = {
    0: Registration.SEARCHING,
    1: Registration.HOME,
    2: Registration.SEARCHING,
    3: Registration.DENIED,
    4: Registration.UNKNOWN,
    5: Registration.ROAMING,
    6: Registration.DENIED,
    7: Registration.DENIED,
    8: Registration.DENIED,
    9: Registration.HOME,
    10: Registration.ROAMING,
    11: Registration.DENIED,
}
"""MMModem3gppRegistrationState. Idle (0) is a moment before searching; 6 and 7 let only text messages
through, 8 and 11 only emergency calls: for data that is as good as being denied."""
_TECHNOLOGIES: Final = (
    (1 << 15, Technology.NR),
    (1 << 14 | 1 << 16 | 1 << 17, Technology.LTE),
    (0b1111100000, Technology.UMTS),
    (0b11110, Technology.GSM),
)
"""MMModemAccessTechnology, the best first: a modem with 5G beside its 4G sets both bits."""
_ANY_TECHNOLOGY: Final = 0xFFFFFFFF


class Scale(StrEnum):
    """What a strength in dBm was measured of."""

    NR = "nr"
    """SS-RSRP (3GPP TS 38.215)."""
    LTE = "lte"
    """RSRP (3GPP TS 36.214)."""
    UMTS = "umts"
    """CPICH RSCP (3GPP TS 25.215)."""
    GSM = "gsm"
    """RSSI (3GPP TS 27.007, +CSQ)."""


class Steps(NamedTuple):
    """A scale's ends by 3GPP, and where ``weak``, ``fair`` and ``good`` begin, all in dBm."""

    least: float
    weak: float
    fair: float
    good: float
    most: float


STEPS: Final = {
    Scale.NR: Steps(-156, -128, -108, -98, -31),
    Scale.LTE: Steps(-140, -128, -108, -98, -44),
    Scale.UMTS: Steps(-120, -115, -95, -85, -25),
    Scale.GSM: Steps(-113, -107, -97, -89, -51),
}
"""3GPP gives the ends (TS 38.133 10.1.6, 36.133 9.1.4, 25.133 9.1.1, 27.007 8.5) and no words. Words begin
where Android's bars do (AOSP ``CarrierConfigManager``: fair is three bars, good four), so that the kit says
what the phone in the same hand shows. 5G has LTE's steps, as both measure one resource element."""
METERED_YES: Final = 1
"""NMMetered."""
Setting = str | bool | int
_CSQ_LEAST: Final = -113.0
_CSQ_SPAN: Final = 62.0
"""ModemManager's percent is +CSQ's range, -113 to -51 dBm."""


class Modem(Struct, frozen=True, kw_only=True):
    """One modem's figures as ModemManager gives them. Nothing in it names a card, a number or an operator."""

    state: int = ModemState.UNKNOWN
    failed_reason: int = 0
    lock: int = Lock.UNKNOWN
    pin_tries: int | None = None
    """Left for the card's PIN, where the modem tells."""
    technologies: int = 0
    percent: int | None = None
    """None also when the figure is an old one."""
    strengths: Mapping[Scale, float] = {}
    registration: int = 4


Seen = Modem | SimState
"""A modem, or why there is none: ``UNKNOWN`` (not asked yet), ``NO_SERVICE``, ``NO_MODEM``."""


class PinTrouble(StrEnum):
    """Why a locked card stays locked."""

    NONE = "none"
    """It is being unlocked, or it will be."""
    NO_PIN = "no_pin"
    REFUSED = "refused"
    TOO_FEW_TRIES = "too_few_tries"


def mobile(seen: Seen, pin: PinTrouble, *, roaming: bool, used: int, budget_mb: int) -> Mobile:
    """The words. ``roaming``: whether the region allows it. ``used``: bytes this month."""
    used_mb = min(MOST_MB, max(0, used) // MEGABYTE)
    if not isinstance(seen, Modem):
        return Mobile(sim=seen, used_mb=used_mb, budget_mb=budget_mb)
    sim = _sim(seen, pin)
    if sim is not SimState.READY or seen.state < ModemState.ENABLED:
        return Mobile(sim=sim, used_mb=used_mb, budget_mb=budget_mb)
    registration = _registration(seen, roaming=roaming)
    return Mobile(
        sim=sim,
        registration=registration,
        technology=_technology(seen.technologies),
        signal=signal(seen, registered=registration in (Registration.HOME, Registration.ROAMING)),
        used_mb=used_mb,
        budget_mb=budget_mb,
    )


def signal(modem: Modem, *, registered: bool = False) -> Signal:
    """The strength in a word. A modem that is registered has some, whatever it measures."""
    for scale, steps in STEPS.items():
        strength = modem.strengths.get(scale, math.nan)
        if steps.least <= strength <= steps.most:
            return _word(strength, steps, registered=registered)
    if modem.percent is not None and 0 <= modem.percent <= 100:
        strength = _CSQ_LEAST + _CSQ_SPAN * modem.percent / 100
        return _word(strength, STEPS[Scale.GSM], registered=registered)
    return Signal.FAIR if registered else Signal.NONE


def gsm_profile(settings: config.Mobile, password: str = "") -> dict[str, dict[str, Setting]]:
    """The settings ``gsm`` and ``connection`` of NetworkManager's profile (nm-settings(5)).

    The PIN is not among them: NetworkManager would try it at each start.
    """
    texts = {"apn": settings.apn, "username": settings.user, "password": password}
    given: dict[str, Setting] = {name: text for name, text in texts.items() if text}
    automatic: dict[str, Setting] = {} if settings.apn else {"auto-config": True}
    return {
        "connection": {"type": "gsm", "metered": METERED_YES},
        "gsm": {**given, **automatic, "home-only": not settings.roaming},
    }


def _sim(modem: Modem, pin: PinTrouble) -> SimState:
    if modem.state == ModemState.FAILED:
        gone = modem.failed_reason in (FailedReason.SIM_MISSING, FailedReason.ESIM_WITHOUT_PROFILES)
        return SimState.MISSING if gone else SimState.FAILED
    if modem.lock == Lock.SIM_PIN:
        return _LOCKED[pin]
    if modem.lock == Lock.SIM_PUK:
        return SimState.PUK_NEEDED
    if modem.lock not in OPEN:
        return SimState.FAILED
    return SimState.READY if modem.state >= ModemState.DISABLED else SimState.UNKNOWN


_LOCKED: Final = {
    PinTrouble.NONE: SimState.UNKNOWN,
    PinTrouble.NO_PIN: SimState.PIN_NEEDED,
    PinTrouble.REFUSED: SimState.PIN_WRONG,
    PinTrouble.TOO_FEW_TRIES: SimState.PIN_WRONG,
}


def _registration(modem: Modem, *, roaming: bool) -> Registration:
    found = _REGISTRATIONS.get(modem.registration, Registration.UNKNOWN)
    if found is Registration.UNKNOWN and modem.state == ModemState.SEARCHING:
        return Registration.SEARCHING
    if found is Registration.ROAMING and not roaming:
        return Registration.ROAMING_REFUSED
    return found


def _technology(bits: int) -> Technology:
    if bits in (0, _ANY_TECHNOLOGY):
        return Technology.NONE if bits == 0 else Technology.UNKNOWN
    return next((technology for bit, technology in _TECHNOLOGIES if bits & bit), Technology.UNKNOWN)


def _word(strength: float, steps: Steps, *, registered: bool) -> Signal:
    if strength >= steps.fair:
        return Signal.GOOD if strength >= steps.good else Signal.FAIR
    return Signal.WEAK if registered or strength >= steps.weak else Signal.NONE
