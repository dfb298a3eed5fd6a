"""What a Pexip node says, with limits; unknown fields are ignored, a field of the wrong type is a refusal."""

from __future__ import annotations

import math
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from kit.meeting.room import IceServers, TurnServer

Short = Annotated[str, Meta(max_length=250)]
Uuid = Annotated[str, Meta(min_length=1, max_length=64)]
Sdp = Annotated[str, Meta(max_length=100_000)]
Flag = bool | str | int | None
"""Nodes mix true/false with "YES"/"NO"."""

_MIN_EXPIRES_S, _MAX_EXPIRES_S = 2.0, 3600.0
_DEFAULT_EXPIRES_S = 120.0

T = TypeVar("T")


class Unreadable(Exception):  # noqa: N818 - it names the answer
    """An answer that is not the JSON it should be."""


def decode(data: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Decode JSON of this type; Unreadable when it does not fit."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unreadable from None


def yes(flag: Flag) -> bool:
    """Whether a flag of either spelling is set."""
    return flag.upper() == "YES" if isinstance(flag, str) else bool(flag)


class Envelope(Struct, frozen=True):
    """Around every answer."""

    result: msgspec.Raw
    status: Short = ""


class Version(Struct, frozen=True):
    """``version_id`` is the release, for example "36"."""

    version_id: Annotated[str, Meta(max_length=20)] = ""


class Stun(Struct, frozen=True):
    """One STUN server."""

    url: Short


class Turn(Struct, frozen=True):
    """One TURN server."""

    urls: Annotated[list[Short], Meta(max_length=16)]
    username: Short = ""
    credential: Short = ""


class Token(Struct, frozen=True, kw_only=True):
    """A token and how long it lasts; ``expires`` are seconds, mostly as text."""

    token: Annotated[str, Meta(min_length=1, max_length=4096)]
    expires: str | float | None = None
    client_stats_update_interval: float | None = None

    @property
    def expires_s(self) -> float:
        """Lifetime in seconds, within sane bounds."""
        try:
            seconds = float(self.expires or _DEFAULT_EXPIRES_S)
        except ValueError:
            seconds = _DEFAULT_EXPIRES_S
        if not math.isfinite(seconds):
            seconds = _DEFAULT_EXPIRES_S
        return min(max(seconds, _MIN_EXPIRES_S), _MAX_EXPIRES_S)


class Granted(Token, frozen=True, kw_only=True):
    """200 of ``request_token``."""

    participant_uuid: Uuid
    current_service_type: Short = ""
    service_type: Short = ""
    version: Version = Version()
    stun: Annotated[list[Stun], Meta(max_length=16)] | None = None
    turn: Annotated[list[Turn], Meta(max_length=16)] | None = None
    use_relay_candidates_only: Flag = False
    trickle_ice_enabled: Flag = False
    chat_enabled: Flag = True
    guests_can_present: Flag = True
    role: Short = ""

    @property
    def waiting(self) -> bool:
        """Whether the room holds the client in its waiting room."""
        return (self.current_service_type or self.service_type) == WAITING_ROOM

    @property
    def servers(self) -> IceServers:
        """STUN and TURN as the media connection wants them."""
        return IceServers(
            tuple(server.url for server in self.stun or ()),
            turn_servers(self.turn),
            yes(self.use_relay_candidates_only),
        )


WAITING_ROOM = "waiting_room"


def turn_servers(turn: list[Turn] | None) -> tuple[TurnServer, ...]:
    """Return Pexip's list as the room's."""
    return tuple(TurnServer(tuple(t.urls), t.username, t.credential) for t in turn or ())


NOTHING = "none"
"""Pexip's word for no provider and no token of a login."""


class Ask(Struct, frozen=True, kw_only=True):
    """What the kit says when it asks for a seat. ``pin`` None: not said; ``"none"``: a guest without PIN."""

    name: str
    pin: str | None = None
    extension: str | None = None
    idp: str = NOTHING
    sso_token: str = NOTHING
    sso_target: str | None = None
    """Where the login leads back to; holds ``__pexip-sso-token__`` in the token's place."""
    token: str | None = None
    """For one time: from the room that sent the kit here, or from a call that rang."""

    def __repr__(self) -> str:
        """Say nothing: PIN and tokens are secret."""
        return "Ask(…)"

    @property
    def body(self) -> dict[str, object]:
        """As ``request_token`` takes it; the PIN goes in a header."""
        optional = {
            "conference_extension": self.extension,
            "sso_redirect_target": self.sso_target,
            "token": self.token,
        }
        return {
            "display_name": self.name,
            "direct_media": False,
            "supports_direct_chat": False,
            "chosen_idp": self.idp,
            "sso_token": self.sso_token,
            **{key: value for key, value in optional.items() if value is not None},
        }


class Provider(Struct, frozen=True):
    """One of the room's identity providers; one without ``uuid`` cannot be chosen."""

    uuid: Short = ""
    name: str = ""
    disable_popup_flow: Flag = None
    """The login leads back to an address, and needs no window of Pexip's own page."""


class Challenge(Struct, frozen=True):
    """403 of ``request_token``: what the room wants before it gives a token."""

    pin: Short = ""
    guest_pin: Short = ""
    conference_extension: Short = ""
    idp: Annotated[list[Provider], Meta(max_length=64)] | None = None
    redirect_url: Annotated[str, Meta(max_length=4096)] | None = None
    redirect_idp: Provider | None = None
    disable_popup_flow: Flag = None
    display_name: Flag = None

    @property
    def wants_pin(self) -> bool:
        """Whether a PIN (or ``none`` for a guest) must be sent."""
        return "required" in (self.pin, self.guest_pin)

    @property
    def guests_need_none(self) -> bool:
        """Whether guests may go in without PIN."""
        return self.guest_pin == "none"


class Placed(Struct, frozen=True):
    """200 of ``calls``, and of ``update`` in one of its two shapes."""

    sdp: Sdp
    call_uuid: Uuid | None = None
    turn: Annotated[list[Turn], Meta(max_length=16)] | None = None
    offer_ignored: Flag = False


class Row(Struct, frozen=True):
    """A participant, always whole, never a difference. Guests see some fields blank."""

    uuid: Uuid
    display_name: str = ""
    uri: str = ""
    role: Short = ""
    service_type: Short = ""
    start_time: float | None = None
    is_muted: Flag = None
    is_client_muted: Flag = None
    is_video_muted: Flag = None
    is_presenting: Flag = None
    buzz_time: float | None = None


class Deleted(Struct, frozen=True):
    """``participant_delete``."""

    uuid: Uuid


class Said(Struct, frozen=True):
    """``message_received``."""

    payload: str = ""
    type: Short = ""
    origin: str = ""
    uuid: Short = ""


class Staged(Struct, frozen=True):
    """One entry of ``stage``; ``vad`` is 0–100."""

    participant_uuid: Uuid
    vad: float = 0


class Layout(Struct, frozen=True):
    """``layout``: whose pictures are in the main one. One alone may come as text (direct media)."""

    participants: Annotated[list[Short], Meta(max_length=500)] | Short = ""

    @property
    def uuids(self) -> frozenset[str]:
        """All of them."""
        named = self.participants
        return frozenset({named} if isinstance(named, str) else named)


class Presenting(Struct, frozen=True):
    """``presentation_start``; all three empty when a presentation is revoked."""

    presenter_uuid: Short | None = ""
    presenter_name: str | None = ""
    presenter_uri: str | None = ""


class Conference(Struct, frozen=True):
    """``conference_update``: what the kit needs of it. None: not said."""

    chat_enabled: Flag = None
    guests_can_present: Flag = None
    presentation_allowed: Flag = None
    live_captions_available: Flag = None


class Spoken(Struct, frozen=True):
    """``live_captions``."""

    data: str = ""
    is_final: Flag = False


class Referred(Struct, frozen=True):
    """``refer``: go to another room; ``token`` opens it once."""

    alias: Annotated[str, Meta(min_length=1, max_length=250)]
    token: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None


class Trickled(Struct, frozen=True):
    """``new_candidate``; an empty candidate ends them."""

    candidate: Annotated[str, Meta(max_length=1000)] = ""
    mid: Annotated[str, Meta(max_length=64)] | None = None


class Left(Struct, frozen=True):
    """``disconnect`` and ``call_disconnected``."""

    reason: str = ""
    call_uuid: Short = ""


class Seat(Struct, frozen=True):
    """What another process needs to take the seat: msgpack in :class:`kit.meeting.room.SeatChanged`."""

    home: Annotated[str, Meta(max_length=520)]
    """Of the invitation that led here: node and alias may be others by now."""
    node: Annotated[str, Meta(max_length=260)]
    alias: Short
    token: Annotated[str, Meta(min_length=1, max_length=4096)]
    participant_uuid: Uuid
    version_id: Short
    servers: IceServers
    call_uuid: Uuid | None = None
    statistics_ms: float | None = None
