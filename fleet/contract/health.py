"""Health: how a kit is, without a word about whom it visits.

Every part is optional, because a kit reports what it can measure. A missing device is a state with a name
(`missing`), never a missing report.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from fleet.contract.limits import (
    PRINTABLE,
    Code,
    Count,
    DeviceState,
    GuardState,
    Hex32,
    LinkVerdict,
    Milliseconds,
    Name,
    Percent,
    Registration,
    Share,
    Signal,
    SimState,
    Technology,
    UplinkKind,
    VisitState,
)

FramesPerSecond = Annotated[float, Meta(ge=0, le=240)]


class Sample(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of the parts of a health report; absent values are left out on the wire."""


class Battery(Sample, frozen=True):
    """What UPower says; `percent` 0..100."""

    percent: Percent
    charging: bool


class Memory(Sample, frozen=True):
    """Main memory in MiB; `available` as the kernel's MemAvailable."""

    total_mb: Count
    available_mb: Count


class Storage(Sample, frozen=True):
    """Free space of the data partition in MiB; wear of the life time, where the disk tells."""

    free_mb: Count
    wear_percent: Percent | None = None


class Uplink(Sample, frozen=True):
    """The link in use. Never a network's name or address."""

    kind: UplinkKind
    technology: Technology = "unknown"
    signal: Signal | None = None


class Mobile(Sample, frozen=True):
    """The kit's own mobile broadband, also while another link is in use. Never what card, number or operator.

    Megabytes (10^6 bytes) are of this calendar month, both ways; a budget of 0 is none.
    """

    sim: SimState
    registration: Registration = "unknown"
    technology: Technology = "none"
    signal: Signal = "none"
    used_mb: Count = 0
    budget_mb: Count = 0


class LinkTest(Sample, frozen=True):
    """The last link test of one uplink. Rates in kbit/s; loss and gap are those of the worse way.

    Without figures: the region took the kit, and no media came back.
    """

    kind: UplinkKind
    verdict: LinkVerdict
    age_s: Count
    up_kbps: Count | None = None
    down_kbps: Count | None = None
    round_trip_ms: Milliseconds | None = None
    jitter_ms: Milliseconds | None = None
    lost_share: Share | None = None
    longest_gap_ms: Milliseconds | None = None


class Device(Sample, frozen=True):
    """Camera, microphone or speaker. `model` is the name of the product, never one given by a user."""

    state: DeviceState
    model: Annotated[str, Meta(max_length=60, pattern=PRINTABLE)] | None = None


class CallQuality(Sample, frozen=True):
    """The last interval of the call. Shares 0..1, times in ms, rates in kbit/s, frames in 1/s."""

    fps_sent: FramesPerSecond | None = None
    fps_received: FramesPerSecond | None = None
    freezes: Count | None = None
    frozen_s: Annotated[float, Meta(ge=0, le=10**6)] | None = None
    """Of the whole call, as `freezes`."""
    lost_share: Share | None = None
    concealed_share: Share | None = None
    round_trip_ms: Milliseconds | None = None
    jitter_buffer_ms: Milliseconds | None = None
    sent_kbps: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    received_kbps: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    available_kbps: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    """What the path is believed to carry of what is sent."""
    limited_by: Literal["cpu", "bandwidth", "other"] | None = None
    """What holds the sent picture down; absent where nothing does."""
    sound_only: bool | None = None
    """Pictures are not sent: the network carries the sound only."""
    xruns: Count | None = None
    """How often the sound cards ran dry or over."""
    damaged_pictures: Count | None = None
    """Of the camera and of the others, which could not be decoded."""
    refused_packets: Count | None = None
    """Of the network's, beyond what WebRTC and the limits allow. These three are of the whole call."""


class Health(Sample, frozen=True, tag_field="type", tag="health"):
    """One sample of a kit. `load` is the one-minute average; `refused` counts refused input since boot."""

    boot: Hex32 | None = None
    uptime_s: Annotated[float, Meta(ge=0, le=10**9)] | None = None
    software: Name | None = None
    battery: Battery | None = None
    temperature_c: Annotated[float, Meta(ge=-60, le=200)] | None = None
    load: Annotated[float, Meta(ge=0, le=10_000)] | None = None
    memory: Memory | None = None
    storage: Storage | None = None
    outbox_depth: Count | None = None
    uplink: Uplink | None = None
    mobile: Mobile | None = None
    """Absent where the kit is not meant to have any."""
    link_tests: Annotated[tuple[LinkTest, ...], Meta(max_length=4)] = ()
    """Since boot, one of each uplink."""
    guard: GuardState | None = None
    """Of the process that owns the firewall and removes patients' networks: it is well, does not answer, or
    answers that the firewall cannot be put in force. Absent where none is."""
    camera: Device | None = None
    microphone: Device | None = None
    speaker: Device | None = None
    encoder: Code | None = None
    """In a call the one in use: another than before means that the first has failed."""
    encoder_ms: Milliseconds | None = None
    """What it takes for a picture: in a call now, otherwise as measured when it was chosen."""
    encoder_cpu: Annotated[float, Meta(ge=0, le=64)] | None = None
    """CPU seconds per second of video, measured when it was chosen."""
    visit: VisitState = "idle"
    refused: Annotated[dict[Code, Count], Meta(max_length=64)] = {}
    call: CallQuality | None = None
