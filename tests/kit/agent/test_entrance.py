"""How a meeting begins at the kit: by the day's list, by a code, for practice; by phone without a network."""

from __future__ import annotations

import asyncio
import datetime
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fleet.contract import Desired, DialIn, Meeting, SupportContact
from kit.agent.entrance import is_listed
from kit.config import KitConfig
from kit.config import Meeting as MeetingConfig
from kit.health import kept
from kit.ipc import call
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc.scan import CodeRead, ScanCodes, ScanTrouble, ScanTroubled
from kit.ipc.state import Page
from kit.portal.site import Portal
from kit.visit import events as ev
from kit.visit.model import Check, Refusal, Service, Step
from tests.kit.agent.conftest import LINK, Bench

SUPPORT = SupportContact(name="IT-support", phone="031-390 06 10", hours="vardagar", responsible="region")


def meeting(name: str, minutes: float = 0, **more: Any) -> Meeting:
    start = int((time.time() + 60 * minutes) * 1000)
    return Meeting(
        id=name, title="Vårdmöte", start=start, link=f"https://meet.example/webapp/m/{name}", **more
    )


def desired(*meetings: Meeting, **more: Any) -> Desired:
    return Desired(
        version=7,
        unit_name="Enhet 07",
        municipality="Norrkommunen",
        agreement="rental",
        support=SUPPORT,
        allowed_hosts=["*.region.test", "meet.example"],
        meetings=list(meetings),
        **more,
    )


def tell(bench: Bench, state: Desired) -> None:
    """Let the fleet have said this."""
    bench.agent.reporter.desired = state
    bench.agent.publish()


async def test_a_meeting_keeps_its_number_while_others_come_and_go(bench: Bench) -> None:
    screen = await bench.screen()
    tell(bench, desired(meeting("a"), meeting("b")))
    state = await screen.sees(lambda s: len(s.meetings) == 2)
    b = next(m.number for m in state.meetings if m.number == 1)
    tell(bench, desired(meeting("new"), meeting("b")))
    state = await screen.sees(lambda s: {m.number for m in s.meetings} == {0, 1})
    await screen.touch(cmd.ChooseMeeting(b))
    await screen.sees(lambda s: s.visit.step is Step.PREPARE)
    assert bench.agent.visit.invitation is not None
    assert bench.agent.visit.invitation.alias == "b"


async def test_a_booked_pin_is_used_without_its_end_sign(bench: Bench) -> None:
    screen = await bench.screen()
    tell(bench, desired(meeting("a", pin="1234#")))
    await screen.sees(lambda s: s.meetings)
    await screen.touch(cmd.ChooseMeeting(0))
    await screen.sees(lambda s: s.visit.step is Step.PREPARE)
    assert bench.agent.visit.invitation is not None
    assert bench.agent.visit.invitation.pin == "1234"


