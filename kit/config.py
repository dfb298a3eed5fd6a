"""The kit's own configuration: one TOML file, written by provisioning, read once by agent and engine.

What the region changes while the kit is in use (name of the unit, agreement, meetings, allowed hosts) is not
here: that is the desired state which the fleet sends (``fleet.contract``).
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from kit.portal.site import Portal
from kit.visit.model import Policy

Port = Annotated[int, Meta(ge=1, le=65535)]


class ConfigInvalid(Exception):  # noqa: N818 - it names what is wrong
    """The file cannot be read or does not fit; the text names the place, never a value."""


class Broker(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fleet's MQTT broker and the kit's own key and certificate (PEM files)."""

    host: str
    port: Port
    ca: Path
    certificate: Path
    key: Path


class Registration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The kit as a device that can be called. The password is in a file that only the kit may read (0600)."""

    host: Annotated[str, Meta(min_length=1, max_length=260)]
    alias: Annotated[str, Meta(min_length=1, max_length=250)]
    user: Annotated[str, Meta(min_length=1, max_length=250)]
    password_file: Path


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom staff reaches at once with one tap: a standing room, or an alias that the service dials."""

    label: Annotated[str, Meta(min_length=1, max_length=40)]
    link: Annotated[str, Meta(min_length=1, max_length=1024)]
    """A meeting link or a code, read as if staff had typed it."""


class Relay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A TURN server for rooms that name none themselves. The credential is in a file, as passwords are."""

    urls: Annotated[tuple[Annotated[str, Meta(max_length=260)], ...], Meta(min_length=1, max_length=8)]
    username: Annotated[str, Meta(max_length=250)]
    credential_file: Path


Address = Annotated[
    str, Meta(max_length=200, pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._-]+)*/?$")
]


class Login(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The region's backend that logins on somebody's phone lead back to (``python -m fleet.web.returns``)."""

    shown: Address
    """What the phone opens."""
    collect: Address
    """What the kit asks, with its own certificate."""


class Meeting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How rooms are reached until the fleet says otherwise."""

    allowed_hosts: Annotated[tuple[str, ...], Meta(max_length=50)]
    """``name`` or ``name:port``. The first is where a typed code leads."""
    ca: Path | None = None
    """Trust these authorities for the rooms' certificates instead of the system's."""
    portals: Annotated[tuple[Portal, ...], Meta(max_length=20)] = ()
    """Portals that exist only as web pages: ``[[meeting.portals]]``."""
    echo_alias: str = "eko"
    test_room: Annotated[str, Meta(max_length=1024)] = ""
    """Link to the region's test room, until the fleet names one."""
    phone: Annotated[str, Meta(max_length=24, pattern=r"^[0-9+ -]*$")] = ""
    """The number by which one takes part without video, until the fleet names one."""
    display_name: Annotated[str, Meta(max_length=120)] = "Hembesök"
    login: Login | None = None
    """Without it rooms that want a login cannot be joined."""
    registration: Registration | None = None
    """Without it nobody can call the kit."""
    contacts: Annotated[tuple[Contact, ...], Meta(max_length=4)] = ()
    relays: Annotated[tuple[Relay, ...], Meta(max_length=4)] = ()
    """For Janus, whose rooms name none: without them media needs a path of its own to the server."""


