from typing import Any

import httpx
import pytest

from kit.meeting.testroom.api.routes import CALL, CONFERENCE, PARTICIPANT
from tests.kit.meeting.testroom.client import Member
from tests.kit.meeting.testroom.conftest import OpenRoom

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOST_ONLY = [
    *(name for name in CONFERENCE if name != "message"),
    *(
        f"participants/<other>/{name}"
        for name in ("unlock", "role", "spotlighton", "spotlightoff", "overlaytext")
    ),
    *(
        f"participants/<other>/{name}"
        for name in ("mute", "unmute", "video_muted", "disconnect", "clearbuzz")
    ),
]
SELF_ONLY = [
    *(f"participants/<other>/{name}" for name in ("client_mute", "take_floor", "release_floor", "calls")),
    *(f"participants/<other>/calls/x/{name}" for name in CALL),
]

OWN_SWITCHES: list[tuple[str, str, object]] = [
    ("client_mute", "is_client_muted", True),
    ("client_unmute", "is_client_muted", False),
    ("video_muted", "is_video_muted", True),
    ("video_unmuted", "is_video_muted", False),
    ("mute", "is_muted", "YES"),
    ("unmute", "is_muted", "NO"),
]
MISFITS: list[tuple[str, object]] = [
    ("message", None),
    ("message", b"{"),
    ("message", b"[]"),
    ("message", {"type": "text/plain"}),
    ("message", {"type": 1, "payload": "x"}),
    ("message", {"type": "text/plain", "payload": "x" * 10_001}),
    ("message", b'{"type": "text/plain", "payload": "\xff"}'),
    ("message", b"[" * 100_000),
    ("set_guests_can_unmute", {"setting": "yes"}),
    ("participants/<me>/role", {"role": "king"}),
    ("participants/<me>/preferred_aspect_ratio", {"aspect_ratio": 3}),
    ("participants/<me>/overlaytext", {"text": "x" * 201}),
    ("participants/<me>/calls", {"call_type": "SIP", "sdp": "v=0"}),
    ("participants/<me>/calls", {"call_type": "WEBRTC", "sdp": ""}),
    ("participants/<me>/calls", {"call_type": "WEBRTC", "sdp": "v=0"}),
    ("participants/<me>/calls", {"call_type": "WEBRTC", "sdp": "v=0", "present": "send"}),
    ("request_token", {"display_name": 7}),
    ("request_token", {"display_name": "x" * 201}),
    ("request_token", b"display_name=x"),
]


async def pair(room: OpenRoom) -> tuple[Member, Member]:
    host = await room("hembesok").join("Samordnare Norr", pin="1234")
    return host, await room("hembesok").join("Kit 7", pin="none")


async def row(of: Member, uuid: str) -> dict[str, Any]:
    """The roster's entry of one participant."""
    roster = (await of.get("participants")).json()["result"]
    return next(entry for entry in roster if entry["uuid"] == uuid)


async def test_guests_may_not_use_the_hosts_commands(room: OpenRoom) -> None:
    host, guest = await pair(room)
    for path in HOST_ONLY:
        response = await guest.post(path.replace("<other>", host.uuid), {})
        assert (response.status_code, response.json()["result"]) == (403, "Invalid role"), path


async def test_not_even_a_host_may_act_as_somebody_else(room: OpenRoom) -> None:
    host, guest = await pair(room)
    for path in SELF_ONLY:
        assert (await host.post(path.replace("<other>", guest.uuid), {})).status_code == 403, path


async def test_a_guest_mutes_itself_and_the_others_see_it(room: OpenRoom) -> None:
    host, guest = await pair(room)
    async with host.events() as events:
        for command, field, value in OWN_SWITCHES:
            assert await guest.ok(f"participants/<me>/{command}") is True
            changed = {field: value}
            await events.wait("participant_update", lambda data, c=changed: c.items() <= data.items())  # type: ignore[misc]
            assert (await row(host, guest.uuid))[field] == value


async def test_a_guest_that_a_host_has_muted_unmutes_only_where_that_is_allowed(room: OpenRoom) -> None:
    host, guest = await pair(room)
    await host.ok("set_guests_can_unmute", {"setting": False})
    await host.ok(f"participants/{guest.uuid}/mute")
    assert await guest.ok("participants/<me>/unmute") is False
    assert (await row(host, guest.uuid))["is_muted"] == "YES"
    await host.ok("set_guests_can_unmute", {"setting": True})
    assert await guest.ok("participants/<me>/unmute") is True


async def test_all_guests_can_be_muted(room: OpenRoom) -> None:
    host, guest = await pair(room)
    await host.ok("muteguests")
    assert (await row(host, guest.uuid))["is_muted"] == "YES"
    assert (await row(host, host.uuid))["is_muted"] == "NO"
    assert (await host.get("conference_status")).json()["result"]["guests_muted"] is True
    await host.ok("unmuteguests")
    assert (await row(host, guest.uuid))["is_muted"] == "NO"


async def test_lock_admit_and_unlock(room: OpenRoom) -> None:
    host, _ = await pair(room)
    async with host.events() as events:
        assert await host.ok("lock") is True
        await events.wait("conference_update", lambda data: data["locked"])
        late = await room("hembesok").join("Närstående", pin="none")
        assert late.result["current_service_type"] == "waiting_room"
        await events.wait("participant_create", lambda data: data["service_type"] == "waiting_room")
        assert await host.ok(f"participants/{late.uuid}/unlock") is True
        await events.wait(
            "participant_update",
            lambda data: (data["uuid"], data["service_type"]) == (late.uuid, "conference"),
        )
    assert await host.ok("unlock") is True
    newcomer = await room("hembesok").join("Läkare", pin="none")
    assert newcomer.result["current_service_type"] == "conference"


