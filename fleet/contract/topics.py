"""Topics, and how each is sent. The broker lets a kit write `kits/<itself>/#` and read its `cmd/#`."""

from __future__ import annotations

import re
from typing import Final, Literal

from msgspec import Struct

from fleet.contract.commands import Ack, Case, Desired
from fleet.contract.limits import END
from fleet.contract.reports import Presence, Report

ChannelName = Literal["report", "presence", "cmd/ack", "cmd/desired", "cmd/case"]


class Channel(Struct, frozen=True, kw_only=True):
    """How one kind of message travels. `expiry_s` is MQTT 5 message expiry, None for never."""

    name: ChannelName
    by_kit: bool
    qos: Literal[0, 1]
    retain: bool
    message: type[Struct]
    about: str
    expiry_s: int | None = None


REPORT: Final = Channel(
    name="report",
    by_kit=True,
    qos=1,
    retain=False,
    message=Report,
    about="Reports of a kit's numbered stream",
)
PRESENCE: Final = Channel(
    name="presence",
    by_kit=True,
    qos=1,
    retain=True,
    message=Presence,
    about="Online or offline; also the last will",
)
ACK: Final = Channel(
    name="cmd/ack",
    by_kit=False,
    qos=1,
    retain=False,
    message=Ack,
    expiry_s=300,
    about="Highest contiguous report that is committed; sent again when a report is repeated",
)
DESIRED: Final = Channel(
    name="cmd/desired",
    by_kit=False,
    qos=1,
    retain=True,
    message=Desired,
    about="The whole desired state of a kit",
)
CASE: Final = Channel(
    name="cmd/case",
    by_kit=False,
    qos=1,
    retain=True,
    message=Case,
    about="State of the kit's latest fault case",
)

CHANNELS: Final = (REPORT, PRESENCE, ACK, DESIRED, CASE)
CONTENT_TYPE: Final = "application/json"

_TOPIC = re.compile(r"^kits/(kit-[0-9]{4,6})/(" + "|".join(re.escape(c.name) for c in CHANNELS) + ")" + END)
_BY_NAME = {channel.name: channel for channel in CHANNELS}


def topic(channel: Channel, kit: str) -> str:
    """The topic of one kit: `topic(REPORT, "kit-0007")` is `kits/kit-0007/report`."""
    return f"kits/{kit}/{channel.name}"


def all_kits(channel: Channel) -> str:
    """The filter that the fleet subscribes to."""
    return f"kits/+/{channel.name}"


def parse_topic(name: str) -> tuple[str, Channel] | None:
    """Kit and channel of a topic, or None when it is not one of ours."""
    match = _TOPIC.match(name)
    if match is None:
        return None
    channel: ChannelName = match[2]  # type: ignore[assignment]
    return match[1], _BY_NAME[channel]
