"""The roster and the other things heard, from the node's events as they come on the wire."""

import asyncio

import pytest

from kit.ipc.call import Participant, Role
from kit.meeting.pexip.hearing import GATHER_S
from kit.meeting.pexip.messages import Row
from kit.meeting.pexip.roster import MAX_PARTICIPANTS, RosterBook, shown_name
from kit.meeting.room import (
    LegLost,
    Message,
    Over,
    RoomEvent,
    SeatGone,
    SlidesChanged,
    WaitingChanged,
)
from kit.visit.model import EndReason
from tests.kit.meeting.pexip.ear import Ear, row


@pytest.fixture
def ear() -> Ear:
    return Ear()


async def test_flags_are_read_in_both_spellings(ear: Ear) -> None:
    ear.sync(
        row("me", is_client_muted=True, start_time=1.0),
        row("nurse", role="chair", is_muted="YES", is_video_muted=True, is_presenting="YES", start_time=2.0),
        row("gp", is_muted="NO", is_client_muted=False, service_type="waiting_room", start_time=3.0),
    )
    me, nurse, gp = await ear.roster()
    assert me == Participant(uuid="me", name="me", me=True, muted=True)
    assert nurse == Participant(
        uuid="nurse", name="nurse", role=Role.HOST, muted=True, camera_off=True, presenting=True
    )
    assert gp == Participant(uuid="gp", name="gp", waiting=True)


async def test_a_resync_replaces_the_roster_and_never_shows_it_half(ear: Ear) -> None:
    ear.sync(row("me"), row("nurse"))
    assert len(await ear.roster()) == 2
    ear.hear("participant_sync_begin")
    ear.hear("participant_create", row("me"))
    before = len(ear.events)
    await asyncio.sleep(GATHER_S * 1.5)
    assert len(ear.events) == before
    ear.hear("participant_sync_end")
    assert [p.uuid for p in await ear.roster()] == ["me"]


async def test_who_comes_speaks_and_leaves_is_followed(ear: Ear) -> None:
    ear.sync(row("me"))
    ear.hear("participant_create", row("nurse"))
    ear.hear("stage", [{"participant_uuid": "nurse", "stage_index": 0, "vad": 100}])
    assert [(p.uuid, p.speaking) for p in await ear.roster()] == [("me", False), ("nurse", True)]
    ear.hear("participant_delete", {"uuid": "nurse"})
    assert [p.uuid for p in await ear.roster()] == ["me"]


async def test_who_is_in_the_rooms_one_picture_is_followed(ear: Ear) -> None:
    def pictured() -> list[str]:
        return [p.uuid for p in ear.hearing.book.participants() if p.pictured]

    ear.sync(row("me"), row("nurse"), row("gp"))
    ear.hear("layout", {"view": "1:7", "participants": ["nurse", "gp"], "requested_layout": {}})
    assert {p.uuid for p in await ear.roster() if p.pictured} == {"nurse", "gp"}
    ear.hear("layout", {"view": "1:0", "participants": "gp"})
    assert pictured() == ["gp"]
    misfits: list[object] = [{"participants": 7}, {"participants": ["x"] * 501}, {"participants": [None]}, []]
    for misfit in misfits:
        ear.hear("layout", misfit)
    assert (pictured(), ear.hearing.misfits.count) == (["gp"], 4)
    ear.hear("layout", {})
    assert pictured() == []


async def test_changes_of_one_moment_are_told_once(ear: Ear) -> None:
    ear.sync(row("me"))
    await ear.roster()
    before = len(ear.events)
    for number in range(20):
        ear.hear("participant_create", row(f"p{number}"))
    assert len(await ear.roster()) == 21
    assert len(ear.events) == before + 1


async def test_an_own_seat_of_before_is_not_shown(ear: Ear) -> None:
    ear.hearing.seated("me-again")
    ear.sync(row("me"), row("me-again"))
    assert [(p.uuid, p.me) for p in await ear.roster()] == [("me-again", True)]


