"""status, request_token, refresh_token, release_token."""

import time

from starlette.requests import Request
from starlette.responses import Response

from kit.meeting.testroom.api.base import Access, Caller, body_of, let_in, rooms_of
from kit.meeting.testroom.config import Limits, RoomConfig
from kit.meeting.testroom.registry import Rooms
from kit.meeting.testroom.rooms.admission import PinRequired, WrongPin, role_for
from kit.meeting.testroom.rooms.notices import Told
from kit.meeting.testroom.rooms.participant import Participant, Role
from kit.meeting.testroom.wire import Empty, NewRoom, Refusal, ReleaseToken, RequestToken, answer

VERSION = {"version_id": "36", "pseudo_version": "79019.0.0"}
NO_ROOM = "Neither conference nor gateway found"
MAINTENANCE = "System in maintenance mode"
TOO_MANY_PINS = "Participant exceeded PIN entry retries"
FULL = "Participant limit reached"
_MAX_NAME = 100


async def status(request: Request) -> Response:
    """Is this a node, and does it take calls?"""
    if rooms_of(request).faults.maintenance:
        return answer("Maintenance mode", 503, "failed")
    return answer("OK")


async def request_token(request: Request) -> Response:
    """Come in, wait, or be told what is missing."""
    rooms = rooms_of(request)
    if rooms.faults.maintenance:
        raise Refusal(503, MAINTENANCE)
    room = rooms.rooms.get(request.path_params["alias"])
    if room is None:
        raise Refusal(404, NO_ROOM)
    body = await body_of(request, RequestToken)
    name = " ".join(body.display_name.split())[:_MAX_NAME] if isinstance(body.display_name, str) else ""
    if not name:
        raise Refusal(403, {"display_name": "required", "version": VERSION}, "success")
    if room.reception:
        room = _behind(rooms, body)
    called = _called(rooms, room, body.token)
    client = (request.client.host if request.client else "", room.alias, name)
    role = called or _check_pin(rooms, room, client, request.headers.get("pin"))
    if called is None:
        _check_login(request, rooms, room, body)
    if rooms.is_full or rooms.meeting_for(room).meeting.is_full:
        raise Refusal(529, FULL)
    conference = rooms.meeting_for(room)
    me, token = conference.join(
        name, role, call_tag=body.call_tag, supports_direct_chat=body.supports_direct_chat
    )
    if called is not None:
        # A host called: a lock does not hold up whom it has asked in.
        conference.publish(conference.meeting.admit(me.uuid))
        me = conference.meeting.participants[me.uuid]
    return answer(_admission(room, rooms.config.limits, me, token))


def refresh_token(caller: Caller[Empty]) -> object:
    """A new token; the old one is good for a few seconds more."""
    limits = caller.conference.limits
    return {
        "token": caller.conference.tokens.issue(caller.me.uuid, time.monotonic()),
        "role": caller.me.role.in_token,
        **_lifetime(limits),
    }


async def release_token(caller: Caller[ReleaseToken]) -> object:
    """Leave."""
    await caller.conference.remove(caller.me.uuid)
    return True


async def transfer(request: Request) -> Response:
    """A host sends somebody to another room: a pass for it goes to who is sent."""
    caller = await let_in(request, NewRoom, Access.HOST)
    rooms, body = rooms_of(request), caller.body
    target = rooms.rooms.get(body.conference_alias)
    if target is None or caller.target is None:
        return answer(False)
    role = Role.CHAIR if body.role == "host" else Role.GUEST
    told = {"alias": target.alias, "token": rooms.passes.transfer(target.alias, role), "target": "conference"}
    caller.publish([Told("refer", told, frozenset({caller.who}))])
    return answer(True)


def _behind(rooms: Rooms, body: RequestToken) -> RoomConfig:
    """The room that a reception leads to."""
    if not body.conference_extension:
        wants = {"conference_extension": "required", "conference_extension_type": "standard"}
        raise Refusal(403, {**wants, "version": VERSION}, "success")
    room = rooms.behind(body.conference_extension)
    if room is None:
        raise Refusal(404, NO_ROOM)
    return room


def _called(rooms: Rooms, room: RoomConfig, one_time: str | None) -> Role | None:
    """As what somebody comes who was called or sent here."""
    if not one_time:
        return None
    rang = rooms.devices.answer(room.alias, one_time)
    sent = rooms.passes.redeem(room.alias, one_time)
    if rang is None and sent is None:
        raise Refusal(403, "Invalid token")
    return rang.role if rang is not None else sent.role if sent is not None else None


def _check_login(request: Request, rooms: Rooms, room: RoomConfig, body: RequestToken) -> None:
    if not room.providers:
        return
    chosen = next((p for p in room.providers if p.uuid == body.chosen_idp), None)
    if chosen is None:
        idp = [{"name": p.name, "uuid": p.uuid, "disable_popup_flow": True} for p in room.providers]
        raise Refusal(403, {"idp": idp, "version": VERSION}, "success")
    if body.sso_token in {None, "", "none"}:
        target = body.sso_redirect_target or ""
        visit = rooms.passes.visit(room.alias, chosen.uuid, target)
        page = request.url_for("log_in", visit=visit)
        told = {"redirect_url": str(page), "redirect_idp": {"name": chosen.name, "uuid": chosen.uuid}}
        raise Refusal(403, {**told, "disable_popup_flow": bool(target), "version": VERSION}, "success")
    if not rooms.passes.logged_in(room.alias, chosen.uuid, body.sso_token or ""):
        raise Refusal(403, "SSO Authentication Failed")


def _check_pin(rooms: Rooms, room: RoomConfig, client: tuple[str, ...], pin: str | None) -> Role:
    now = time.monotonic()
    if rooms.attempts.locked_out(client, now):
        raise Refusal(403, TOO_MANY_PINS)
    outcome = role_for(room, pin)
    if isinstance(outcome, PinRequired):
        guest_pin = "required" if outcome.guest_pin else "none"
        raise Refusal(403, {"pin": "required", "guest_pin": guest_pin, "version": VERSION}, "success")
    if isinstance(outcome, WrongPin):
        rooms.attempts.wrong(client, now)
        raise Refusal(403, TOO_MANY_PINS if rooms.attempts.locked_out(client, now) else "Invalid PIN")
    rooms.attempts.right(client)
    return outcome


def _lifetime(limits: Limits) -> dict[str, object]:
    # A refresh answer without the interval stops the client's statistics.
    interval = {"client_stats_update_interval": limits.statistics_ms} if limits.statistics_ms else {}
    return {"expires": str(limits.token_s), **interval}


def _admission(room: RoomConfig, limits: Limits, me: Participant, token: str) -> dict[str, object]:
    # No "stun": an empty list makes RTCPeerConnection throw in Pexip's SDK.
    return {
        "token": token,
        "participant_uuid": me.uuid,
        "display_name": me.display_name,
        "role": me.role.in_token,
        "version": VERSION,
        "conference_name": room.title or room.alias,
        "service_name": room.alias,
        "service_type": "lecture" if room.lecture else "conference",
        "current_service_type": me.service_type.value,
        "call_type": "video",
        "call_tag": me.call_tag,
        "direct_media": False,
        "turn": [],
        "use_relay_candidates_only": False,
        "trickle_ice_enabled": True,
        "chat_enabled": True,
        "guests_can_present": room.guests_can_present,
        "fecc_enabled": False,
        "vp9_enabled": False,
        "allow_1080p": False,
        "rtmp_enabled": False,
        "rtsp_enabled": False,
        "analytics_enabled": False,
        "breakout_rooms": False,
        **_lifetime(limits),
    }
