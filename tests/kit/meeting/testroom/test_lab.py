import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from kit.meeting.testroom import TestRoomServer
from tests.kit.meeting.testroom.client import Api

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def lab(server: TestRoomServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{server.lab_url}/lab/", timeout=10, verify=False) as client:
        yield client


async def test_faults_are_switched_on_and_healed_over_http(
    lab: httpx.AsyncClient, http: httpx.AsyncClient
) -> None:
    api = Api(http, "oppet")
    await lab.post("maintenance", json={"on": True})
    assert (await api.request_token()).status_code == 503
    await lab.post("maintenance", json={"on": False})
    await lab.post("refuse", json={"command": "request_token", "http": 502})
    assert (await api.request_token()).status_code == 502
    await lab.post("heal")
    assert (await api.request_token()).status_code == 200


async def test_answers_can_be_made_slow(lab: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    await lab.post("slow", json={"command": "status", "seconds": 0.3})
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await http.get("/api/client/v2/status")
    assert loop.time() - begun >= 0.3


async def test_healing_forgets_wrong_pins(lab: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    api = Api(http, "hembesok")
    for _ in range(3):
        await api.request_token(pin="9999")
    await lab.post("heal")
    assert (await api.request_token(pin="1234")).status_code == 200


async def test_a_token_can_be_made_to_time_out(lab: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    kit = await Api(http, "oppet").join("Kit 7")
    async with kit.events() as events:
        await lab.post("expire", json={"alias": "oppet", "participant": kit.uuid})
        assert (await events.wait("disconnect"))["reason"] == "Timer expired awaiting token refresh"


async def test_events_can_be_pushed_and_cut(lab: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    kit = await Api(http, "oppet").join("Kit 7")
    async with kit.events() as events:
        await lab.post("push", json={"alias": "oppet", "event": "refresh_token", "participant": kit.uuid})
        await events.wait("refresh_token")
        await lab.post("cut-events", json={"alias": "oppet"})
        await events.wait_end()


async def test_the_look_inside_names_nobody(lab: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    kit = await Api(http, "oppet").join("Kit 7", call_tag="canary-tag")
    inside = await lab.get("stats")
    assert list(inside.json()["result"]["oppet"][0]["participants"]) == [kit.uuid]
    assert "Kit 7" not in inside.text
    assert "canary-tag" not in inside.text
    assert kit.token not in inside.text


async def test_the_lab_is_not_part_of_the_api(http: httpx.AsyncClient, lab: httpx.AsyncClient) -> None:
    assert (await http.get("/lab/stats")).status_code == 404
    assert (await http.post("/lab/maintenance", json={"on": True})).status_code == 404
    assert (await lab.post("maintenance", json={"on": "perhaps"})).status_code == 400
