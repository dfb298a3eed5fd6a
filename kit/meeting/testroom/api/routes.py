"""Every path of the API."""

from collections.abc import Callable
from typing import Any

from starlette.routing import Route

from kit.meeting.testroom.api import calls, control, events, login, registrations, token
from kit.meeting.testroom.api.base import Access, command, open_endpoint
from kit.meeting.testroom.wire import (
    Ack,
    AspectRatio,
    Candidate,
    Dial,
    Empty,
    Message,
    NewCall,
    NewRole,
    OverlayText,
    ReleaseToken,
    Setting,
    State,
    Statistics,
    Update,
)

ROOT = "/api/client/v2"
_CONFERENCE = ROOT + "/conferences/{alias}"
_DEVICE = ROOT + "/registrations/{alias}"
_PARTICIPANT = _CONFERENCE + "/participants/{who}"
_CALL = _PARTICIPANT + "/calls/{call}"

ANYONE, HOST, SELF, SELF_OR_HOST = Access.ANYONE, Access.HOST, Access.SELF, Access.SELF_OR_HOST
Command = tuple[type[Any], Callable[..., object], Access]

CONFERENCE: dict[str, Command] = {
    "message": (Message, control.message, ANYONE),
    "lock": (Empty, control.lock, HOST),
    "unlock": (Empty, control.unlock, HOST),
    "start_conference": (Empty, control.start, HOST),
    "muteguests": (Empty, control.mute_guests, HOST),
    "unmuteguests": (Empty, control.unmute_guests, HOST),
    "set_guests_can_unmute": (Setting, control.set_guests_can_unmute, HOST),
    "clearallbuzz": (Empty, control.clear_all_buzz, HOST),
    "disconnect": (Empty, control.end_all, HOST),
    "dial": (Dial, registrations.dial, HOST),
}

PARTICIPANT: dict[str, Command] = {
    "message": (Message, control.direct_message, ANYONE),
    "mute": (Empty, control.mute, SELF_OR_HOST),
    "unmute": (Empty, control.unmute, SELF_OR_HOST),
    "client_mute": (Empty, control.client_mute, SELF),
    "client_unmute": (Empty, control.client_unmute, SELF),
    "video_muted": (Empty, control.video_muted, SELF_OR_HOST),
    "video_unmuted": (Empty, control.video_unmuted, SELF_OR_HOST),
    "buzz": (Empty, control.buzz, SELF_OR_HOST),
    "clearbuzz": (Empty, control.clear_buzz, SELF_OR_HOST),
    "unlock": (Empty, control.admit, HOST),
    "disconnect": (Empty, control.disconnect, SELF_OR_HOST),
    "role": (NewRole, control.role, HOST),
    "spotlighton": (Empty, control.spotlight_on, HOST),
    "spotlightoff": (Empty, control.spotlight_off, HOST),
    "overlaytext": (OverlayText, control.overlay_text, HOST),
    "show_live_captions": (Empty, control.show_captions, SELF),
    "hide_live_captions": (Empty, control.hide_captions, SELF),
    "allowrxpresentation": (Empty, control.allow_rx_presentation, SELF_OR_HOST),
    "denyrxpresentation": (Empty, control.deny_rx_presentation, SELF_OR_HOST),
    "pres_in_mix": (State, control.pres_in_mix, SELF),
    "preferred_aspect_ratio": (AspectRatio, control.preferred_aspect_ratio, SELF),
    "notify_not_afk": (Empty, control.not_afk, SELF),
    "take_floor": (Empty, calls.take_floor, SELF),
    "release_floor": (Empty, calls.release_floor, SELF),
    "calls": (NewCall, calls.calls, SELF),
}

CALL: dict[str, Command] = {
    "ack": (Ack, calls.ack, SELF),
    "new_candidate": (Candidate, calls.new_candidate, SELF),
    "update": (Update, calls.update, SELF),
    "disconnect": (Empty, calls.disconnect, SELF),
    "statistics": (Statistics, calls.statistics, SELF),
}


def api_routes() -> list[Route]:
    """All routes below ``/api/client/v2``, and the page of the identity providers."""
    release = registrations.refusing(command(ReleaseToken, token.release_token, query_token=True))
    stream = command(Empty, events.events, query_token=True)
    return [
        Route(f"{ROOT}/status", open_endpoint(token.status), methods=["GET"]),
        Route(login.PATH, login.page, methods=["GET"]),
        Route(login.PATH, login.log_in, methods=["POST"]),
        Route(f"{_PARTICIPANT}/transfer", open_endpoint(token.transfer), methods=["POST"]),
        Route(f"{_CONFERENCE}/request_token", open_endpoint(token.request_token), methods=["POST"]),
        Route(f"{_CONFERENCE}/refresh_token", command(Empty, token.refresh_token), methods=["POST"]),
        Route(f"{_CONFERENCE}/release_token", release, methods=["POST"]),
        Route(f"{_CONFERENCE}/events", stream, methods=["GET"]),
        _get(f"{_CONFERENCE}/participants", control.participants),
        _get(f"{_CONFERENCE}/conference_status", control.conference_status),
        Route(f"{_CONFERENCE}/theme/", command(Empty, control.theme, query_token=True), methods=["GET"]),
        _get(f"{_PARTICIPANT}/avatar.jpg", control.avatar),
        *_posts(_CONFERENCE, CONFERENCE),
        *_posts(_PARTICIPANT, PARTICIPANT),
        *_posts(_CALL, CALL),
        *_device_routes(),
    ]


def _device_routes() -> list[Route]:
    tokens = (registrations.request_token, registrations.refresh_token, registrations.release_token)
    return [
        *(Route(f"{_DEVICE}/{post.__name__}", open_endpoint(post), methods=["POST"]) for post in tokens),
        Route(f"{_DEVICE}/events", open_endpoint(registrations.events), methods=["GET"]),
    ]


def _get(path: str, handler: Callable[..., object]) -> Route:
    return Route(path, command(Empty, handler), methods=["GET"])


def _posts(base: str, commands: dict[str, Command]) -> list[Route]:
    return [
        Route(f"{base}/{name}", command(kind, handler, access), methods=["POST"])
        for name, (kind, handler, access) in commands.items()
    ]