async def test_admission_is_told(ear: Ear) -> None:
    ear.hearing.waiting = True
    ear.sync(row("me", service_type="waiting_room"))
    await ear.roster()
    assert WaitingChanged(False) not in ear.events
    ear.hear("participant_update", row("me"))
    await ear.roster()
    assert WaitingChanged(False) in ear.events


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("Conference terminated by another participant", Over(EndReason.HOST_ENDED, "#pex125")),
        ("All conference hosts departed hosted conference", Over(EndReason.HOST_ENDED, "#pex141")),
        ("Disconnected by another participant", Over(EndReason.REMOVED, "#pex124")),
        ("API initiated participant disconnect", Over(EndReason.REMOVED, "#pex122")),
        (
            "Timeout waiting for conference host to join or permit access to locked conference",
            Over(EndReason.WAITED_TOO_LONG, "#pex126"),
        ),
        ("Something new", Over(EndReason.CONNECTION_LOST, "#pex117")),
        ("Timer expired awaiting token refresh", SeatGone()),
        ("Media node disconnected", SeatGone()),
    ],
)
async def test_the_reason_of_an_end_decides_whether_the_kit_comes_back(
    ear: Ear, reason: str, outcome: RoomEvent
) -> None:
    ear.hear("disconnect", {"reason": reason})
    assert ear.events == [outcome]


async def test_only_the_present_leg_can_be_lost(ear: Ear) -> None:
    ear.hear("call_disconnected", {"call_uuid": "c1", "reason": "x"})
    ear.hearing.call_uuid = "c2"
    ear.hear("call_disconnected", {"call_uuid": "c1", "reason": "x"})
    assert ear.events == []
    ear.hear("call_disconnected", {"call_uuid": "c2", "reason": "x"})
    assert ear.events == [LegLost()]


async def test_chat_of_others_is_told_and_own_is_not(ear: Ear) -> None:
    ear.hear("message_received", {"origin": "SSK\nNorr", "uuid": "n", "type": "text/plain", "payload": "Hej"})
    ear.hear("message_received", {"origin": "Kit", "uuid": "me", "type": "text/plain", "payload": "Hej"})
    ear.hear("message_received", {"origin": "x", "uuid": "n", "type": "application/json", "payload": "{}"})
    assert ear.events == [Message("SSK Norr", "Hej")]


async def test_slides_are_those_of_others_and_a_revoked_presentation_is_none(ear: Ear) -> None:
    ear.hear("presentation_start", {"presenter_name": "", "presenter_uri": "", "presenter_uuid": ""})
    ear.hear("presentation_start", {"presenter_name": "Kit", "presenter_uri": "", "presenter_uuid": "me"})
    assert ear.events == []
    ear.hear("presentation_start", {"presenter_name": "N", "presenter_uri": "", "presenter_uuid": "n"})
    ear.hear("presentation_stop", {})
    ear.hear("presentation_stop", {})
    assert ear.events == [SlidesChanged(True), SlidesChanged(False)]


async def test_a_presentation_that_began_before_the_kit_came_is_seen(ear: Ear) -> None:
    ear.sync(row("me"), row("nurse", is_presenting="YES"))
    assert SlidesChanged(True) in ear.events


async def test_the_node_may_ask_for_a_refresh_and_unknown_events_are_passed_over(ear: Ear) -> None:
    ear.hear("refresh_token")
    ear.hear("made_up_event", {"x": 1})
    assert (ear.asked, ear.events, ear.hearing.misfits.count) == (["refresh"], [], 0)


async def test_what_does_not_fit_is_counted(ear: Ear) -> None:
    ear.hear("participant_create", {"uuid": 7})
    ear.hear("stage", "no list")
    ear.hearing.hear("participant_update", "{broken")
    assert ear.hearing.misfits.count == 3


def test_a_room_of_thousands_keeps_its_bound() -> None:
    book = RosterBook()
    for number in range(MAX_PARTICIPANTS + 50):
        book.put(Row(uuid=str(number)))
    assert len(book.participants()) == MAX_PARTICIPANTS


@pytest.mark.parametrize(
    ("given", "shown"),
    [(("SSK Norr", ""), "SSK Norr"), (("", "sip:norr@region.test"), "norr@region.test"), (("", ""), "")],
)
def test_names_are_shown_as_pexips_clients_do(given: tuple[str, str], shown: str) -> None:
    assert shown_name(*given) == shown


def test_names_are_one_line_and_bounded() -> None:
    assert shown_name("a\n\tb\u202ec\0" + "x" * 500) == ("a b c " + "x" * 500)[:120]
