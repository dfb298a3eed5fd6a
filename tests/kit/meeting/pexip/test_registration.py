"""The kit as a device that can be called, against a node that says exactly what a test wants."""

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kit.meeting.pexip.registration import Account, Registration
from kit.visit.model import Invitation
from tests.kit.meeting.pexip.conftest import until
from tests.kit.meeting.pexip.node import Node, cut, reply, result, stream

TOKEN = {"token": "r0", "expires": "120", "registration_uuid": "u"}
CALL = {
    "conference_alias": "samtal 1",
    "remote_display_name": "Läkare\nNorr",
    "remote_alias": "lakare@region.test",
    "local_alias": "enhet-07",
    "service_type": "gateway",
    "token": "ring-1",
}


def event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


class Heard:
    def __init__(self) -> None:
        self.misread = 0
        self.rang: list[Invitation] = []
        self.cancelled: list[str] = []

    def misfit(self) -> None:
        self.misread += 1


@asynccontextmanager
async def registered(node: Node, tls: ssl.SSLContext, heard: Heard) -> AsyncIterator[Registration]:
    account = Account(node.host, "enhet-07", "enhet", "hemligt ä")
    registration = Registration(account, tls, heard.rang.append, heard.cancelled.append, misread=heard.misfit)
    running = asyncio.create_task(registration.run())
    yield registration
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_call_is_heard_and_called_off(node: Node, tls: ssl.SSLContext) -> None:
    heard = Heard()
    node.standing["request_token"] = result(TOKEN)
    gone = event("incoming_cancelled", {"token": "ring-1"})
    node.standing["events"] = stream(event("incoming", CALL), gone)
    async with registered(node, tls, heard) as registration:
        await until(lambda: heard.cancelled)
        assert registration.reachable
    (call,) = heard.rang
    assert (call.host, call.alias, call.ring_token) == (node.host, "samtal 1", "ring-1")
    assert call.caller == "Läkare Norr"
    assert heard.cancelled == ["ring-1"]
    (asked,) = node.asked("request_token")
    assert asked.path.endswith("/registrations/enhet-07/request_token")
    scheme, _, secret = asked.headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(secret).decode()) == ("x-pexip-basic", "enhet:hemligt ä")


@pytest.mark.parametrize(
    "bad",
    [
        b"event: incoming\ndata: null\n\n",
        b"event: incoming\ndata: {\n\n",
        event("incoming", {**CALL, "token": ""}),
        event("incoming", {**CALL, "conference_alias": 7}),
        event("incoming", {**CALL, "conference_alias": "x" * 300}),
        event("incoming_cancelled", {"token": None}),
        event("unknown", CALL),
    ],
)
async def test_what_does_not_fit_is_passed_over(node: Node, tls: ssl.SSLContext, bad: bytes) -> None:
    heard = Heard()
    node.standing["request_token"] = result(TOKEN)
    node.standing["events"] = stream(bad, event("incoming", CALL))
    async with registered(node, tls, heard):
        await until(lambda: heard.rang)
    assert [call.ring_token for call in heard.rang] == ["ring-1"]
    assert heard.cancelled == []
    assert heard.misread == (b"unknown" not in bad)


async def test_a_cut_stream_is_connected_again(node: Node, tls: ssl.SSLContext) -> None:
    heard = Heard()
    node.standing["request_token"] = result(TOKEN)
    node.queue("events", cut(event("unknown", None)))
    node.standing["events"] = stream(event("incoming", CALL))
    async with registered(node, tls, heard):
        await until(lambda: heard.rang)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_node_that_does_not_know_the_device_is_not_a_crash(
    node: Node, tls: ssl.SSLContext, status: int
) -> None:
    node.standing["request_token"] = reply(status, b"<html>no</html>", "text/html")
    async with registered(node, tls, Heard()) as registration:
        await until(lambda: registration.denied)
        assert not registration.reachable


async def test_a_registration_that_was_forgotten_is_made_anew(node: Node, tls: ssl.SSLContext) -> None:
    heard = Heard()
    node.standing["request_token"] = result(TOKEN)
    node.queue("events", result("Invalid token", 403))
    node.standing["events"] = stream(event("incoming", CALL))
    async with registered(node, tls, heard):
        await until(lambda: heard.rang, 6.0)
    assert len(node.asked("request_token")) == 2


async def test_a_refused_call_gives_its_token_back(node: Node, tls: ssl.SSLContext) -> None:
    node.standing["request_token"] = result(TOKEN)
    node.standing["events"] = stream()
    node.standing["release_token"] = result(True)
    async with registered(node, tls, Heard()) as registration:
        await registration.decline(Invitation(host=node.host, alias="samtal 1", ring_token="ring-1"))
        (released,) = node.asked("release_token")
    assert released.path.endswith("/conferences/samtal%201/release_token")
    assert released.headers["token"] == "ring-1"


def test_the_secret_has_no_text_form() -> None:
    assert "hemligt" not in repr(Account("n", "a", "u", "hemligt"))
