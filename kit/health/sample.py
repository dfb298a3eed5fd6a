"""From what the machine, the engine and the agent tell to a health report. Pure.

What does not fit the contract's limits is brought within them here, so that one odd sensor does not cost
the whole report.
"""

from __future__ import annotations

import math
import re
from typing import Final, Literal

from msgspec.structs import replace

from fleet.contract import Battery, CallQuality, Device, Health, LinkTest, Memory, Mobile, Storage, Uplink
from kit.health.words import LinkFound, Seen
from kit.hw.power import BatteryState
from kit.hw.readings import Readings
from kit.ipc import call, network, state
from kit.network import uplink as link

_UNPRINTABLE: Final = re.compile(r"[\u0000-\u001f\u007f]")
_NO_CODE: Final = re.compile(r"[^a-z0-9_]+")
_LONGEST_MODEL: Final = 60
_LONGEST_CODE: Final = 40
_LIMITATIONS: dict[call.Limitation, Literal["cpu", "bandwidth", "other"] | None] = {
    call.Limitation.NONE: None,
    call.Limitation.CPU: "cpu",
    call.Limitation.BANDWIDTH: "bandwidth",
    call.Limitation.OTHER: "other",
}
_CONDITIONS: Final[dict[state.Condition, Literal["ok", "failed", "missing", "unknown"]]] = {
    state.Condition.OK: "ok",
    state.Condition.WARN: "ok",
    state.Condition.BAD: "failed",
    state.Condition.MISSING: "missing",
    state.Condition.UNKNOWN: "unknown",
}


def health(
    readings: Readings, seen: Seen, *, software: str, outbox_depth: int, refused: dict[str, int]
) -> Health:
    """One sample."""
    machine = readings.machine
    encoder, encoder_ms, encoder_cpu = _encoder(seen)
    return Health(
        boot=machine.boot,
        uptime_s=machine.uptime_s,
        software=software,
        battery=_battery(readings),
        temperature_c=_within(readings.thermal.celsius, -60, 200),
        load=_within(machine.load, 0, 10_000),
        memory=_memory(readings),
        storage=_storage(readings),
        outbox_depth=outbox_depth,
        uplink=_uplink(readings.link, seen.mobile),
        mobile=None if seen.mobile is None else _mobile(seen.mobile),
        link_tests=tuple(map(_link_test, seen.link_tests)),
        guard=None if seen.guard is None else seen.guard.value,
        camera=_device(seen.camera),
        microphone=_device(seen.microphone),
        speaker=_device(seen.speaker),
        encoder=_code(encoder),
        encoder_ms=_within(encoder_ms, 0, 600_000),
        encoder_cpu=_within(encoder_cpu, 0, 64),
        visit="visit" if seen.visit else "idle",
        refused=refused,
        call=None if seen.quality is None else _call(seen.quality),
    )


def salient(sample: Health) -> tuple[object, ...]:
    """The part of a sample whose change is worth a report of its own, soon."""
    return (
        sample.visit,
        sample.encoder,
        *(device and device.state for device in (sample.camera, sample.microphone, sample.speaker)),
        sample.uplink and sample.uplink.kind,
        sample.mobile and (sample.mobile.sim, sample.mobile.registration),
        sample.guard,
        sample.battery and sample.battery.charging,
        sample.call is None,
    )


def _battery(readings: Readings) -> Battery | None:
    shown = readings.battery_shown()
    if readings.power.battery is BatteryState.NONE or shown.percent is None:
        return None
    return Battery(percent=shown.percent, charging=shown.charging)


def _memory(readings: Readings) -> Memory | None:
    total, available = readings.machine.memory_total_mb, readings.machine.memory_available_mb
    if total is None or available is None:
        return None
    return Memory(total_mb=total, available_mb=available)


def _storage(readings: Readings) -> Storage | None:
    if readings.storage is None:
        return None
    return Storage(free_mb=readings.storage.free_mb, wear_percent=readings.storage.wear_percent)


