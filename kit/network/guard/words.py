"""What the agent may say to the guard, and what the guard answers: one JSON message a line, by a Unix socket.

The kit's own form of the firewall lasts as long as the connection on which it was asked for.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from kit.network.wifi.traces import Trace

SOCKET: Final = Path("/run/kit-guard/socket")
MAX_LINE: Final = 4096


class Guest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="guest"):
    """A patient's network is to be joined, or has given ``resolvers``: by Wi-Fi nothing but the meeting."""

    resolvers: Annotated[tuple[Annotated[str, Meta(max_length=45)], ...], Meta(max_length=8)] = ()

    def __post_init__(self) -> None:
        """Take addresses only, and those without a link's name, which may be anything."""
        for resolver in self.resolvers:
            if "%" in resolver:
                raise ValueError("an address with the name of a link")
            ip_address(resolver)

    def __repr__(self) -> str:
        return "Guest(…)"


class Still(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="still"):
    """Whether what this connection asked for last is in force. A guard that hangs keeps its connections."""


class Own(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="own"):
    """Remove whatever is left of a patient's network; then, and only then, the kit's own form."""


Word = Guest | Own | Still


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of it. ``done``: the form that was asked for is in force."""

    done: bool
    profiles: Annotated[int, Meta(ge=0)] = 0
    """Of Own: profiles that were not from provisioning, before the removal."""
    left: frozenset[Trace] = frozenset()
    """Of Own: what is left behind, for which ``done`` is False."""


class Unreadable(Exception):  # noqa: N818 - it names what the line is
    """A line that does not fit. Says nothing of it."""


def encode(message: Word | Answer) -> bytes:
    """Return the message as one line."""
    return msgspec.json.encode(message) + b"\n"


def read_word(line: bytes) -> Word:
    """Read the agent's line; Unreadable when it does not fit."""
    try:
        word: Word = msgspec.json.decode(line, type=Word)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable from None
    return word


def read_answer(line: bytes) -> Answer:
    """Read the guard's line; Unreadable when it does not fit."""
    try:
        return msgspec.json.decode(line, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable from None