async def test_codes_are_looked_for_only_while_their_page_is_open(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await screen.touch(cmd.Open(Page.SCAN))
    assert await engine.is_told(ScanCodes) == ScanCodes(on=True)
    await engine.tells(ScanTroubled(ScanTrouble.SEVERAL))
    await screen.sees(lambda s: s.scan_trouble is ScanTrouble.SEVERAL)
    await screen.touch(cmd.Open(Page.MEETING))
    assert await engine.is_told(ScanCodes) == ScanCodes(on=False)
    await screen.sees(lambda s: s.scan_trouble is ScanTrouble.NONE)
    await engine.tells(CodeRead(LINK))
    await asyncio.sleep(0.2)
    assert bench.agent.visit.step is Step.IDLE


async def test_a_fresh_engine_is_told_to_look_for_codes_again(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await screen.touch(cmd.Open(Page.SCAN))
    await engine.is_told(ScanCodes)
    await engine.link.close()
    assert await (await bench.engine()).is_told(ScanCodes) == ScanCodes(on=True)


async def test_a_code_with_a_link_opens_the_meeting_and_closes_the_camera(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await screen.touch(cmd.Open(Page.SCAN))
    await engine.is_told(ScanCodes)
    await engine.tells(CodeRead("https://meet.example/janus/1234?pin=ab"))
    await screen.sees(lambda s: s.visit.step is Step.PREPARE)
    assert await engine.is_told(ScanCodes) == ScanCodes(on=False)
    invitation = bench.agent.visit.invitation
    assert invitation is not None
    assert (invitation.service, invitation.alias, invitation.pin) == (Service.JANUS, "1234", "ab")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://evil.example/webapp/m/norr", Refusal.LINK_HOST_NOT_ALLOWED),
        ("javascript:alert(1)", Refusal.LINK_SCHEME),
        ("WIFI:T:WPA;S:Hemma;P:hemligt;;", Refusal.CODE_WIFI),
        ("BEGIN:VCARD\nFN:Nobody\nEND:VCARD", Refusal.CODE_CONTACT),
        ("C+46701740605;100;Fika;0", Refusal.CODE_PAYMENT),
        ('{"uqr":1,"tp":1,"nme":"x"}', Refusal.CODE_PAYMENT),
        ("bankid.67df3917-fa0d-44e5-b327-edcc928297f8.0.dc69", Refusal.CODE_LOGIN),
        ("191212121212", Refusal.CODE_PERSONAL),
        ("735006274001", Refusal.CODE_OTHER),
        ("Ring mig i morgon", Refusal.CODE_OTHER),
        ("https://meet.example/webapp/m/" + "x" * 7000, Refusal.LINK_TOO_LONG),
    ],
)
async def test_a_code_about_something_else_is_said_and_no_word_of_it_is_kept(
    bench: Bench, text: str, reason: Refusal, capfd: pytest.CaptureFixture[str]
) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await screen.touch(cmd.Open(Page.SCAN))
    await engine.is_told(ScanCodes)
    await engine.tells(CodeRead(text))
    state = await screen.sees(lambda s: s.refused)
    assert state.refused is not None
    assert state.refused.reason is reason
    assert (state.visit.step, state.page) == (Step.IDLE, Page.SCAN)
    assert bench.agent.reporter.counters.snapshot() == {reason.value: 1}
    assert text not in "".join(capfd.readouterr())
    await engine.tells(CodeRead(LINK))
    await asyncio.sleep(0.2)
    assert bench.agent.visit.step is Step.IDLE
    await screen.touch(cmd.Dismiss())
    await screen.sees(lambda s: s.refused is None)
    await engine.tells(CodeRead(LINK))
    await screen.sees(lambda s: s.visit.step is Step.PREPARE)


async def test_a_page_of_codes_that_was_left_open_closes_the_camera(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await screen.touch(cmd.Open(Page.SCAN))
    await engine.is_told(ScanCodes)
    bench.agent.wall = lambda: time.time() + 1000
    assert await engine.is_told(ScanCodes) == ScanCodes(on=False)
    await screen.sees(lambda s: s.page is Page.MEETING)


async def test_the_test_room_and_the_echo_are_joined_with_no_meeting_booked(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    tell(bench, desired(test_room="https://test.region.test/webapp/m/prov"))
    await screen.sees(lambda s: s.test_room)
    await screen.touch(cmd.JoinTestRoom())
    order = await engine.is_told(ng.JoinRoom)
    assert (order.invitation.host, order.invitation.alias) == ("test.region.test", "prov")
    assert bench.agent.visit.practice
    await screen.sees(lambda s: s.visit.step is Step.JOINING)
    await screen.touch(ev.HangUp())
    await screen.sees(lambda s: s.visit.step is Step.IDLE)
    await screen.touch(cmd.JoinEcho())
    order = await engine.is_told(ng.JoinRoom)
    assert (order.invitation.host, order.invitation.alias) == ("meet.example", "eko")


async def test_the_phone_is_that_of_the_meeting_that_is_on(bench: Bench) -> None:
    screen = await bench.screen()
    own = DialIn(phone="08-465 004 44", meeting_id="234 567#")
    later = DialIn(phone="08-465 004 44", meeting_id="999#")
    region = DialIn(phone="08-465 004 40")
    tell(bench, desired(meeting("later", 300, dial_in=later), dial_in=region))
    state = await screen.sees(lambda s: s.dial_in)
    assert state.dial_in == call.DialIn(phone="08-465 004 40")
    both = desired(meeting("now", 10, dial_in=own), meeting("later", 300, dial_in=later), dial_in=region)
    tell(bench, both)
    await screen.sees(lambda s: s.dial_in == call.DialIn(phone=own.phone, meeting_id="234 567#"))
    listed = {m.dial_in.meeting_id for m in screen.state.meetings if m.dial_in}
    assert "234 567#" in listed


@pytest.mark.parametrize(
    ("begins", "now", "listed"),
    [
        ((23, 0, 5), (22, 23, 55), True),
        ((22, 23, 50), (23, 0, 10), True),
        ((23, 0, 30), (22, 23, 55), False),
        ((22, 21, 0), (23, 0, 10), False),
        ((22, 6, 0), (22, 23, 55), True),
    ],
)
def test_midnight_takes_no_meeting_from_who_works_at_night(
    begins: tuple[int, int, int], now: tuple[int, int, int], listed: bool
) -> None:
    at = [datetime.datetime(2026, 11, *moment).astimezone().timestamp() for moment in (begins, now)]
    assert is_listed(*at) is listed


async def test_without_any_network_the_function_test_and_the_phone_numbers_work(
    config: KitConfig, tmp_path: Path
) -> None:
    """The broker is away, the meeting's host cannot be reached, and nothing was heard since the start."""
    before = desired(meeting("a", dial_in=DialIn(phone="08-465 004 44", meeting_id="1#")))
    before = replace(before, dial_in=DialIn(phone="08-465 004 40"))
    assert await asyncio.to_thread(kept.save, config.state_dir, before)
    bench = await asyncio.to_thread(Bench, config)
    await bench.start()
    try:
        screen, engine = await bench.screen(), await bench.engine()
        state = await screen.sees(lambda s: s.support.phone)
        assert state.support.phone == "031-390 06 10"
        assert state.dial_in == call.DialIn(phone="08-465 004 40")
        await screen.touch(cmd.Open(Page.PHONE))
        await screen.sees(lambda s: s.page is Page.PHONE)
        await screen.touch(ev.StartCheck(), ev.RunCheck(Check.MICROPHONE))
        await engine.is_told(ng.TestMicrophone)
        await engine.tells(ng.MicrophoneTested(passed=True, dbfs=-30))
        await screen.touch(ev.AnswerCheck(Check.CAMERA, True), ev.AnswerCheck(Check.SPEAKER, True))
        state = await screen.sees(lambda s: s.visit.may_proceed)
        results = {check.value: result.value for check, result in state.visit.checks}
        assert results == {
            "camera": "passed",
            "microphone": "passed",
            "speaker": "passed",
            "network": "failed",
        }
    finally:
        await bench.die()


async def test_a_kit_that_never_heard_the_fleet_knows_the_number_of_its_configuration(
    config: KitConfig,
) -> None:
    meetings = MeetingConfig(
        allowed_hosts=("meet.example",),
        phone="08-465 004 41",
        test_room="https://meet.example/webapp/m/prov",
    )
    bench = await asyncio.to_thread(Bench, replace(config, meeting=meetings))
    await bench.start()
    try:
        screen = await bench.screen()
        state = await screen.sees(lambda s: s.dial_in)
        assert state.dial_in == call.DialIn(phone="08-465 004 41")
        assert state.test_room
    finally:
        await bench.die()


async def test_a_link_of_a_portal_begins_a_visit_there(config: KitConfig) -> None:
    origin = "https://portal.region.test"
    portal = Portal(name="Vårdportalen", address=f"{origin}/", origins=(origin,))
    meetings = MeetingConfig(allowed_hosts=("meet.example",), portals=(portal,))
    bench = await asyncio.to_thread(Bench, replace(config, meeting=meetings))
    await bench.start()
    try:
        screen = await bench.screen()
        await screen.touch(cmd.SubmitInvitation("https://portal.region.test.evil.test/m/1"))
        await screen.sees(lambda s: s.refused)
        await screen.touch(cmd.SubmitInvitation(f"{origin}/m/1?t=2"))
        await screen.sees(lambda s: s.visit.step is Step.PREPARE)
        invitation = bench.agent.visit.invitation
        assert invitation is not None
        assert (invitation.service, invitation.alias) == (Service.PORTAL, "Vårdportalen")
        assert invitation.address == f"{origin}/m/1?t=2"
    finally:
        await bench.die()