def _uplink(used: link.Link, own: network.Mobile | None) -> Uplink:
    """The link in use; of a modem's only its manager knows technology and signal."""
    if used.uplink is network.Uplink.MOBILE and own is not None:
        return Uplink(kind="mobile", technology=own.technology.value, signal=own.signal.value)
    return Uplink(kind=used.uplink.value, technology=used.technology, signal=used.signal)


def _mobile(own: network.Mobile) -> Mobile:
    return Mobile(
        sim=own.sim.value,
        registration=own.registration.value,
        technology=own.technology.value,
        signal=own.signal.value,
        used_mb=own.used_mb,
        budget_mb=own.budget_mb,
    )


def _link_test(found: LinkFound) -> LinkTest:
    figures = found.figures
    test = LinkTest(kind=found.uplink.value, verdict=found.verdict.value, age_s=max(0, int(found.age_s)))
    if figures is None:
        return test
    return replace(
        test,
        up_kbps=figures.up_kbps,
        down_kbps=figures.down_kbps,
        round_trip_ms=figures.round_trip_ms,
        jitter_ms=figures.jitter_ms,
        lost_share=_share(figures.loss_percent),
        longest_gap_ms=figures.longest_gap_ms,
    )


def _device(seen: state.Device) -> Device:
    """``label`` is what the driver calls the product, never a name given by somebody."""
    model = _UNPRINTABLE.sub("", seen.label)[:_LONGEST_MODEL] or None
    if seen.simulated and seen.condition in (state.Condition.OK, state.Condition.WARN):
        return Device(state="simulated", model=model)
    return Device(state=_CONDITIONS[seen.condition], model=model)


def _code(name: str) -> str | None:
    """``H264 (V4L2 M2M)`` as the code ``h264_v4l2_m2m``."""
    code = _NO_CODE.sub("_", name.lower()).lstrip("_0123456789")[:_LONGEST_CODE]
    return code.rstrip("_") or None


def _encoder(seen: Seen) -> tuple[str, float | None, float | None]:
    """What encodes, its ms a picture, its CPU seconds a second: in a call of the one that is in use there."""
    chosen = seen.encoder, seen.encoder_ms, seen.encoder_cpu
    call = seen.quality
    if call is None or not call.encoder:
        return chosen
    name, milliseconds, cpu = chosen if call.encoder == seen.encoder else (call.encoder, None, None)
    return name, milliseconds if call.encode_ms is None else call.encode_ms, cpu


def _call(quality: call.Quality) -> CallQuality:
    return CallQuality(
        fps_sent=_within(quality.send_fps, 0, 240),
        fps_received=_within(quality.receive_fps, 0, 240),
        freezes=max(0, quality.freeze_count),
        frozen_s=_within(quality.freeze_seconds, 0, 10**6),
        lost_share=_share(quality.packets_lost_percent),
        concealed_share=_share(quality.concealed_percent),
        round_trip_ms=_within(quality.round_trip_ms, 0, 600_000),
        jitter_buffer_ms=_within(quality.jitter_buffer_ms, 0, 600_000),
        sent_kbps=_within(quality.send_kbps, 0, 1_000_000),
        received_kbps=_within(quality.receive_kbps, 0, 1_000_000),
        available_kbps=_within(quality.available_kbps, 0, 1_000_000),
        limited_by=_LIMITATIONS[quality.limited_by],
        sound_only=quality.video_stopped or None,
        xruns=max(0, quality.xruns),
        damaged_pictures=max(0, quality.damaged_pictures),
        refused_packets=max(0, quality.refused_packets),
    )


def _share(percent: float | None) -> float | None:
    return _within(None if percent is None else percent / 100, 0, 1)


def _within(value: float | None, least: float, most: float) -> float | None:
    """The value brought within the limits; what is no number is not known."""
    return None if value is None or math.isnan(value) else min(most, max(least, value))
