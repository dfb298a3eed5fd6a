"""A meeting is sent to a kit by hand, seen to arrive, and taken away."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import httpx
import pytest

from fleet.clock import local, now_ms
from fleet.contract import Desired, DesiredApplied, decode
from fleet.store import Store
from fleet.store.tables import Municipality, Outgoing
from tests.fleet.samples import online, report
from tests.fleet.web.conftest import commit
from tests.fleet.web.test_pages import INLINE, text_of

LINK = "https://meet.example/webapp/m/canary-room"


def form(**changes: str) -> dict[str, str]:
    now = local(now_ms())
    filled = {"kit": "kit-0001", "link": LINK, "pin": "8642", "kind": "sip"}
    return {**filled, "day": now.date().isoformat(), "clock": f"{now:%H:%M}", **changes}


async def told(store: Store, kit: str = "kit-0001") -> Desired:
    def read() -> Desired:
        with store.reading() as session:
            return decode(Desired, session.get_one(Outgoing, (kit, "cmd/desired")).payload)

    return await asyncio.to_thread(read)


def deliveries(page: str) -> list[str]:
    return re.findall(r'data-delivery="(\w+)"', page)


async def test_a_sent_meeting_is_seen_to_arrive_and_is_taken_away(
    client: httpx.AsyncClient, store: Store
) -> None:
    await commit(store, online("kit-0001"))
    done = await client.post("/skicka", data=form())
    assert (done.status_code, done.headers["location"]) == (303, "/skicka#moten")
    page = await client.get("/skicka")
    assert deliveries(page.text) == ["waiting"]
    assert "SIP-möte På väg till enheten" in text_of(page)
    for secret in ("canary-room", "8642"):
        assert secret not in page.text
    desired = await told(store)
    assert (desired.meetings[0].link, desired.meetings[0].pin) == (LINK, "8642")

    await commit(store, report(DesiredApplied(version=desired.version)))
    page = await client.get("/skicka")
    assert deliveries(page.text) == ["received"]

    (place,) = re.findall(r'href="(/skicka/kit-0001/[^"]+/bort)"', page.text)
    question = await client.get(place)
    assert "Ta bort mötet från Enhet 01?" in text_of(question)
    await client.post(place)
    assert (await told(store)).meetings == []
    assert deliveries((await client.get("/skicka")).text) == []
    assert (await client.get(place)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"link": "https://evil.test/webapp/m/x"}, "server som inte är godkänd"),
        ({"link": "https://meet.example@evil.test/webapp/m/x"}, "server som inte är godkänd"),
        ({"link": "javascript:alert(1)"}, "ingen möteslänk"),
        ({"link": "hembesok"}, "Kontrollera att hela länken kom med"),
        ({"link": "x" * 3000}, "Länken är för lång"),
        ({"pin": "12 34"}, "PIN-koden"),
        ({"clock": ""}, "Skriv dag och klockslag"),
        ({"day": "2020-01-01"}, "Skriv dag och klockslag"),
        ({"kit": "kit-0002"}, "Enheten är inte i drift"),
        ({"kit": "kit-9999"}, "Enheten finns inte"),
    ],
)
async def test_what_is_wrong_is_said_at_the_form_which_keeps_what_was_typed(
    client: httpx.AsyncClient, store: Store, changes: dict[str, str], words: str
) -> None:
    answer = await client.post("/skicka", data=form(**changes))
    assert answer.status_code in (404, 409, 422)
    assert words in text_of(answer)
    assert "Mötet skickades inte." in text_of(answer)
    if "pin" not in changes:
        assert 'value="8642"' in answer.text
    assert INLINE.search(answer.text) is None or "link" in changes
    assert (await told(store)).meetings == []


async def test_a_link_is_checked_by_the_rules_of_the_kits_own_municipality(
    client: httpx.AsyncClient, store: Store
) -> None:
    def allow() -> None:
        with store.writing() as session:
            session.get_one(Municipality, "norr").allowed_hosts = ["norr.example"]

    await asyncio.to_thread(allow)
    assert (await client.post("/skicka", data=form())).status_code == 422
    assert (await client.post("/skicka", data=form(kit="kit-0003"))).status_code == 303


async def test_a_meeting_of_tomorrow_is_sent_tomorrow(client: httpx.AsyncClient, store: Store) -> None:
    tomorrow = (local(now_ms()) + timedelta(days=1)).date().isoformat()
    await client.post("/skicka", data=form(day=tomorrow))
    page = await client.get("/skicka?kommun=norr")
    assert deliveries(page.text) == ["later"]
    assert (await told(store)).meetings == []
    assert deliveries((await client.get("/skicka?kommun=soder")).text) == []


async def test_the_form_begins_with_the_kit_that_one_came_from(client: httpx.AsyncClient) -> None:
    assert 'href="/skicka?kit=kit-0001"' in (await client.get("/kit/kit-0001")).text
    page = (await client.get("/skicka?kit=kit-0001")).text
    assert '<option value="kit-0001" selected>' in page
    assert "kit-0002" not in page


async def test_what_programs_put_does_not_take_away_what_was_sent(
    client: httpx.AsyncClient, store: Store
) -> None:
    await client.post("/skicka", data=form())
    await client.put("/api/v1/kits/kit-0001/meetings", json=[])
    assert len((await told(store)).meetings) == 1
