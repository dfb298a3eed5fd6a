"""What the client makes of a node's bytes: every refusal by its name, and nothing without a limit."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.meeting.pexip import api as client
from kit.meeting.pexip.api import MAX_ANSWER, Api
from kit.meeting.pexip.messages import Ask, Challenge, Granted
from kit.meeting.room import Refused, SeatLost
from kit.visit.model import Refusal
from tests.kit.meeting.pexip.certificates import make
from tests.kit.meeting.pexip.node import GRANTED, Node, drip, reply, result, stream

HTML = b"<html><body>502 Bad Gateway</body></html>"


@pytest.fixture
async def api(node: Node, tls: ssl.SSLContext) -> AsyncIterator[Api]:
    api = Api(node.host, "sip.möte@region.test", tls)
    yield api
    await api.close()


async def test_a_granted_token_is_read_with_everything_that_the_call_needs(node: Node, api: Api) -> None:
    granted = await api.request_token(Ask(name="Hembesök", pin="1234"))
    assert isinstance(granted, Granted)
    assert (granted.token, granted.expires_s, granted.waiting) == ("t0", 120.0, False)
    assert granted.servers.turn[0].urls == ("turn:turn.region.test?transport=udp",)
    assert "credential" not in repr(granted.servers)
    (asked,) = node.requests
    assert asked.path == "/api/client/v2/conferences/sip.m%C3%B6te%40region.test/request_token"
    assert asked.headers["pin"] == "1234"
    assert asked.json["direct_media"] is False
    assert "1234" not in str(asked.json)


async def test_a_wish_for_a_pin_is_told_from_a_refusal(node: Node, api: Api) -> None:
    node.queue("request_token", result({"pin": "required", "guest_pin": "none", "version": {}}, 403))
    challenge = await api.request_token(Ask(name="Hembesök"))
    assert isinstance(challenge, Challenge)
    assert challenge.wants_pin
    assert challenge.guests_need_none


@pytest.mark.parametrize(
    ("answer", "reason", "code", "passing"),
    [
        (result("Neither conference nor gateway found", 404), Refusal.ROOM_UNKNOWN, "#pex154", False),
        (reply(404, b"<h1>404</h1>", "text/html"), Refusal.ROOM_UNKNOWN, "#pex157", False),
        (result("System in maintenance mode", 503, "failed"), Refusal.ROOM_MAINTENANCE, "#pex110", True),
        (reply(503, HTML, "text/html"), Refusal.ROOM_MAINTENANCE, "#pex112", True),
        (reply(502, HTML, "text/html"), Refusal.ROOM_UNREACHABLE, "#pex111", True),
        (result("Participant limit reached", 529, "failed"), Refusal.ROOM_FULL, "#pex194", True),
        (result("Out of resource", 403), Refusal.ROOM_FULL, "#pex114", True),
        (result("Invalid PIN", 403), Refusal.PIN_WRONG, "#pex101", False),
        (
            result("Participant exceeded PIN entry retries", 403),
            Refusal.PIN_TRIES_USED_UP,
            "#pex192",
            False,
        ),
        (result("SSO Authentication Failed", 403), Refusal.ROOM_LOGIN_NEEDED, "#pex200", False),
        (reply(200, b"not json"), Refusal.ROOM_ANSWER_INVALID, "#pex117", True),
        (reply(200, b"[" * 100_000), Refusal.ROOM_ANSWER_INVALID, "#pex117", True),
        (result("a string"), Refusal.ROOM_ANSWER_INVALID, "#pex117", True),
        (result({**GRANTED, "token": 7}), Refusal.ROOM_ANSWER_INVALID, "#pex117", True),
        (result({**GRANTED, "turn": "x"}), Refusal.ROOM_ANSWER_INVALID, "#pex117", True),
        (result({**GRANTED, "token": "x" * 5000}), Refusal.ROOM_ANSWER_INVALID, "#pex117", True),
        (
            reply(302, b"", extra="Location: https://evil.test/\r\n"),
            Refusal.ROOM_ANSWER_INVALID,
            "#pex117",
            True,
        ),
        (
            reply(200, b"{}" + b" " * MAX_ANSWER),
            Refusal.ROOM_ANSWER_INVALID,
            "#pex117",
            True,
        ),
    ],
)
async def test_each_refusal_has_its_name_and_support_code(
    node: Node, api: Api, answer: bytes, reason: Refusal, code: str, passing: bool
) -> None:
    node.queue("request_token", answer)
    with pytest.raises(Refused) as refused:
        await api.request_token(Ask(name="Hembesök"))
    assert (refused.value.reason, refused.value.support_code, refused.value.passing) == (
        reason,
        code,
        passing,
    )


async def test_an_answer_without_end_is_cut_off(node: Node, api: Api) -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            sent += 65_536
            await writer.drain()

    node.queue("request_token", endless)
    with pytest.raises(Refused) as refused:
        await api.request_token(Ask(name="Hembesök"))
    assert refused.value.reason is Refusal.ROOM_ANSWER_INVALID
    assert sent < 20 * MAX_ANSWER


async def test_a_slow_drip_ends_at_the_deadline(
    node: Node, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER_S", 0.4)
    node.queue("request_token", drip)
    began = asyncio.get_running_loop().time()
    with pytest.raises(Refused) as refused:
        await api.request_token(Ask(name="Hembesök"))
    assert refused.value.reason is Refusal.ROOM_UNREACHABLE
    assert asyncio.get_running_loop().time() - began < 2


async def test_nobody_there_and_a_strange_certificate_are_told_apart(node: Node, tls: ssl.SSLContext) -> None:
    stranger = Api(node.host, "sip", ssl.create_default_context())
    with pytest.raises(Refused) as refused:
        await stranger.request_token(Ask(name="Hembesök"))
    assert refused.value.reason is Refusal.ROOM_CERTIFICATE
    await stranger.close()
    await node.stop()
    nobody = Api(node.host, "sip", tls)
    with pytest.raises(Refused) as refused:
        await nobody.request_token(Ask(name="Hembesök"))
    assert refused.value.reason is Refusal.ROOM_UNREACHABLE
    assert node.host not in str(refused.value)
    await nobody.close()


@pytest.mark.parametrize(
    "fault", [{"ends": timedelta(hours=-1)}, {"host": "elsewhere.test"}], ids=["expired", "of another host"]
)
async def test_a_certificate_that_is_not_good_ends_it_before_anything_is_said(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    bad = make(tmp_path, **fault)
    node = Node(bad)
    await node.start()
    api = Api(node.host, "sip", client.trust(bad.ca))
    with pytest.raises(Refused) as refused:
        await api.request_token(Ask(name="Hembesök", pin="1234"))
    assert (refused.value.reason, refused.value.passing) == (Refusal.ROOM_CERTIFICATE, False)
    assert not node.requests
    await api.close()
    await node.stop()


async def test_a_token_that_is_no_longer_good_is_a_lost_seat(node: Node, api: Api) -> None:
    api.token = "t0"
    node.queue("refresh_token", result("Invalid token", 403))
    with pytest.raises(SeatLost):
        await api.refresh_token()
    assert node.requests[-1].headers["token"] == "t0"
    node.standing["message"] = result("Chat is disabled", 403)
    with pytest.raises(Refused):
        await api.command("message", {"type": "text/plain", "payload": "hej"})


async def test_an_update_may_answer_with_text_or_with_an_object(node: Node, api: Api) -> None:
    node.queue("update", result("v=0 one"), result({"call_uuid": "c", "sdp": "v=0 two"}))
    assert await api.update_call("me", "c", "offer") == "v=0 one"
    assert await api.update_call("me", "c", "offer") == "v=0 two"


async def test_an_event_without_end_ends_the_stream_and_not_the_memory(node: Node, api: Api) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        await asyncio.wait_for(stream(b"data: " + b"x" * (4 * client.MAX_EVENT))(writer), 5)

    node.queue("events", endless)
    async with api.events() as source:
        with pytest.raises(httpx.DecodingError):
            await anext(source.aiter_sse())
