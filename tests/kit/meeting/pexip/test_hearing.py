"""What the node says beyond the roster: the room's abilities, the floor, hands, captions, transfers."""

import itertools

import pytest

from kit.ipc.call import Capabilities
from kit.meeting.pexip.hearing import GATHER_S
from kit.meeting.room import (
    CapabilitiesChanged,
    Caption,
    FloorChanged,
    LegLost,
    Message,
    Moderated,
    RosterChanged,
    SlidesChanged,
)
from tests.kit.meeting.pexip.ear import Ear, row

REVOKED = {"presenter_name": "", "presenter_uri": "", "presenter_uuid": ""}
THEIRS = {"presenter_name": "SSK Norr", "presenter_uri": "", "presenter_uuid": "nurse"}


@pytest.fixture
def ear() -> Ear:
    return Ear()


def able(ear: Ear) -> Capabilities:
    return [e.capabilities for e in ear.all if isinstance(e, CapabilitiesChanged)][-1]


async def test_what_the_room_can_do_follows_what_it_says(ear: Ear) -> None:
    ear.sync(row("me"))
    await ear.roster()
    assert able(ear) == Capabilities(raise_hand=True, present=True)
    ear.hear("conference_update", {"chat_enabled": False, "live_captions_available": True})
    assert able(ear) == Capabilities(chat=False, raise_hand=True, present=True, captions=True)
    ear.hear("conference_update", {"guests_can_present": False})
    assert able(ear).present is False
    ear.hear("participant_update", row("me", role="chair"))
    await ear.roster()
    assert able(ear).present is True
    ear.hear("conference_update", {"presentation_allowed": False})
    assert able(ear).present is False


async def test_who_waits_is_offered_nothing(ear: Ear) -> None:
    ear.sync(row("me", service_type="waiting_room"))
    await ear.roster()
    assert able(ear) == Capabilities(chat=False)


async def test_the_room_mutes_the_kit_and_lets_it_be_heard_again(ear: Ear) -> None:
    ear.sync(row("me", is_client_muted=True))
    await ear.roster()
    assert Moderated(True) not in ear.events
    for muted in ("YES", "YES", "NO"):
        ear.hear("participant_update", row("me", is_muted=muted))
        await ear.roster()
    assert [e for e in ear.events if isinstance(e, Moderated)] == [Moderated(True), Moderated(False)]


async def test_on_an_old_node_the_kits_own_mute_is_not_the_rooms(ear: Ear) -> None:
    ear.muted_itself = True
    ear.sync(row("me", is_muted="YES"))
    await ear.roster()
    assert Moderated(True) not in ear.events


async def test_hands_are_seen_and_the_host_may_lower_the_kits(ear: Ear) -> None:
    ear.sync(row("me", buzz_time=12.5), row("nurse", buzz_time=0))
    assert {p.uuid: p.hand_raised for p in await ear.roster()} == {"me": True, "nurse": False}
    ear.hear("participant_update", row("me", buzz_time=0))
    await ear.roster()
    assert ear.asked == ["lowered"]


async def test_the_floor_is_lost_to_another_and_when_it_is_revoked(ear: Ear) -> None:
    for taken in (REVOKED, THEIRS):
        ear.hearing.has_floor = True
        ear.hear("presentation_start", {**THEIRS, "presenter_uuid": "me"})
        assert FloorChanged(False) not in ear.events
        ear.hear("presentation_start", taken)
        ear.hear("presentation_start", taken)
        assert [e for e in ear.events if isinstance(e, FloorChanged)] == [FloorChanged(False)]
        ear.all.clear()
    ear.hear("presentation_stop", {})
    assert SlidesChanged(False) in ear.events


async def test_captions_are_told_in_one_line_and_bounded(ear: Ear) -> None:
    ear.hear("live_captions", {"data": "god\n morgon", "is_final": False, "src_lang": "sv", "sources": []})
    ear.hear("live_captions", {"data": "x" * 5000, "is_final": True})
    ear.hear("live_captions", {"data": "  ", "is_final": True})
    assert ear.events == [Caption("god morgon", False), Caption("x" * 2000, True)]


