"""What is wrong in a health sample: a list of findings, worst first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from fleet.contract import Device, Health

Severity = Literal["ill", "attention"]
FindingCode = Literal[
    "camera",
    "microphone",
    "speaker",
    "battery_empty",
    "battery_low",
    "hot",
    "warm",
    "storage_full",
    "storage_low",
    "outbox_filling",
    "no_uplink",
    "weak_signal",
    "mobile",
    "network_denied",
    "abroad",
    "data_nearly_used",
    "data_used",
    "guard",
]

BATTERY_EMPTY: Final = 10.0
BATTERY_LOW: Final = 25.0
HOT_C: Final = 85.0
"""Processors of the kits' kinds slow themselves down here, and the picture stutters."""
WARM_C: Final = 75.0
STORAGE_FULL_MB: Final = 200
STORAGE_LOW_MB: Final = 1000
OUTBOX_FILLING: Final = 500
DATA_NEARLY: Final = 0.8
"""Of the card's budget for a month."""


class Finding(Struct, frozen=True):
    """One thing that is wrong.

    `value` is the measured number, `word` the state of a device, the mobile broadband's card or the guard.
    """

    code: FindingCode
    severity: Severity
    value: float | None = None
    word: str = ""


def findings(health: Health) -> tuple[Finding, ...]:
    """All findings of a sample, the worst first."""
    found = [*_devices(health), *_battery(health), *_machine(health), *_network(health), *_mobile(health)]
    return tuple(sorted(found, key=lambda finding: finding.severity != "ill"))


_DEVICE_SEVERITY: Final[dict[str, Severity]] = {
    "missing": "ill",
    "failed": "ill",
    "silent": "ill",
    "busy": "attention",
    "low_volume": "attention",
}


def _devices(health: Health) -> Iterator[Finding]:
    devices: tuple[tuple[FindingCode, Device | None], ...] = (
        ("camera", health.camera),
        ("microphone", health.microphone),
        ("speaker", health.speaker),
    )
    for code, device in devices:
        if device is not None and device.state in _DEVICE_SEVERITY:
            yield Finding(code, _DEVICE_SEVERITY[device.state], word=device.state)


def _battery(health: Health) -> Iterator[Finding]:
    battery = health.battery
    if battery is None or battery.charging:
        return
    if battery.percent <= BATTERY_EMPTY:
        yield Finding("battery_empty", "ill", battery.percent)
    elif battery.percent <= BATTERY_LOW:
        yield Finding("battery_low", "attention", battery.percent)


def _machine(health: Health) -> Iterator[Finding]:
    heat = health.temperature_c
    if heat is not None and heat >= WARM_C:
        yield Finding("hot", "ill", heat) if heat >= HOT_C else Finding("warm", "attention", heat)
    if health.storage is not None and health.storage.free_mb < STORAGE_LOW_MB:
        free = health.storage.free_mb
        full = free < STORAGE_FULL_MB
        yield Finding("storage_full" if full else "storage_low", "ill" if full else "attention", free)
    if health.outbox_depth is not None and health.outbox_depth >= OUTBOX_FILLING:
        yield Finding("outbox_filling", "attention", health.outbox_depth)


def _network(health: Health) -> Iterator[Finding]:
    if health.guard in ("silent", "failed"):
        yield Finding("guard", "ill", word=health.guard)
    if health.uplink is None:
        return
    if health.uplink.kind == "none":
        yield Finding("no_uplink", "attention")
    elif health.uplink.signal in ("none", "weak"):
        yield Finding("weak_signal", "attention")


def _mobile(health: Health) -> Iterator[Finding]:
    """A kit whose mobile broadband cannot work is ill, also while a cable carries it: homes have none."""
    mobile = health.mobile
    if mobile is None or mobile.sim == "unknown":
        return
    if mobile.sim != "ready":
        yield Finding("mobile", "ill", word=mobile.sim)
    elif mobile.registration == "denied":
        yield Finding("network_denied", "attention")
    elif mobile.registration == "roaming_refused":
        yield Finding("abroad", "attention")
    if mobile.budget_mb and mobile.used_mb >= DATA_NEARLY * mobile.budget_mb:
        used = 100 * mobile.used_mb / mobile.budget_mb
        yield Finding("data_used" if used >= 100 else "data_nearly_used", "attention", used)
