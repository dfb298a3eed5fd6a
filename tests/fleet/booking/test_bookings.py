"""Meetings are booked, changed, cancelled and forgotten, and reach the kit that is meant."""

from __future__ import annotations

import asyncio

import pytest
from fhir.resources.appointment import Appointment
from fhir.resources.capabilitystatement import CapabilityStatement
from fhir.resources.operationoutcome import OperationOutcome

from fleet.booking import systems
from fleet.clock import day_of, now_ms
from fleet.store import Store, meetings
from fleet.store.desired import refresh
from fleet.store.tables import Kit, MeetingRow
from tests.fleet.booking.conftest import LINK, System, appointment, issues, later, told

PHONE = {"addressContactPoint": {"system": "phone", "value": "08-465 004 44"}, "sessionKey": "234 567#"}


async def test_a_booking_is_on_the_kit_with_link_pin_and_phone(system: System) -> None:
    services = [{"addressUrl": LINK, "sessionKey": "1234#"}, PHONE]
    answer = await system.send("POST", "Appointment", appointment(virtualService=services, end=later(31)))
    assert answer.status_code == 201
    assert answer.headers["etag"] == 'W/"1"'
    OperationOutcome.model_validate(answer.json())
    (meeting,) = (await system.told()).meetings
    assert (meeting.title, meeting.link, meeting.pin) == ("Vårdmöte", LINK, "1234")
    assert meeting.dial_in is not None
    assert (meeting.dial_in.phone, meeting.dial_in.meeting_id) == ("08-465 004 44", "234 567#")


async def test_what_was_booked_can_be_read_back_as_fhir(system: System) -> None:
    made = await system.send("POST", "Appointment", appointment(), prefer="return=representation")
    assert made.headers["preference-applied"] == "return=representation"
    resource = Appointment.model_validate(made.json())
    read = await system.send("GET", f"Appointment/{resource.id}")
    assert read.json() == made.json()
    assert read.json()["virtualService"] == [{"addressUrl": LINK, "sessionKey": "1234"}]
    unchanged = await system.send("GET", f"Appointment/{resource.id}", if_none_match=read.headers["etag"])
    assert unchanged.status_code == 304


async def test_the_kind_of_meeting_is_one_of_a_fixed_list(system: System) -> None:
    kind = [{"concept": {"coding": [{"code": "sip"}]}}]
    await system.put("a1", serviceType=kind)
    assert (await system.told()).meetings[0].title == "SIP-möte"
    free = [{"concept": {"text": "Palliativ vård", "coding": [{"code": "onkologi"}]}}]
    answer = await system.put("a1", serviceType=free)
    assert (await system.told()).meetings[0].title == "Vårdmöte"
    assert ("suppressed", "Appointment.serviceType") in issues(answer)


