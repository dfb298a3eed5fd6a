"""What rooms there are and how the server behaves; typed, with limits, read from TOML."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

Alias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._@åäöÅÄÖ-]{1,64}$")]
"""No ``/``, ``#``, ``%`` or ``+``: Pexip's SDK puts it unescaped into the address of the event stream."""

Pin = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4,20}$")]


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An identity provider; whoever presses the button on its page is logged in."""

    uuid: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
    name: Annotated[str, msgspec.Meta(max_length=80)]


class RoomConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One meeting room."""

    alias: Alias
    title: Annotated[str, msgspec.Meta(max_length=80)] = ""
    host_pin: Pin | None = None
    """Without it everyone is host. With it guests wait until a host is there."""
    guest_pin: Pin | None = None
    """Without it, in a room with a host PIN, guests say ``pin: none``."""
    capacity: Annotated[int, msgspec.Meta(ge=0, le=100)] = 12
    locked: bool = False
    """Locked from the start: whoever is not host waits until admitted."""
    lecture: bool = False
    """Guests are muted and see and hear hosts only."""
    guests_can_present: bool = True
    reception: bool = False
    """No room by itself: asks for a number, and leads to the room that has it."""
    number: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,20}$")] | None = None
    """By which receptions lead here."""
    providers: tuple[Provider, ...] = ()
    """Whoever comes must log in with one of these."""
    captions: bool = False
    """What is said can be written; the lab says it."""
    echo: bool = False
    """Every visitor gets a room of their own, with a participant that returns picture and sound."""


class DeviceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device that may register, to be called."""

    alias: Alias
    user: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class PictureConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The composed picture that each participant is sent."""

    width: Annotated[int, msgspec.Meta(ge=320, le=1280, multiple_of=4)] = 640
    height: Annotated[int, msgspec.Meta(ge=180, le=720, multiple_of=4)] = 360
    fps: Annotated[int, msgspec.Meta(ge=5, le=30)] = 25
    max_bitrate: Annotated[int, msgspec.Meta(ge=100_000, le=4_000_000)] = 1_200_000
    """Bits per second, for what is sent and for what clients are asked to send."""
    codec: Literal["H264", "VP8", "offer"] = "H264"
    """Which of the offered codecs is answered first; ``offer`` leaves the order to the client."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Times in seconds and counts."""

    token_s: Annotated[int, msgspec.Meta(ge=1, le=600)] = 120
    token_grace_s: Annotated[float, msgspec.Meta(ge=0, le=60)] = 8
    """How long a token is still good after it was replaced: a request may be under way."""
    pin_attempts: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    pin_lockout_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 60
    host_wait_s: Annotated[float, msgspec.Meta(ge=1, le=7200)] = 900
    """How long a guest waits for a host or for admission."""
    guests_only_s: Annotated[float, msgspec.Meta(ge=0, le=7200)] = 60
    """How long guests stay after the last host has left."""
    participants: Annotated[int, msgspec.Meta(ge=1, le=500)] = 40
    """In the whole server."""
    statistics_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 5000
    """How often clients are asked to post their call statistics; 0: never."""
    ring_s: Annotated[float, msgspec.Meta(ge=1, le=600)] = 60
    """How long a device rings before the call is given up."""
    echo_delay_s: Annotated[float, msgspec.Meta(ge=0, le=5)] = 0.8


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole configuration file."""

    rooms: tuple[RoomConfig, ...] = ()
    devices: tuple[DeviceConfig, ...] = ()
    picture: PictureConfig = PictureConfig()
    limits: Limits = Limits()


DEFAULT_ROOMS = (
    RoomConfig("hembesok", title="Hembesök", host_pin="1234"),
    RoomConfig("konsult", title="Konsultation", host_pin="1234", guest_pin="5678"),
    RoomConfig("eko", title="Provsamtal", echo=True),
    RoomConfig("oppet", title="Öppet rum"),
    RoomConfig("last", title="Låst rum", host_pin="1234", locked=True),
    RoomConfig("information", title="Informationsmöte", host_pin="1234", lecture=True),
    RoomConfig("litet", title="Litet rum", capacity=2),
    RoomConfig("mottagning", title="Mottagning", reception=True),
    RoomConfig("bokat", title="Bokat möte", number="4711"),
    RoomConfig("inloggat", title="Möte med inloggning", providers=(Provider("siths", "SITHS eID"),)),
    RoomConfig(
        "valbart",
        title="Möte med val av inloggning",
        providers=(Provider("siths", "SITHS eID"), Provider("bankid", "BankID")),
    ),
    RoomConfig("textat", title="Textat möte", captions=True),
    RoomConfig("fullt", title="Fullt rum", capacity=0),
)
DEFAULT_DEVICES = (DeviceConfig("enhet-07", user="enhet-07", password="bara-for-ovning"),)  # noqa: S106


def default_config() -> Config:
    """The rooms and devices that training, tests and the demo use."""
    return Config(rooms=DEFAULT_ROOMS, devices=DEFAULT_DEVICES)


def load(path: Path) -> Config:
    """Read a configuration; ValueError (msgspec.ValidationError) says what does not fit."""
    config = msgspec.toml.decode(path.read_bytes(), type=Config)
    return config if config.rooms else msgspec.structs.replace(config, rooms=DEFAULT_ROOMS)
