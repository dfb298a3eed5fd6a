"""The pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from msgspec.structs import replace

from fleet.contract import CallQuality, DesiredApplied, Device, Fault, Health, LinkTest, Mobile, Uplink
from fleet.store import Store
from fleet.store.migrate import upgrade
from fleet.web.app import create_app
from tests.fleet.samples import STREAM, WELL, last_will, online, report
from tests.fleet.web.conftest import ADDRESS, commit

PAGES = [
    "/",
    "/?kommun=norr&lage=well",
    "/kit/kit-0001",
    "/kit/kit-0003",
    "/kit/kit-0001/anmal",
    "/arenden",
    "/arenden?visa=alla",
    "/arenden/1",
    "/arenden/1/byt/kit-0002",
    "/forrad",
    "/skicka",
    "/skicka?kommun=norr&kit=kit-0001",
    "/avtal",
    "/avtal/norr",
    "/avtal/norr/andra?kind=owned&start=2027-01-01",
    "/docs",
]
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def text_of(answer: httpx.Response) -> str:
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_shown_in_swedish_without_inline_script(
    client: httpx.AsyncClient, case: int, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert '<html lang="sv">' in answer.text
    assert INLINE.search(answer.text) is None
    assert "Inga patientuppgifter" in text_of(answer)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[FastAPI]:
    """A dashboard over a register without anything in it."""
    store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    upgrade(store)
    yield create_app(store, tmp_path)
    store.close()


@pytest.mark.parametrize("path", ["/", "/skicka", "/arenden", "/forrad", "/avtal", "/docs"])
async def test_an_empty_fleet_says_what_to_do(empty: FastAPI, path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(empty), base_url=ADDRESS) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert "Mottagningen har inte startats än." in text_of(answer)


async def test_the_overview_says_how_each_kit_is_and_why(
    client: httpx.AsyncClient, store: Store, case: int
) -> None:
    await commit(store, last_will("kit-0001"))
    page = text_of(await client.get("/"))
    assert "Tyst Tappade förbindelsen" in page
    assert "Mår bra Uppkopplad sedan" in page
    assert "Aldrig hörd" in page


async def test_a_kit_in_a_call_says_what_its_devices_lost(client: httpx.AsyncClient, store: Store) -> None:
    health = replace(WELL, call=CallQuality(xruns=3, damaged_pictures=12))
    await commit(store, online("kit-0001"), report(health))
    page = text_of(await client.get("/kit/kit-0001"))
    assert "Avbrott i ljudkortet 3" in page
    assert "Skadade bilder 12" in page
    assert "Avbrott i ljudkortet" not in text_of(await client.get("/kit/kit-0003"))


async def test_the_filters_narrow_the_list(client: httpx.AsyncClient, case: int) -> None:
    rows = re.findall(r'id="row-(kit-\d+)"', (await client.get("/?kommun=soder")).text)
    assert rows == ["kit-0003"]
    assert re.findall(r'id="row-(kit-\d+)"', (await client.get("/?lage=spare")).text) == ["kit-0002"]
    assert "Inga enheter att visa" in text_of(await client.get("/?lage=ill"))


@pytest.mark.parametrize(
    "facts",
    [
        None,
        Health(),
        Health(uplink=Uplink(kind="cable")),
        Health(mobile=Mobile(sim="missing")),
        Health(camera=Device(state="missing")),
    ],
    ids=["none", "empty", "cable", "mobile", "camera"],
)
async def test_a_case_shows_whatever_facts_the_kit_could_tell(
    client: httpx.AsyncClient, store: Store, facts: Health | None
) -> None:
    fault = Fault(local_id=STREAM, category="sound", facts=facts)
    await commit(store, online("kit-0001"), report(fault))
    answer = await client.get("/arenden/1")
    assert answer.status_code == 200
    assert "Ingen beskrivning skrevs" in text_of(answer)


async def test_a_fault_is_swapped_and_undone_by_forms_alone(client: httpx.AsyncClient, case: int) -> None:
    page = text_of(await client.get(f"/arenden/{case}"))
    assert "Byt till kit-0002" in page
    assert "Finns i samma kommun" in page
    question = text_of(await client.get(f"/arenden/{case}/byt/kit-0002"))
    assert "kit-0002 blir Enhet 01 · Hemsjukvården Norr" in question
    done = await client.post(f"/arenden/{case}/byt/kit-0002")
    assert (done.status_code, done.headers["location"]) == (303, f"/arenden/{case}")
    assert "Byte pågår" in text_of(await client.get(f"/arenden/{case}"))
    assert "Spärrad" in text_of(await client.get("/kit/kit-0001"))
    await client.post(f"/arenden/{case}/angra")
    assert "Bytet ångrat" in text_of(await client.get(f"/arenden/{case}"))


async def test_the_measured_time_is_shown_when_both_kits_have_answered(
    client: httpx.AsyncClient, store: Store, case: int
) -> None:
    await client.post(f"/arenden/{case}/byt/kit-0002")
    await commit(store, report(DesiredApplied(version=2), kit="kit-0002", seq=2))
    await commit(store, report(DesiredApplied(version=2), seq=3))
    answer = await client.get(f"/arenden/{case}")
    assert "Bytt" in text_of(answer)
    assert re.search(r'data-seconds="[0-9.]+"', answer.text)


async def test_what_cannot_be_done_is_said_in_plain_swedish(client: httpx.AsyncClient, case: int) -> None:
    await client.post(f"/arenden/{case}/byt/kit-0002")
    again = await client.post(f"/arenden/{case}/byt/kit-0002")
    assert again.status_code == 409
    assert "Reserven är inte ledig längre" in text_of(again) or "Enheten byts redan" in text_of(again)
    for path, words in (
        ("/kit/kit-7777", "Enheten finns inte"),
        ("/arenden/99", "Ärendet finns inte"),
        ("/x", "Sidan"),
    ):
        missing = await client.get(path)
        assert missing.status_code == 404
        assert words in text_of(missing)


async def test_a_fault_can_be_reported_by_telephone(client: httpx.AsyncClient) -> None:
    done = await client.post("/kit/kit-0003/anmal", data={"category": "charging", "text": "Startar  inte"})
    page = text_of(await client.get(done.headers["location"]))
    assert "Ärende 1: Laddning" in page
    assert "Startar inte" in page
    assert "Ansvarig: Kommunen" in page
    assert "vidare till regionens" in page


async def test_a_change_of_agreement_is_explained_and_then_made(client: httpx.AsyncClient) -> None:
    question = text_of(await client.get("/avtal/norr/andra?kind=owned&start=2026-01-01"))
    assert "från 08-465 004 10 (Regionens utrustningsservice) till 031-390 06 10" in question
    assert "Regionens enheter ska lämnas tillbaka eller köpas ut kit-0001, kit-0002" in question
    await client.post("/avtal/norr/andra", data={"kind": "owned", "start": "2026-01-01"})
    page = text_of(await client.get("/avtal/norr"))
    assert "Startskärmen visar Norrkommunens IT-support 031-390 06 10" in page


async def test_the_municipalitys_own_numbers_are_kept_as_one_writes_them(client: httpx.AsyncClient) -> None:
    assert "Siffrorna är exempel" in text_of(await client.get("/avtal/soder"))
    numbers = {
        "kits": "12",
        "years": "8",
        "base_fee_year": "30\u00a0000",
        "rent_kit_month": "1 000,50",
        "price_kit": "20 000",
        "life_years": "4",
        "spare_percent": "10",
        "broadband_kit_month": "199",
        "support_hours_kit_year": "4,5",
        "setup_hours_kit": "3",
        "hour_cost": "700",
        "training_year": "0",
    }
    await client.post("/avtal/soder/kostnad", data=numbers)
    years = (await client.get("/api/v1/agreements/soder/costs")).json()
    assert len(years) == 8
    assert years[0]["rental"] == 30_000 + 12 * 1000.5 * 12
    assert "Siffrorna är exempel" not in text_of(await client.get("/avtal/soder"))
    wrong = await client.post("/avtal/soder/kostnad", data={**numbers, "kits": "många"})
    assert wrong.status_code == 422


async def test_what_link_tests_said_is_shown_for_each_uplink(client: httpx.AsyncClient, store: Store) -> None:
    tests = (
        LinkTest(kind="cable", verdict="good", age_s=130, up_kbps=2000, down_kbps=1500),
        LinkTest(kind="mobile", verdict="poor", age_s=20),
    )
    await commit(store, online("kit-0001"), report(replace(WELL, link_tests=tests)))
    page = text_of(await client.get("/kit/kit-0001"))
    assert "Nättest: Kabel Bra: ut 2 000, in 1 500 kbit/s, 2 min 10 s sedan" in page
    assert "Nättest: Mobilnät Räcker inte, 20 s sedan" in page


async def test_mobile_broadband_is_shown_with_its_data(client: httpx.AsyncClient, store: Store) -> None:
    own = Mobile(
        sim="ready", registration="home", technology="5g", signal="fair", used_mb=16_400, budget_mb=20_000
    )
    await commit(store, online("kit-0001"), report(replace(WELL, mobile=own)))
    page = text_of(await client.get("/kit/kit-0001"))
    assert "Mobilt bredband 5G, okej signal" in page
    assert "Mobildata denna månad 16,4 av 20 GB" in page
    assert "Har använt 82 % av månadens mobildata" in page


async def test_a_kit_whose_card_is_missing_is_ill_and_says_so(
    client: httpx.AsyncClient, store: Store
) -> None:
    await commit(store, online("kit-0001"), report(replace(WELL, mobile=Mobile(sim="missing"))))
    page = text_of(await client.get("/kit/kit-0001"))
    assert "Mobilt bredband: SIM-kortet saknas" in page
