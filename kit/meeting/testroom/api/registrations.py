"""Registered devices: request_token, refresh_token, release_token, events; and a host that dials one."""

import base64
import time
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kit.meeting.testroom.api.base import Caller, Endpoint, rooms_of
from kit.meeting.testroom.events import EventStream
from kit.meeting.testroom.rooms.participant import Role
from kit.meeting.testroom.rooms.registrations import Registrations
from kit.meeting.testroom.wire import Dial, Refusal, answer

SCHEME = "x-pexip-basic"
VERSION = {"version_id": "36", "pseudo_version": "79019.0.0"}


async def request_token(request: Request) -> Response:
    """Register with user and password."""
    devices = _devices(request)
    alias = request.path_params["alias"]
    user, password = _credentials(request)
    token = devices.register(alias, user, password, time.monotonic())
    if token is None:
        raise Refusal(401, "Authentication failed")
    return answer(
        {
            "token": token,
            "registration_uuid": alias,
            "directory_enabled": False,
            "route_via_registrar": True,
            "version": VERSION,
            **_lifetime(request),
        }
    )


async def refresh_token(request: Request) -> Response:
    """A new token; the old one is good for a few seconds more."""
    alias = _registered(request)
    return answer({"token": _devices(request).tokens.issue(alias, time.monotonic()), **_lifetime(request)})


async def release_token(request: Request) -> Response:
    """Be called no more."""
    _devices(request).release(_registered(request))
    return answer(True)


async def events(request: Request) -> Response:
    """Server-sent events: calls that ring, and that ring no more."""
    alias, devices = _registered(request), _devices(request)
    stream = devices.subscribe(alias)
    return StreamingResponse(
        _until_gone(devices, alias, stream),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def dial(caller: Caller[Dial]) -> object:
    """Call a registered device into this meeting; the new participant's id, in a list."""
    conference, body = caller.conference, caller.body
    role = Role.CHAIR if body.role.lower() in {"host", "chair"} else Role.GUEST
    room = conference.meeting.config
    ring = conference.devices.dial(
        body.destination, room.alias, caller.me.display_name, role, time.monotonic()
    )
    if ring is None:
        raise Refusal(404, "Neither conference nor gateway found")
    return [ring.uuid]


def refusing(release: Endpoint) -> Endpoint:
    """``release_token`` of a conference, which with the token of a call that rings refuses that call."""

    async def endpoint(request: Request) -> Response:
        token = request.headers.get("token") or request.query_params.get("token", "")
        if token and _devices(request).answer(request.path_params["alias"], token) is not None:
            return answer(True)
        return await release(request)

    return endpoint


async def _until_gone(devices: Registrations, alias: str, stream: EventStream) -> AsyncIterator[bytes]:
    try:
        async for item in stream.frames():
            yield item
    finally:
        devices.unsubscribe(alias, stream)


def _devices(request: Request) -> Registrations:
    return rooms_of(request).devices


def _registered(request: Request) -> str:
    """The device in the path; Refusal when the token is not its own."""
    alias = str(request.path_params["alias"])
    token = request.headers.get("token") or request.query_params.get("token", "")
    if _devices(request).tokens.owner(token, time.monotonic()) != alias:
        raise Refusal(403, "Invalid token")
    return alias


def _credentials(request: Request) -> tuple[str, str]:
    """User and password; clients encode them in either alphabet of base64, with padding or without."""
    for name in ("authorization", "x-pexip-authorization"):
        scheme, _, secret = request.headers.get(name, "").partition(" ")
        if scheme.lower() == SCHEME:
            plain = secret.strip().replace("+", "-").replace("/", "_")
            try:
                text = base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4)).decode()
            except ValueError:
                break
            user, _, password = text.partition(":")
            return user, password
    raise Refusal(401, "Authentication required")


def _lifetime(request: Request) -> dict[str, object]:
    return {"expires": str(rooms_of(request).config.limits.token_s)}