async def test_the_same_put_twice_changes_nothing(system: System) -> None:
    same = appointment()
    first = await system.send("PUT", "Appointment/a1", {**same, "id": "a1"})
    version = (await system.told()).version
    again = await system.send("PUT", "Appointment/a1", {**same, "id": "a1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["etag"] == first.headers["etag"]
    assert (await system.told()).version == version


async def test_a_change_needs_the_version_that_was_read(system: System) -> None:
    made = await system.put("a1")
    changed = {**appointment(start=later(40)), "id": "a1"}
    right = await system.send("PUT", "Appointment/a1", changed, if_match=made.headers["etag"])
    assert (right.status_code, right.headers["etag"]) == (200, 'W/"2"')
    wrong = await system.send("PUT", "Appointment/a1", changed, if_match=made.headers["etag"])
    assert (wrong.status_code, issues(wrong)) == (412, [("conflict", "")])
    gone = await system.send("DELETE", "Appointment/a1", if_match='W/"1"')
    assert gone.status_code == 412


async def test_a_cancelled_meeting_leaves_the_kit(system: System) -> None:
    await system.put("a1")
    answer = await system.put("a1", status="cancelled", start=None, virtualService=None)
    assert answer.status_code == 200
    assert (await system.told()).meetings == []
    assert (await system.send("GET", "Appointment/a1")).json()["status"] == "cancelled"
    assert (await system.put("a1")).status_code == 200
    assert len((await system.told()).meetings) == 1


async def test_a_deleted_meeting_is_gone_and_may_be_deleted_again(system: System) -> None:
    await system.put("a1")
    for _ in range(2):
        assert (await system.send("DELETE", "Appointment/a1")).status_code == 204
    assert (await system.told()).meetings == []
    assert issues(await system.send("GET", "Appointment/a1")) == [("not-found", "")]


@pytest.mark.parametrize(
    "actor",
    [
        {"reference": "Device/kit-0001"},
        {"reference": "https://bokning.example/fhir/Device/kit-0001"},
        {"type": "Device", "identifier": {"value": "kit-0001"}},
        {"type": "Location", "identifier": {"value": "Enhet 01"}},
        {"identifier": {"system": "https://hembesok.example/fhir/NamingSystem/unit", "value": "Enhet 01"}},
    ],
)
async def test_the_kit_is_named_by_its_id_or_its_units_name(system: System, actor: dict[str, object]) -> None:
    participant = [{"status": "accepted", "actor": actor}]
    assert (await system.put("a1", participant=participant)).status_code == 201
    assert len((await system.told()).meetings) == 1


async def test_a_meeting_may_move_to_another_kit(system: System, store: Store) -> None:
    def may_go_there() -> None:
        with store.writing() as session:
            session.get_one(Kit, "kit-0002").role = "active"

    await asyncio.to_thread(may_go_there)
    await system.put("a1")
    there = [{"status": "accepted", "actor": {"reference": "Device/kit-0002"}}]
    assert (await system.put("a1", participant=there)).headers["etag"] == 'W/"2"'
    assert (await system.told()).meetings == []
    assert len((await system.told("kit-0002")).meetings) == 1


async def test_a_booking_of_a_swapped_kit_goes_to_the_one_in_its_place(system: System, store: Store) -> None:
    def swap() -> None:
        with store.writing() as session:
            session.get_one(Kit, "kit-0002").role = "active"
            old = session.get_one(Kit, "kit-0001")
            old.role, old.replaced_by = "locked", "kit-0002"

    await asyncio.to_thread(swap)
    answer = await system.put("a1")
    assert ("informational", "") in issues(answer)
    assert len((await system.told("kit-0002")).meetings) == 1


async def test_two_systems_do_not_see_each_others_bookings(system: System, store: Store) -> None:
    def let_in() -> str:
        with store.writing() as session:
            return systems.add(session, "annat", "Annat", ["soder"], now_ms())

    await system.put("a1")
    other = System(store, system.client, await asyncio.to_thread(let_in))
    assert (await other.send("GET", "Appointment/a1")).status_code == 404
    refused = await other.put("a1")
    assert (refused.status_code, issues(refused)) == (422, [("not-found", "Appointment.participant")])
    await other.send("DELETE", "Appointment/a1")
    assert (await system.send("GET", "Appointment/a1")).status_code == 200


async def test_a_meeting_of_another_day_waits_for_its_day(system: System, store: Store) -> None:
    assert (await system.put("a1", start=later(days=2))).status_code == 201
    assert (await system.told()).meetings == []

    def two_days_later() -> None:
        with store.writing() as session:
            meetings.new_day(session, now_ms() + 2 * 86_400_000)

    await asyncio.to_thread(two_days_later)
    assert len((await system.told()).meetings) == 1


def test_meetings_are_forgotten_when_their_day_is_over(store: Store) -> None:
    now = now_ms()
    wanted = meetings.Wanted(id="m", title="Vårdmöte", start=now, link=LINK, source="sent")
    with store.writing() as session:
        meetings.put(session, session.get_one(Kit, "kit-0001"), wanted, who="test", now=now)
    assert len(told(store).meetings) == 1
    _, tomorrow = day_of(now)
    with store.writing() as session:
        assert meetings.new_day(session, tomorrow - 1) == 0
        assert meetings.new_day(session, tomorrow) == 1
        assert session.query(MeetingRow).count() == 0
    assert told(store).meetings == []


async def test_no_more_meetings_a_day_than_a_kit_can_be_told(system: System) -> None:
    for number in range(meetings.MAX_A_DAY):
        assert (await system.put(f"a{number}")).status_code == 201
    full = await system.put("a25")
    assert (full.status_code, issues(full)) == (422, [("business-rule", "")])
    assert len((await system.told()).meetings) == meetings.MAX_A_DAY
    assert (await system.put("a25", start=later(days=1))).status_code == 201


async def test_what_the_server_can_do_is_said_to_everybody(system: System) -> None:
    answer = await system.client.get("/fhir/metadata")
    assert answer.status_code == 200
    CapabilityStatement.model_validate(answer.json())


async def test_a_kit_is_told_again_when_a_meeting_comes_back(system: System, store: Store) -> None:
    """The version that brought the meeting is known: the dashboard says when the kit has it."""
    await system.put("a1")

    def versions() -> tuple[int | None, int]:
        with store.writing() as session:
            row = session.query(MeetingRow).one()
            return row.version, refresh(session, session.get_one(Kit, "kit-0001"), "test", now_ms())

    brought, current = await asyncio.to_thread(versions)
    assert brought == current == (await system.told()).version
