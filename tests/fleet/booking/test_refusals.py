"""What is no booking is refused with FHIR's codes and in Swedish, and names nobody."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fhir.resources.operationoutcome import OperationOutcome
from hypothesis import given
from hypothesis import strategies as st

from fleet.booking import systems
from fleet.booking.app import Limits, create_app
from fleet.booking.booking import take
from fleet.booking.limits import Buckets
from fleet.booking.outcome import Refusal, refuse
from fleet.booking.parse import MAX_BYTES, parse
from fleet.clock import now_ms
from fleet.store import Store
from tests.fleet.booking.conftest import LINK, System, appointment, issues, later

CANARIES = ("Kanariefågel", "191212121212", "diabetes", "kanarie@patient.test", "canary-query")
PERSON = {"reference": "Patient/191212121212", "display": "Kanariefågel"}


def link(address: str, **more: Any) -> list[dict[str, Any]]:
    return [{"addressUrl": address, **more}]


@pytest.mark.parametrize(
    ("changes", "status", "issue"),
    [
        ({"status": None}, 400, ("required", "Appointment.status")),
        ({"status": "tentative"}, 422, ("business-rule", "Appointment.status")),
        ({"status": "waitlist"}, 422, ("business-rule", "Appointment.status")),
        ({"start": None}, 422, ("required", "Appointment.start")),
        ({"start": "2026-11-21T14:30:00"}, 400, ("value", "Appointment.start")),
        ({"start": later(days=-2)}, 422, ("business-rule", "Appointment.start")),
        ({"start": later(days=200)}, 422, ("business-rule", "Appointment.start")),
        ({"end": later(days=-1)}, 422, ("business-rule", "Appointment.end")),
        ({"end": later(days=1)}, 422, ("business-rule", "Appointment.end")),
        ({"virtualService": None}, 422, ("required", "Appointment.virtualService")),
        ({"virtualService": link(LINK) * 2}, 422, ("business-rule", "Appointment.virtualService")),
        (
            {"virtualService": link(LINK, sessionKey="12 34")},
            422,
            ("value", "Appointment.virtualService[0].sessionKey"),
        ),
        ({"participant": None}, 400, ("required", "Appointment.participant")),
        ({"participant": []}, 422, ("required", "Appointment.participant")),
        (
            {"participant": [{"status": "accepted", "actor": {"reference": "Device/kit-9999"}}]},
            422,
            ("not-found", "Appointment.participant"),
        ),
        (
            {
                "participant": [
                    {"status": "accepted", "actor": {"reference": f"Device/kit-000{n}"}} for n in (1, 3)
                ]
            },
            422,
            ("multiple-matches", "Appointment.participant"),
        ),
        ({"implicitRules": "https://evil.test/rules"}, 422, ("not-supported", "Appointment.implicitRules")),
        ({"Kanariefågel": 1}, 400, ("structure", "Appointment")),
        ({"resourceType": "Patient"}, 400, ("invalid", "resourceType")),
    ],
)
async def test_what_is_no_booking_is_refused_with_code_and_place(
    system: System, changes: dict[str, Any], status: int, issue: tuple[str, str]
) -> None:
    whole = appointment()
    for name, value in changes.items():
        if value is None:
            del whole[name]
        else:
            whole[name] = value
    answer = await system.send("POST", "Appointment", whole)
    assert answer.status_code == status
    assert issue in issues(answer)
    OperationOutcome.model_validate(answer.json())
    assert (await system.told()).meetings == []


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/webapp/m/x",
        "https://meet.example@evil.test/webapp/m/x",
        "https://meet.example:8443/webapp/m/x",
        "https://meet.example.evil.test/webapp/m/x",
        "https://mеet.example/webapp/m/x",
        "http://meet.example/webapp/m/x",
        "javascript:alert(1)",
        "https://meet.example/api/client/v2/x",
        "hembesok",
        "https://meet.example/webapp/m/191212121212",
        "https://meet.example/webapp/m/?conference=19121212-1212",
    ],
)
async def test_a_link_that_leads_elsewhere_is_not_booked(system: System, address: str) -> None:
    answer = await system.put("a1", virtualService=link(address))
    assert answer.status_code in (400, 422)
    assert "evil" not in answer.text
    assert (await system.told()).meetings == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"resourceType": "Appointment", "status": "booked", "status": "cancelled"}',
        b'{"resourceType": "Appointment", "start": NaN}',
        b"9" * 5000,
        b'{"a":' * 5000,
        b"[" * 20_000,
    ],
)
async def test_what_is_no_resource_is_refused(system: System, body: bytes) -> None:
    headers = {"authorization": f"Bearer {system.token}", "content-type": "application/fhir+json"}
    answer = await system.client.post("/fhir/Appointment", headers=headers, content=body)
    assert answer.status_code == 400
    assert issues(answer)[0][0] in ("structure", "invalid")


async def test_size_form_and_address_are_limited(system: System) -> None:
    huge = appointment(note=[{"text": "x" * MAX_BYTES}])
    assert (await system.send("POST", "Appointment", huge)).status_code == 413
    text = await system.send("POST", "Appointment", appointment(), content_type="text/plain")
    assert (text.status_code, issues(text)) == (415, [("not-supported", "")])
    assert (await system.send("POST", "Patient", {})).status_code == 404
    assert (await system.send("PATCH", "Appointment/a1", {})).status_code == 405
    assert (await system.send("PUT", "Appointment/a1", {**appointment(), "id": "a2"})).status_code == 400
    existing = await system.send("POST", "Appointment", appointment(), if_none_exist="identifier=1")
    assert existing.status_code == 412


@pytest.mark.parametrize("name", ["191212121212", "191212-12-1212x_", "å", "x" * 65])
async def test_an_id_is_no_personal_number_and_is_kept_as_a_digest(system: System, name: str) -> None:
    answer = await system.put(name)
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize("guess", ["", "x", "kalender.", "kalender." + "A" * 43, "annat." + "A" * 43, "å"])
async def test_without_the_right_token_nothing_is_told(system: System, guess: str) -> None:
    await system.put("a1")
    headers = {b"authorization": f"Bearer {guess}".encode()}
    answer = await system.client.get("/fhir/Appointment/a1", headers=headers)
    assert (answer.status_code, issues(answer)) == (401, [("login", "")])
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_revoked_token_ends(system: System, store: Store) -> None:
    def revoke() -> None:
        with store.writing() as session:
            assert systems.revoke(session, "kalender", now_ms())

    assert (await system.put("a1")).status_code == 201
    await asyncio.to_thread(revoke)
    assert (await system.put("a1")).status_code == 401
    assert len((await system.told()).meetings) == 1


async def test_whoever_asks_too_often_must_wait(store: Store, token: str) -> None:
    limits = Limits(burst=3, per_s=0, wrong_burst=2, wrong_per_s=0)
    transport = httpx.ASGITransport(await asyncio.to_thread(create_app, store, limits))
    async with httpx.AsyncClient(transport=transport, base_url="http://booking.test") as client:
        system = System(store, client, token)
        answers = [await system.send("GET", "Appointment/a1") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
        assert issues(answers[-1]) == [("throttled", "")]
        assert int(answers[-1].headers["retry-after"]) > 0
        guesses = [await client.get("/fhir/Appointment/a1") for _ in range(3)]
        assert [answer.status_code for answer in guesses] == [401, 401, 429]


def test_a_bucket_fills_again_and_forgets_who_is_quiet() -> None:
    now = [0.0]
    buckets = Buckets(2, 1, lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]
    now[0] = 1.5
    assert buckets.take("a")
    assert not buckets.take("a")


FULL = {
    "subject": PERSON,
    "description": "Kanariefågel har diabetes",
    "reason": [{"concept": {"text": "diabetes"}}],
    "note": [{"text": "ring Kanariefågel 191212121212"}],
    "patientInstruction": [{"concept": {"text": "Kanariefågel"}}],
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Kanariefågel</div>'},
    "contained": [{"resourceType": "Patient", "id": "p", "name": [{"text": "Kanariefågel"}]}],
    "identifier": [{"system": "https://pnr.example", "value": "191212121212"}],
    "extension": [{"url": "https://x.example", "valueString": "Kanariefågel"}],
    "supportingInformation": [{"reference": "Condition/diabetes", "display": "diabetes"}],
    "virtualService": [
        {
            "addressUrl": f"{LINK}?name=canary-query&pin=4321",
            "additionalInfo": ["https://patient.example/kanarie@patient.test"],
        }
    ],
    "participant": [
        {"status": "accepted", "actor": PERSON},
        {
            "status": "accepted",
            "actor": {"reference": "RelatedPerson/1", "display": "Kanariefågels dotter"},
        },
        {
            "status": "accepted",
            "actor": {"reference": "Practitioner/1", "display": "Doktor Kanariefågel"},
        },
        {
            "status": "accepted",
            "actor": {"reference": "Device/kit-0001", "display": "hemma hos Kanariefågel"},
        },
    ],
}


def bytes_of(folder: Path) -> bytes:
    """Everything in the database's files, its log included."""
    return b"".join(file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize("preference", ["", "minimal", "representation", "OperationOutcome"])
async def test_patient_data_is_dropped_said_and_nowhere(
    system: System, store: Store, tmp_path: Path, preference: str, capfd: pytest.CaptureFixture[str]
) -> None:
    sent = {**appointment(**FULL), "id": "bokning-7"}
    answer = await system.send("PUT", "Appointment/bokning-7", sent, prefer=f"return={preference}")
    assert answer.status_code == 201
    for place in ("subject", "description", "reason", "note", "contained", "participant[0]"):
        assert f"Appointment.{place}" in answer.text
    assert "Appointment.virtualService[0].additionalInfo" in answer.text
    assert "Appointment.participant[3].actor.display" in answer.text
    told = await system.told()
    assert (told.meetings[0].link, told.meetings[0].pin) == (LINK, "4321")
    broken = {**sent, "Kanariefågel": 1, "start": "diabetes", "priority": "kanarie@patient.test"}
    refused = await system.send("PUT", "Appointment/bokning-7", broken)
    assert refused.status_code == 400
    read = await system.send("GET", "Appointment/bokning-7")
    stored = await asyncio.to_thread(bytes_of, tmp_path)
    output = "".join(capfd.readouterr())
    for canary in (*CANARIES, "bokning-7"):
        assert canary.encode() not in stored
        assert canary not in output
        assert canary not in repr(told)
    for canary in CANARIES:
        assert canary not in answer.text + refused.text + read.text


NAMED = {"extension": [{"url": "https://x.example", "valueString": "Kanariefågel"}]}
HIDDEN: list[tuple[str, dict[str, Any]]] = [
    ("meta.tag", {"meta": {"tag": [{"display": "Kanariefågel"}]}}),
    ("meta.extension", {"meta": NAMED}),
    ("start", {"_start": NAMED}),
    ("virtualService[0].addressUrl", {"virtualService": [{"addressUrl": LINK, "_addressUrl": NAMED}]}),
    (
        "virtualService[0].channelType.display",
        {"virtualService": [{"addressUrl": LINK, "channelType": {"code": "x", "display": "Kanariefågel"}}]},
    ),
    (
        "participant[0].type",
        {
            "participant": [
                {
                    "status": "accepted",
                    "type": [{"text": "Kanariefågel"}],
                    "actor": {"reference": "Device/kit-0001"},
                }
            ]
        },
    ),
    (
        "participant[0].actor.extension",
        {
            "participant": [
                {
                    "status": "accepted",
                    "actor": {
                        "reference": "Device/kit-0001",
                        "extension": [{"url": "https://x.example", "valueReference": PERSON}],
                    },
                }
            ]
        },
    ),
    (
        "participant[0].actor.identifier.assigner",
        {
            "participant": [
                {
                    "status": "accepted",
                    "actor": {
                        "type": "Device",
                        "identifier": {"value": "kit-0001", "assigner": {"display": "Kanariefågel"}},
                    },
                }
            ]
        },
    ),
]


@pytest.mark.parametrize(("place", "more"), HIDDEN, ids=[place for place, _ in HIDDEN])
async def test_what_hides_in_what_is_read_is_dropped_and_said_too(
    system: System, tmp_path: Path, place: str, more: dict[str, Any]
) -> None:
    answer = await system.put("bokning-8", **more)
    assert answer.status_code == 201
    assert ("suppressed", f"Appointment.{place}") in issues(answer)
    assert "Kanariefågel".encode() not in await asyncio.to_thread(bytes_of, tmp_path)


async def test_a_resource_that_holds_nothing_else_is_told_of_nothing(system: System) -> None:
    services = [
        {"addressUrl": LINK, "sessionKey": "1234", "channelType": {"code": "pexip"}, "maxParticipants": 4},
        {"addressContactPoint": {"system": "phone", "value": "08-465 004 44"}, "sessionKey": "7#"},
    ]
    answer = await system.put("bokning-9", virtualService=services, meta={"versionId": "1"})
    assert issues(answer) == [("success", "")]


async def test_no_token_and_no_pin_is_ever_stored_where_it_can_be_read(
    system: System, store: Store, tmp_path: Path
) -> None:
    await system.put("a1")
    stored = await asyncio.to_thread(bytes_of, tmp_path)
    assert system.token.partition(".")[2].encode() not in stored


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = (*appointment(), "end", "subject", "contained", "_start", "extension", "meta", "serviceType")


def refusal_of(data: bytes) -> Refusal | None:
    """Why the bytes are no booking; None when they are one."""
    try:
        taken = take(*parse(data))
    except Refusal as refusal:
        return refusal
    return None if taken.booking.link == LINK else refuse(500, "exception", "another link")


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=6), values, max_size=4))
def test_whatever_comes_is_a_booking_or_a_refusal_that_carries_nothing_sent(changes: dict[str, Any]) -> None:
    refusal = refusal_of(json.dumps(appointment() | changes).encode())
    if refusal is not None:
        assert 400 <= refusal.status < 500
        assert refusal.issues
        assert refusal.__context__ is None or refusal.__suppress_context__


@given(st.binary(max_size=300))
def test_bytes_that_are_no_resource_are_refused(data: bytes) -> None:
    refusal = refusal_of(data)
    assert refusal is not None
    assert refusal.status == 400
