"""The JSON API."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from msgspec.structs import replace
from sqlalchemy import text

from fleet.clock import now_ms
from fleet.contract import CallQuality, Desired, Report, decode, encode
from fleet.ingest.intake import Incoming
from fleet.store import Store
from fleet.store.tables import Outgoing
from tests.fleet.samples import STREAM, WELL, report
from tests.fleet.web.conftest import commit

MEETING = {
    "id": "m1",
    "title": "SIP-möte",
    "start": now_ms(),
    "link": "https://meet.example/webapp/m/canary-room",
    "pin": "8642",
}


def desired(store: Store) -> Desired:
    with store.reading() as session:
        return decode(Desired, session.get_one(Outgoing, ("kit-0001", "cmd/desired")).payload)


async def test_the_kits_are_listed_with_word_reasons_and_health(client: httpx.AsyncClient, case: int) -> None:
    kits = {kit["id"]: kit for kit in (await client.get("/api/v1/kits")).json()}
    assert kits.keys() == {"kit-0001", "kit-0002", "kit-0003"}
    assert kits["kit-0001"]["level"] == "well"
    assert kits["kit-0001"]["case"] == case
    assert kits["kit-0001"]["health"]["battery"]["percent"] == 87
    assert kits["kit-0003"]["presence"]["word"] == "never_seen"
    assert [kit["id"] for kit in (await client.get("/api/v1/kits?state=spare")).json()] == ["kit-0002"]


async def test_committed_repeated_and_missing_reports_are_counted(
    client: httpx.AsyncClient, store: Store
) -> None:
    await commit(
        store, *(report(WELL, seq=seq) for seq in (1, 2, 2, 5)), Incoming("kits/kit-0001/report", b"x")
    )
    found = (await client.get("/api/v1/kits/kit-0001/reports")).json()
    (stream,) = found["streams"]
    assert (stream["contiguous"], stream["committed"], stream["duplicates"], stream["missing"]) == (
        2,
        3,
        1,
        2,
    )
    assert [(row["code"], row["count"]) for row in found["refusals"]] == [("not_json", 1)]
    assert (await client.get("/api/v1/reports")).json() == found


async def test_thinning_out_keeps_the_worst_of_a_call(client: httpx.AsyncClient, store: Store) -> None:
    now = now_ms()
    messages = []
    for seq in range(1, 121):
        trip, available = (900.0, 90.0) if seq == 60 else (40.0, 2500.0)
        call = CallQuality(round_trip_ms=trip, fps_received=30.0, available_kbps=available)
        body = replace(WELL, call=call)
        made = Report(kit="kit-0001", stream=STREAM, seq=seq, at=now - 3_000_000 + seq * 20_000, body=body)
        messages.append(Incoming("kits/kit-0001/report", encode(made)))
    await commit(store, *messages, now=now)
    columns = (await client.get("/api/v1/kits/kit-0001/health?hours=1&points=20")).json()
    assert 10 < len(columns["at"]) <= 21
    assert {len(column) for column in columns.values()} == {len(columns["at"])}
    assert max(columns["round_trip_ms"]) == 900
    assert (min(columns["available_kbps"]), max(columns["available_kbps"])) == (90, 2500)
    assert set(columns["fps_received"]) == {30.0}


async def test_a_swap_is_made_followed_and_finished(client: httpx.AsyncClient, case: int) -> None:
    spares = (await client.get(f"/api/v1/cases/{case}")).json()["spares"]
    assert [(spare["kit"], spare["usable"]) for spare in spares] == [("kit-0002", True)]
    made = await client.post("/api/v1/swaps", json={"case": case, "spare": "kit-0002"})
    assert made.status_code == 201
    swap = made.json()
    assert (swap["old"], swap["new"], swap["state"], swap["undoable"]) == (
        "kit-0001",
        "kit-0002",
        "moving",
        True,
    )
    refused = await client.post(f"/api/v1/swaps/{swap['id']}/steps", json={"step": "scrapped"})
    assert (refused.status_code, refused.json()["code"]) == (409, "step_out_of_turn")
    undone = await client.post(f"/api/v1/swaps/{swap['id']}/steps", json={"step": "undone"})
    assert undone.json()["state"] == "undone"


async def test_a_spare_that_is_not_there_is_not_taken(client: httpx.AsyncClient, store: Store) -> None:
    await client.post("/api/v1/cases", json={"kit": "kit-0001", "category": "damage"})
    answer = await client.post("/api/v1/swaps", json={"case": 1, "spare": "kit-0002"})
    assert (answer.status_code, answer.json()["code"]) == (409, "spare_unusable")


async def test_meetings_reach_the_kit_and_no_page(client: httpx.AsyncClient, store: Store) -> None:
    answer = await client.put("/api/v1/kits/kit-0001/meetings", json=[MEETING])
    assert answer.json() == {"version": 2}
    told = await asyncio.to_thread(desired, store)
    assert (told.meetings[0].link, told.meetings[0].pin) == (MEETING["link"], "8642")
    for path in ("/", "/kit/kit-0001", "/api/v1/kits/kit-0001", "/api/v1/kits/kit-0001/commands"):
        shown = (await client.get(path)).text
        assert "canary-room" not in shown
        assert "8642" not in shown
    assert "SIP-möte" in (await client.get("/kit/kit-0001")).text


@pytest.mark.parametrize(
    "meetings",
    [
        [MEETING, MEETING],
        [{**MEETING, "link": "no link"}],
        [{**MEETING, "pin": "1 2"}],
        [{**MEETING, "title": ""}],
        [{**MEETING, "id": str(number)} for number in range(26)],
    ],
)
async def test_meetings_that_do_not_fit_the_contract_are_refused(
    client: httpx.AsyncClient, meetings: list[dict[str, object]]
) -> None:
    answer = await client.put("/api/v1/kits/kit-0001/meetings", json=meetings)
    assert answer.status_code == 422
    assert answer.json()["text"]
    assert (await client.get("/api/v1/kits/kit-0001/commands")).json()[0]["version"] == 1


async def test_an_agreement_is_changed(client: httpx.AsyncClient) -> None:
    changed = await client.post("/api/v1/agreements/norr", json={"kind": "owned", "start": "2026-01-01"})
    assert (changed.json()["kind"], changed.json()["support"]["responsible"]) == ("owned", "municipality")
    again = await client.post("/api/v1/agreements/norr", json={"kind": "owned", "start": "2026-01-01"})
    assert (again.status_code, again.json()["code"]) == (409, "same_kind")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/kits/kit-9999", 404),
        ("/api/v1/kits/nonsense", 422),
        ("/api/v1/cases/9", 404),
        ("/api/v1/none", 404),
    ],
)
async def test_problems_are_told_to_programs_as_json(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert answer.json().keys() == {"code", "text"}


async def test_the_description_covers_every_operation(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert len(operations) >= 20
    assert all(operation["description"] and operation["tags"] for operation in operations)


async def test_the_status_says_that_nobody_listens(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/status")).json()["listening"] is False


async def test_a_database_that_refuses_is_said_in_plain_words(
    client: httpx.AsyncClient, store: Store
) -> None:
    await asyncio.to_thread(break_schema, store)
    answer = await client.get("/api/v1/cases")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_busy")
    page = await client.get("/arenden")
    assert page.status_code == 503
    assert "Databasen är upptagen" in page.text


def break_schema(store: Store) -> None:
    with store.writing() as session:
        session.execute(text("ALTER TABLE fault_case RENAME TO elsewhere"))
