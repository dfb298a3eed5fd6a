"""What the agent and the holder of the patient's Wi-Fi tell each other: one JSON message a line, by pipes.

The agent says :class:`Hold` once and keeps the pipe open; closing it ends the Wi-Fi. The holder says
:class:`Told` at each step. A password never is an argument or in an environment, which others can read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from kit.ipc.network import WifiTrouble
from kit.network.wifi.names import MAX_BYTES
from kit.network.wifi.security import Access

MAX_LINE: Final = 4096
MAX_LIMIT_S: Final = 7200.0
JOIN_S: Final = 60.0
"""From the call to an address. WPA3 takes up to 8 s, a slow router 20 s for an address."""


class Hold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which network, and for how long. Its repr says nothing."""

    uuid: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    interface: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,15}$")]
    access_point: Annotated[str, Meta(pattern=r"^/org/freedesktop/NetworkManager/AccessPoint/[0-9]{1,9}$")]
    """Its object path, from the scan. Without one NetworkManager would shout the name on every channel."""
    ssid: Annotated[bytes, Meta(min_length=1, max_length=MAX_BYTES)]
    access: Access
    key: Annotated[str, Meta(max_length=512)]
    """As :func:`kit.network.wifi.security.key` makes it."""
    hidden: bool = False
    limit_s: Annotated[float, Meta(gt=0, le=MAX_LIMIT_S)]

    def __repr__(self) -> str:
        return "Hold(…)"


class Step(StrEnum):
    """How far the holder is."""

    JOINING = "joining"
    """NetworkManager has the profile, and it is the one that was meant."""
    ADDRESS = "address"
    """Let in; waiting for an address."""
    ON = "on"
    ENDED = "ended"
    """It is over, and the process ends; the trouble says why."""


class Told(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step."""

    step: Step
    trouble: WifiTrouble = WifiTrouble.NONE


_Message = TypeVar("_Message", Hold, Told)


class Unreadable(Exception):  # noqa: N818 - it names what the line is
    """A line that does not fit. Says nothing of it."""


def encode(message: Hold | Told) -> bytes:
    """Return the message as one line."""
    return msgspec.json.encode(message) + b"\n"


def read_hold(line: bytes) -> Hold:
    """Read the agent's line; Unreadable when it does not fit."""
    return _decode(line, Hold)


def read_told(line: bytes) -> Told:
    """Read the holder's line; Unreadable when it does not fit."""
    return _decode(line, Told)


def _decode(line: bytes, kind: type[_Message]) -> _Message:
    # An error's text quotes what was wrong, and its cause the whole.
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable from None
