"""Devices that register and are called, as it is on the wire."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from httpx_sse import aconnect_sse

from kit.meeting.testroom import Config, Limits, TestRoomServer
from kit.meeting.testroom.config import DEFAULT_DEVICES, DEFAULT_ROOMS
from tests.kit.meeting.testroom.client import ROOT, Api, Events
from tests.kit.meeting.testroom.conftest import OpenRoom

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEVICE = DEFAULT_DEVICES[0]


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(ring_s=1)


def basic(text: str, encode: Callable[[bytes], bytes] = base64.b64encode) -> str:
    return "x-pexip-basic " + encode(text.encode()).decode()


RIGHT = basic(f"{DEVICE.user}:{DEVICE.password}")


def at(path: str, alias: str = DEVICE.alias) -> str:
    return f"{ROOT}/registrations/{alias}/{path}"


async def register(http: httpx.AsyncClient, header: str = RIGHT, alias: str = DEVICE.alias) -> httpx.Response:
    return await http.post(at("request_token", alias), headers={"Authorization": header})


@asynccontextmanager
async def listening(http: httpx.AsyncClient, token: str) -> AsyncIterator[Events]:
    events = Events()
    opened = asyncio.Event()

    async def read() -> None:
        try:
            async with aconnect_sse(http, "GET", at("events"), headers={"token": token}) as source:
                opened.set()
                async for event in source.aiter_sse():
                    await events.add((event.event, json.loads(event.data)))
        finally:
            await events.end()

    reading = asyncio.create_task(read())
    await opened.wait()
    yield events
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_a_device_registers_in_either_alphabet_of_base64(http: httpx.AsyncClient) -> None:
    for header in (RIGHT, basic(f"{DEVICE.user}:{DEVICE.password}", base64.urlsafe_b64encode)):
        answer = await register(http, header)
        assert answer.status_code == 200
        result = answer.json()["result"]
        assert result["token"]
        assert int(result["expires"]) > 0


@pytest.mark.parametrize(
    ("header", "alias"),
    [
        (basic("enhet-07:fel"), DEVICE.alias),
        (basic("annan:" + DEVICE.password), DEVICE.alias),
        (RIGHT, "okand"),
        ("x-pexip-basic ÅÄÖ", DEVICE.alias),
        ("x-pexip-basic " + "A" * 5000, DEVICE.alias),
        ("Bearer " + RIGHT, DEVICE.alias),
        ("", DEVICE.alias),
    ],
)
async def test_wrong_credentials_register_nothing(http: httpx.AsyncClient, header: str, alias: str) -> None:
    headers = {b"Authorization": header.encode("latin-1")}
    answer = await http.post(at("request_token", alias), headers=headers)
    assert answer.status_code == 401


async def test_the_token_is_rotated_and_only_the_devices_own(http: httpx.AsyncClient) -> None:
    token = (await register(http)).json()["result"]["token"]
    fresh = (await http.post(at("refresh_token"), headers={"token": token})).json()["result"]["token"]
    assert fresh != token
    assert (await http.post(at("refresh_token"), headers={"token": "no"})).status_code == 403
    assert (await http.post(at("refresh_token", "annan"), headers={"token": fresh})).status_code == 403
    assert (await http.post(at("release_token"), headers={"token": fresh})).status_code == 200
    assert (await http.post(at("refresh_token"), headers={"token": fresh})).status_code == 403


async def test_a_dialled_device_rings_and_its_token_opens_the_room_once(
    http: httpx.AsyncClient, room: OpenRoom
) -> None:
    api = room("hembesok")
    host = await api.join("Läkare Norr", pin="1234")
    token = (await register(http)).json()["result"]["token"]
    async with listening(http, token) as events, host.events() as seen:
        dialled = await host.ok("dial", {"destination": DEVICE.alias, "role": "GUEST", "protocol": "auto"})
        assert len(dialled) == 1
        incoming = await events.wait("incoming")
        assert (incoming["conference_alias"], incoming["remote_display_name"]) == ("hembesok", "Läkare Norr")
        answered = await api.request_token("Enhet 07", token=incoming["token"])
        assert answered.status_code == 200
        assert answered.json()["result"]["role"] == "GUEST"
        assert answered.json()["result"]["current_service_type"] == "conference"
        await seen.wait("participant_create", lambda p: p["display_name"] == "Enhet 07")
        again = await api.request_token("Enhet 07", token=incoming["token"])
        assert (again.status_code, again.json()["result"]) == (403, "Invalid token")


async def test_a_locked_room_lets_in_whom_its_host_has_called(
    http: httpx.AsyncClient, room: OpenRoom
) -> None:
    api = room("last")
    host = await api.join("Läkare Norr", pin="1234")
    token = (await register(http)).json()["result"]["token"]
    async with listening(http, token) as events:
        await host.ok("dial", {"destination": DEVICE.alias})
        incoming = await events.wait("incoming")
        answered = await api.request_token("Enhet 07", token=incoming["token"])
        assert answered.json()["result"]["current_service_type"] == "conference"


async def test_a_call_is_called_off_by_its_host_by_time_and_by_the_end_of_the_meeting(
    http: httpx.AsyncClient, room: OpenRoom
) -> None:
    api = room("hembesok")
    host = await api.join("Läkare Norr", pin="1234")
    token = (await register(http)).json()["result"]["token"]
    async with listening(http, token) as events:
        (uuid,) = await host.ok("dial", {"destination": DEVICE.alias})
        first = await events.wait("incoming")
        await host.ok(f"participants/{uuid}/disconnect")
        assert await events.wait("incoming_cancelled") == {"token": first["token"]}
        await host.ok("dial", {"destination": DEVICE.alias})
        second = await events.wait("incoming", lambda data: data != first)
        await events.wait("incoming_cancelled", lambda data: data == {"token": second["token"]})
        await host.ok("dial", {"destination": DEVICE.alias})
        third = await events.wait("incoming", lambda data: data not in (first, second))
        await host.ok("release_token")
        await events.wait("incoming_cancelled", lambda data: data == {"token": third["token"]})
        assert (await api.request_token("Enhet 07", token=third["token"])).status_code == 403


async def test_a_refused_call_rings_no_more(http: httpx.AsyncClient, room: OpenRoom) -> None:
    api = room("hembesok")
    host = await api.join("Läkare Norr", pin="1234")
    token = (await register(http)).json()["result"]["token"]
    async with listening(http, token) as events:
        await host.ok("dial", {"destination": DEVICE.alias})
        ring = (await events.wait("incoming"))["token"]
        refused = await http.post(f"{ROOT}/conferences/hembesok/release_token?token={ring}")
        assert refused.status_code == 200
        assert (await api.request_token("Enhet 07", token=ring)).status_code == 403


async def test_who_connects_late_still_hears_what_rings(http: httpx.AsyncClient, room: OpenRoom) -> None:
    host = await room("hembesok").join("Läkare Norr", pin="1234")
    token = (await register(http)).json()["result"]["token"]
    async with listening(http, token):
        await host.ok("dial", {"destination": DEVICE.alias})
        async with listening(http, token) as late:
            await late.wait("incoming")


async def test_only_hosts_dial_and_only_who_is_registered_rings(
    server: TestRoomServer, http: httpx.AsyncClient, room: OpenRoom
) -> None:
    api = room("hembesok")
    host = await api.join("Läkare Norr", pin="1234")
    guest = await api.join("Tolk", pin="none")
    server.rooms.devices.release(DEVICE.alias)
    assert (await host.post("dial", {"destination": DEVICE.alias})).status_code == 404
    assert (await guest.post("dial", {"destination": DEVICE.alias})).status_code == 403
    assert (await host.post("dial", {"destination": ""})).status_code == 400


async def test_a_registration_that_is_not_refreshed_ends() -> None:
    config = Config(rooms=DEFAULT_ROOMS, devices=DEFAULT_DEVICES, limits=Limits(token_s=1, token_grace_s=0))
    async with TestRoomServer(config) as server, httpx.AsyncClient(base_url=server.url) as http:
        token = (await register(http)).json()["result"]["token"]
        async with listening(http, token) as events:
            await events.wait_end(within=5)
        assert (await Api(http, "oppet").join("x")).token