class Camera(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``source``: ``auto`` (whichever camera is there), ``generated`` (demo, training), ``picamera2``, or a
    device path."""

    source: str = "auto"
    width: Annotated[int, Meta(ge=160, le=1920)] = 1280
    height: Annotated[int, Meta(ge=90, le=1080)] = 720
    fps: Annotated[int, Meta(ge=5, le=60)] = 30


class SecondCamera(Camera, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document or rear camera, shown beside the main picture. ``auto``: any camera but the kit's own."""

    width: Annotated[int, Meta(ge=160, le=1920)] = 1920
    height: Annotated[int, Meta(ge=90, le=1080)] = 1080
    fps: Annotated[int, Meta(ge=1, le=30)] = 15


UsbId = Annotated[str, Meta(pattern="^[0-9a-f]{4}:[0-9a-f]{4}$")]


class Sound(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Speaker and microphone: ``auto``, or ALSA's name of a device (``default``, ``pulse``, ``plughw:1``)."""

    playback: str = "auto"
    capture: str = "auto"
    processing: Literal["auto", "on", "off"] = "auto"
    """Echo, noise and gain: ``auto`` leaves them to a speakerphone that does it itself."""
    cancelling: Annotated[tuple[UsbId, ...], Meta(max_length=100)] = (
        "046d:0846",
        "046d:0857",
        "046d:0882",
        "0b0e:0410",
        "0b0e:0420",
        "0b0e:0422",
        "0b0e:2456",
    )
    """Such speakerphones, where they do not say so in their USB descriptors: Logitech's for conferences and
    Jabra Speak 410, 510 and 810 (numbers by the usb.ids database)."""


class Mobile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The kit's own mobile broadband, as its card's operator wants it."""

    apn: Annotated[str, Meta(max_length=100, pattern=r"^[A-Za-z0-9._-]*$")] = ""
    """Without it the operator's default is taken."""
    user: Annotated[str, Meta(max_length=64)] = ""
    password_file: Path | None = None
    pin_file: Path | None = None
    """The card's PIN, in a file that only the kit may read (0600)."""
    roaming: bool = False
    """Whether the kit may use foreign networks."""
    budget_mb: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    """What the card may use in a month, both ways; 0 without such a limit."""


class Enterprise(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """IEEE 802.1X. The server must show a certificate of ``ca`` for a name below ``domain``."""

    method: Literal["eap-tls", "peap"]
    """EAP-TLS with the kit's own certificate, or PEAP with MSCHAPv2."""
    identity: Annotated[str, Meta(min_length=1, max_length=250, pattern=r"^[^\x00-\x1f\x7f]+$")]
    domain: Annotated[str, Meta(min_length=1, max_length=250, pattern=r"^[A-Za-z0-9.-]+$")]
    ca: Path
    certificate: Path | None = None
    """With its key: instead of those that the kit has for the fleet's broker."""
    key: Path | None = None
    password_file: Path | None = None
    """For PEAP, as other passwords are."""


class CareWifi(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Wi-Fi that the region or the municipality has provisioned; the first is preferred."""

    ssid: Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f]+$")]
    key_file: Path | None = None
    """8 to 63 characters for WPA2 and WPA3 with a password."""
    login: Enterprise | None = None
    hidden: bool = False

    def __repr__(self) -> str:
        """Say nothing: a network's name is in no log."""
        return "CareWifi(…)"


class Networks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the kit may connect to by itself, beside its mobile broadband."""

    care_wifi: Annotated[tuple[CareWifi, ...], Meta(max_length=8)] = ()
    cable: Enterprise | None = None
    """For sockets in the wall that want 802.1X; others take any cable all the same."""


class Probe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of the region's own server by plain HTTP, and the exact text that only it answers with (200).

    It tells whether a patient's Wi-Fi leads out, or to somebody's page for logging in.
    """

    url: Annotated[
        str, Meta(max_length=300, pattern=r"^http://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9/._-]*$")
    ]
    answer: Annotated[str, Meta(min_length=1, max_length=200)]


Cidr = Annotated[str, Meta(max_length=43, pattern=r"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$")]


class Region(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the firewall lets out beside the hosts that are named elsewhere here."""

    networks: Annotated[tuple[Cidr, ...], Meta(max_length=64)] = ()
    """Where meeting nodes and relays are, by address: a call names their addresses, which no name leads to.
    Hosts of ``*.`` entries must be there, too."""
    hosts: Annotated[
        tuple[Annotated[str, Meta(max_length=253, pattern=r"^[A-Za-z0-9.-]+$")], ...], Meta(max_length=16)
    ] = ()
    """Names that are reached by HTTPS, but not from a patient's network: updates, enrolment."""

    def __post_init__(self) -> None:
        """Check what a type cannot say."""
        for network in self.networks:
            ip_network(network)


class KitConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is fixed for one kit."""

    kit_id: Annotated[str, Meta(pattern=r"^kit-[0-9]{4,6}$")]
    run_dir: Path
    """Sockets; gone at power-off."""
    state_dir: Path
    """What must outlive a restart: the outbox and the desired state."""
    broker: Broker
    meeting: Meeting
    camera: Camera = Camera()
    second_camera: SecondCamera = SecondCamera()
    sound: Sound = Sound()
    policy: Policy = Policy()
    mobile: Mobile | None = None
    """Without it the kit leaves its modem alone."""
    networks: Networks = Networks()
    region: Region = Region()
    wifi_probe: Probe | None = None
    """Without it a patient's Wi-Fi that gives an address counts as one that leads out."""
    loopback_media: bool = False
    """Offer 127.0.0.1 as an ICE candidate too: the room runs on this machine."""
    health_interval_s: Annotated[float, Meta(ge=1, le=3600)] = 60.0


def load(path: Path) -> KitConfig:
    """Read the file; relative paths in it are relative to the file. ConfigInvalid tells what is wrong."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=KitConfig, dec_hook=_paths_below(path.parent))
    except OSError as error:
        raise ConfigInvalid("the configuration file cannot be read") from error
    except msgspec.DecodeError as error:
        raise ConfigInvalid(str(error)) from None


def _paths_below(folder: Path) -> Callable[[type, object], object]:
    def decode(kind: type, value: object) -> object:
        if kind is Path and isinstance(value, str):
            return folder / value
        raise NotImplementedError

    return decode
