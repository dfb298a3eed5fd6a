"""Bodies that clients send, with limits, and the envelope of every answer (Pexip client API v2)."""

from typing import Annotated, Literal, TypeVar

import msgspec
from starlette.responses import Response

MAX_BODY = 256 * 1024

Name = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=10_000)]
Sdp = Annotated[str, msgspec.Meta(min_length=1, max_length=100_000)]
Uuid = Annotated[str, msgspec.Meta(max_length=64)]

T = TypeVar("T")


class Empty(msgspec.Struct, frozen=True):
    """A command without a body; fields that come anyway are ignored."""


class RequestToken(msgspec.Struct, frozen=True):
    """Fields beyond these (breakout rooms, direct media …) are accepted and ignored."""

    display_name: Name | bool | None = None
    call_tag: Name = ""
    client_id: Name = ""
    supports_direct_chat: bool = False
    conference_extension: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    chosen_idp: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    sso_token: Annotated[str, msgspec.Meta(max_length=4096)] | None = None
    sso_redirect_target: Annotated[str, msgspec.Meta(max_length=2048)] | None = None
    token: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    """Came with a call that rings, and opens its room once."""


class ReleaseToken(msgspec.Struct, frozen=True):
    """Why the client leaves."""

    reason: Name = ""


class NewCall(msgspec.Struct, frozen=True):
    """Offer for a media leg."""

    call_type: Literal["WEBRTC"]
    sdp: Sdp
    media_type: Literal["video", "video-only", "audio"] = "video"
    present: Literal["main", "send", "receive"] | None = None
    fecc_supported: bool = False


class Ack(msgspec.Struct, frozen=True):
    """Starts the media; ``sdp`` would answer an offer of the server, which this one never makes."""

    sdp: Annotated[str, msgspec.Meta(max_length=100_000)] | None = None
    offer_ignored: bool | None = None


class Candidate(msgspec.Struct, frozen=True):
    """A trickled candidate; an empty one ends them."""

    candidate: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    mid: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    ufrag: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    pwd: Annotated[str, msgspec.Meta(max_length=256)] | None = None


class Update(msgspec.Struct, frozen=True):
    """A new offer for an existing leg."""

    sdp: Sdp
    fecc_supported: bool = False


Measures = Annotated[
    dict[
        Annotated[str, msgspec.Meta(max_length=40)],
        float | Annotated[str, msgspec.Meta(max_length=40)] | None,
    ],
    msgspec.Meta(max_length=40),
]


class Statistics(msgspec.Struct, frozen=True):
    """What the client measures about its call."""

    audio: Measures = {}
    video: Measures = {}
    presentation: Measures = {}


class Message(msgspec.Struct, frozen=True):
    """Chat."""

    type: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    payload: Text


class Setting(msgspec.Struct, frozen=True):
    """Body of ``set_guests_can_unmute``."""

    setting: bool


class State(msgspec.Struct, frozen=True):
    """Body of ``pres_in_mix``."""

    state: bool


class NewRole(msgspec.Struct, frozen=True):
    """Body of ``participants/<uuid>/role``."""

    role: Literal["chair", "guest"]


class NewRoom(msgspec.Struct, frozen=True):
    """Body of ``participants/<uuid>/transfer``."""

    conference_alias: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    role: Literal["host", "guest"] = "guest"
    pin: Annotated[str, msgspec.Meta(max_length=32)] | None = None


class OverlayText(msgspec.Struct, frozen=True):
    """Name to burn into the picture; empty: the display name."""

    text: Name = ""


class Dial(msgspec.Struct, frozen=True):
    """Call somebody into the meeting. Protocols and call types are accepted and make no difference here."""

    destination: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    role: Annotated[str, msgspec.Meta(max_length=16)] = "GUEST"


class AspectRatio(msgspec.Struct, frozen=True):
    """Width divided by height that the client would like to get."""

    aspect_ratio: Annotated[float, msgspec.Meta(gt=0, le=2)] | None = None


class Refusal(Exception):  # noqa: N818 - it names what the client is told
    """An answer that is not 200: the HTTP status and ``result``."""

    def __init__(self, http: int, result: object, status: str = "failed") -> None:
        super().__init__(http)
        self.http = http
        self.result = result
        self.status = status


def decode(data: bytes, kind: type[T]) -> T:
    """A body of this type; Refusal(400) when it does not fit. No body is an empty object."""
    try:
        return msgspec.json.decode(data or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
        raise Refusal(400, "Invalid request") from wrong


def answer(result: object, http: int = 200, status: str = "success") -> Response:
    """The envelope. ``status`` says only that the request was processed: read the HTTP code first."""
    return Response(
        msgspec.json.encode({"status": status, "result": result}),
        status_code=http,
        media_type="application/json",
    )