async def test_a_transfer_and_a_candidate_are_passed_on(ear: Ear) -> None:
    ear.hear("refer", {"alias": "annat-rum", "token": "t", "target": "conference", "breakout_name": None})
    ear.hear("refer", {"alias": "", "token": "t"})
    ear.hear("new_candidate", {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "mid": "0"})
    ear.hear("new_candidate", {"candidate": ""})
    assert ear.asked == [
        ("annat-rum", "t"),
        ("candidate:1 1 udp 1 192.0.2.1 9 typ host", "0"),
        ("", None),
    ]
    assert ear.hearing.misfits.count == 1


async def test_an_offer_of_the_nodes_own_means_a_new_leg(ear: Ear) -> None:
    for name in ("new_offer", "update_sdp", "peer_disconnect"):
        ear.hear(name, {"sdp": "v=0"})
    assert ear.events == []
    ear.hearing.call_uuid = "c1"
    ear.hear("new_offer", {"sdp": "v=0"})
    assert ear.events == [LegLost()]


async def test_nobody_comes_back_by_an_event_that_crossed_with_their_leaving(ear: Ear) -> None:
    ear.sync(row("me"), row("nurse"))
    ear.hear("participant_delete", {"uuid": "nurse"})
    ear.hear("participant_update", row("nurse", is_muted="YES"))
    ear.hear("participant_delete", {"uuid": "nurse"})
    assert [p.uuid for p in await ear.roster()] == ["me"]


async def test_every_order_of_the_same_events_ends_in_the_same_roster() -> None:
    events = [
        ("participant_create", row("nurse")),
        ("participant_create", row("nurse", is_muted="YES")),
        ("stage", [{"participant_uuid": "nurse", "stage_index": 0, "vad": 100}]),
    ]
    for order in itertools.permutations(events):
        ear = Ear()
        ear.sync(row("me"))
        for name, data in order:
            ear.hear(name, data)
            ear.hear(name, data)
        ear.sync(row("me"), row("nurse", is_muted="YES"))
        assert [(p.uuid, p.muted, p.speaking) for p in await ear.roster()] == [
            ("me", False, False),
            ("nurse", True, True),
        ]


async def test_a_sync_that_was_cut_in_the_middle_shows_nobody_half(ear: Ear) -> None:
    ear.sync(row("me"), row("nurse"))
    await ear.roster()
    before = len([e for e in ear.all if isinstance(e, RosterChanged)])
    ear.hear("participant_sync_begin")
    ear.hear("participant_create", row("stranger"))
    ear.sync(row("me"), row("gp"))
    assert {p.uuid for p in await ear.roster()} == {"me", "gp"}
    assert len([e for e in ear.all if isinstance(e, RosterChanged)]) == before + 1
    assert GATHER_S < 1


def said(payload: str, kind: str = "text/plain") -> dict[str, object]:
    return {"origin": "SSK Norr", "uuid": "nurse", "type": kind, "payload": payload, "direct": False}


async def test_a_link_or_markup_in_chat_is_taken_as_the_letters_that_it_is(ear: Ear) -> None:
    for text in ("https://evil.example/sår.jpg", "<img src=x onerror=alert(1)>", "[ref=a][b]Hej[/b][/ref]"):
        ear.hear("message_received", said(text))
        assert ear.all[-1] == Message("SSK Norr", text)


@pytest.mark.parametrize("kind", ["application/json", "text/html", "image/png", ""])
async def test_what_is_not_plain_text_is_not_shown_as_a_message(ear: Ear, kind: str) -> None:
    ear.hear("message_received", said("iVBORw0KGgo=", kind))
    assert [event for event in ear.all if isinstance(event, Message)] == []