async def test_chat_goes_to_all_others_or_to_one(room: OpenRoom) -> None:
    host, guest = await pair(room)
    async with guest.events() as events:
        assert await host.ok("message", {"type": "text/plain", "payload": "Välkomna"}) is True
        said = await events.wait("message_received")
        assert (said["payload"], said["origin"], said["uuid"], said["direct"]) == (
            "Välkomna",
            "Samordnare Norr",
            host.uuid,
            False,
        )
        assert await host.ok(
            f"participants/{guest.uuid}/message", {"type": "text/plain", "payload": "Hör ni?"}
        )
        assert (await events.wait("message_received", lambda data: data["direct"]))["payload"] == "Hör ni?"


async def test_the_host_ends_the_meeting_for_all(room: OpenRoom) -> None:
    host, guest = await pair(room)
    async with guest.events() as events, host.events() as own:
        assert await host.ok("disconnect") is True
        for stream in (events, own):
            assert (await stream.wait("disconnect"))[
                "reason"
            ] == "Conference terminated by another participant"
            await stream.wait_end()
    assert (await guest.post("refresh_token")).status_code == 403
    again = await room("hembesok").join("Kit 7", pin="none")
    assert again.result["current_service_type"] == "waiting_room"


async def test_the_host_puts_one_out(room: OpenRoom) -> None:
    host, guest = await pair(room)
    async with guest.events() as events:
        assert await host.ok(f"participants/{guest.uuid}/disconnect") is True
        assert (await events.wait("disconnect"))["reason"] == "Disconnected by another participant"
        await events.wait_end()


async def test_hands_spotlight_role_and_name_in_the_picture(room: OpenRoom) -> None:
    host, guest = await pair(room)
    await guest.ok("participants/<me>/buzz")
    await host.ok(f"participants/{guest.uuid}/spotlighton")
    await host.ok(f"participants/{guest.uuid}/overlaytext", {"text": "Hemma hos patienten"})
    entry = await row(host, guest.uuid)
    assert entry["buzz_time"] > 0
    assert entry["spotlight"] > 0
    assert entry["overlay_text"] == "Hemma hos patienten"
    await host.ok("clearallbuzz")
    await host.ok(f"participants/{guest.uuid}/role", {"role": "chair"})
    entry = await row(host, guest.uuid)
    assert (entry["buzz_time"], entry["role"]) == (0, "chair")
    assert await guest.ok("lock") is True


async def test_commands_about_one_who_has_left_say_false(room: OpenRoom) -> None:
    host, guest = await pair(room)
    await guest.ok("release_token")
    for command in ("disconnect", "mute", "unlock"):
        assert await host.ok(f"participants/{guest.uuid}/{command}") is False
    assert (
        await host.ok(f"participants/{guest.uuid}/message", {"type": "text/plain", "payload": "x"}) is False
    )


async def test_small_requests_of_real_clients_are_answered(room: OpenRoom) -> None:
    host, _ = await pair(room)
    assert (await host.get("theme/")).status_code == 204
    assert await host.ok("participants/<me>/preferred_aspect_ratio", {"aspect_ratio": 1.78}) is True
    assert await host.ok("participants/<me>/notify_not_afk") is True
    assert await host.ok("start_conference") is True
    avatar = await host.get("participants/<me>/avatar.jpg")
    assert (avatar.status_code, avatar.json()["result"]) == (404, "No image available")


async def test_every_command_needs_a_token(room: OpenRoom) -> None:
    paths = [
        "refresh_token",
        "release_token",
        *CONFERENCE,
        *(f"participants/x/{name}" for name in PARTICIPANT),
        *(f"participants/x/calls/y/{name}" for name in CALL),
    ]
    for path in paths:
        response = await room("oppet").post(path, {})
        assert (response.status_code, response.json()["result"]) == (403, "Invalid token"), path


async def test_what_does_not_fit_is_a_400_in_the_envelope(room: OpenRoom) -> None:
    member = await room("oppet").join()
    for path, body in MISFITS:
        response = await member.post(path, body)
        assert response.status_code == 400, (path, response.text)
        assert response.json()["status"] == "failed"


async def test_a_body_that_is_too_long_is_a_413(room: OpenRoom) -> None:
    member = await room("oppet").join()
    response = await member.post("message", b" " * (256 * 1024 + 1))
    assert (response.status_code, response.json()["status"]) == (413, "failed")


async def test_calls_that_are_not_there_are_refused(room: OpenRoom) -> None:
    member = await room("oppet").join()
    for name, body in (("ack", {}), ("update", {"sdp": "v=0"}), ("disconnect", None), ("statistics", {})):
        response = await member.post(f"participants/<me>/calls/gone/{name}", body)
        assert (response.status_code, response.json()["result"]) == (403, "Call not found")
    assert (await member.post("participants/<me>/take_floor")).status_code == 403


async def test_unknown_paths_and_verbs_are_answered_in_the_envelope(http: httpx.AsyncClient) -> None:
    root = "/api/client/v2/conferences/oppet/"
    unknown = await http.post(root + "make_coffee")
    assert (unknown.status_code, unknown.json()["status"]) == (404, "failed")
    wrong = await http.get(root + "lock")
    assert (wrong.status_code, wrong.json()["status"]) == (405, "failed")


async def test_a_page_of_another_origin_may_use_the_api(http: httpx.AsyncClient) -> None:
    asked = {
        "Origin": "https://meet.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "token, pin, content-type",
    }
    preflight = await http.options("/api/client/v2/conferences/oppet/request_token", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://meet.example"
    assert preflight.headers["access-control-allow-credentials"] == "true"
    assert {"token", "pin", "content-type"} <= {
        name.strip().lower() for name in preflight.headers["access-control-allow-headers"].split(",")
    }
