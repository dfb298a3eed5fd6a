"""A seat's life against a scripted node: joined in the real clients' order, kept, resumed, given back."""

import asyncio
import ssl

import pytest

from kit.meeting.pexip import token as keeping
from kit.meeting.pexip.room import PexipRoom
from kit.meeting.room import (
    PinNeeded,
    Refused,
    RosterChanged,
    SeatGone,
    SeatLost,
)
from kit.visit.model import Invitation, Refusal
from tests.kit.meeting.pexip.conftest import until
from tests.kit.meeting.pexip.node import GRANTED, SYNC, Node, cut, result, stream
from tests.kit.meeting.pexip.seat import Leg, Seat

PIN_ASKED = result({"pin": "required", "guest_pin": "required", "version": {}}, 403)
GUESTS_FREE = result({"pin": "required", "guest_pin": "none", "version": {}}, 403)


async def test_the_order_is_that_of_the_real_clients(node: Node, seat: Seat) -> None:
    leg = Leg()
    assert await seat.room.join() is False
    await seat.room.place(leg)
    await seat.room.leave()
    ends = [request.path.rpartition("/")[2] for request in node.requests]
    assert ends == ["request_token", "events", "calls", "ack", "release_token"]
    assert all(request.headers["token"] == "t0" for request in node.requests[1:])
    assert leg.answers[0][1] == 512_000
    assert "a=content:main" in str(node.asked("calls")[0].json["sdp"])


@pytest.mark.parametrize(
    ("pin", "answers", "sent"),
    [
        (None, [GUESTS_FREE], [None, "none"]),
        ("", [], ["none"]),
        ("1234", [], ["1234"]),
    ],
)
async def test_pins_are_sent_as_the_room_wants_them(
    node: Node, tls: ssl.SSLContext, pin: str | None, answers: list[bytes], sent: list[str | None]
) -> None:
    node.queue("request_token", *answers)
    seat = Seat(node, tls, pin)
    await seat.room.join()
    assert [request.headers.get("pin") for request in node.asked("request_token")] == sent
    await seat.room.leave()


@pytest.mark.parametrize(
    ("pin", "answer", "wrong"),
    [
        (None, PIN_ASKED, False),
        ("", PIN_ASKED, False),
        ("9", PIN_ASKED, True),
        ("9", GUESTS_FREE, True),
        ("9", result("Invalid PIN", 403), True),
    ],
)
async def test_a_pin_is_asked_for_and_a_wrong_one_is_called_wrong(
    node: Node, tls: ssl.SSLContext, pin: str | None, answer: bytes, wrong: bool
) -> None:
    node.standing["request_token"] = answer
    seat = Seat(node, tls, pin)
    with pytest.raises(PinNeeded) as needed:
        await seat.room.join()
    assert needed.value.wrong is wrong
    await seat.room.leave()
    assert not node.asked("release_token")


@pytest.mark.parametrize(
    ("challenge", "reason"),
    [
        ({"idp": [{"name": "SITHS", "uuid": "i"}], "version": {}}, Refusal.ROOM_LOGIN_NEEDED),
        ({"redirect_url": "https://idp.test/", "redirect_idp": {}}, Refusal.ROOM_LOGIN_NEEDED),
        ({"fortune": "required"}, Refusal.ROOM_ANSWER_INVALID),
    ],
)
async def test_what_a_kit_cannot_answer_is_refused(
    node: Node, seat: Seat, challenge: object, reason: Refusal
) -> None:
    node.standing["request_token"] = result(challenge, 403)
    with pytest.raises(Refused) as refused:
        await seat.room.join()
    assert refused.value.reason is reason


async def test_a_waiting_room_is_told(node: Node, seat: Seat) -> None:
    node.standing["request_token"] = result({**GRANTED, "current_service_type": "waiting_room"})
    assert await seat.room.join() is True


async def test_the_token_is_exchanged_at_half_its_life_and_the_new_one_is_used(
    node: Node, seat: Seat
) -> None:
    node.standing["request_token"] = result({**GRANTED, "expires": "2"})
    node.standing["refresh_token"] = result({"token": "t1", "expires": "2"})
    began = asyncio.get_running_loop().time()
    await seat.room.join()
    await until(lambda: node.asked("refresh_token"))
    assert 0.9 < asyncio.get_running_loop().time() - began < 1.6
    await until(lambda: b"t1" in seat.blob)
    assert await seat.room.say("hej")
    assert node.asked("message")[0].headers["token"] == "t1"


async def test_exchanges_at_the_same_time_are_one(node: Node, seat: Seat) -> None:
    await seat.room.join()
    keeper = seat.room._keeper
    assert keeper is not None
    await asyncio.gather(*(keeper.refresh() for _ in range(5)))
    assert len(node.asked("refresh_token")) == 1


async def test_a_refused_token_is_a_lost_seat_and_a_passing_fault_is_not(
    node: Node, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FIRST_RETRY_S", 0.1)
    node.standing["request_token"] = result({**GRANTED, "expires": "2"})
    node.queue("refresh_token", result("Out of resource", 503), result("Invalid token", 403))
    await seat.room.join()
    await until(lambda: SeatGone() in seat.events)
    assert len(node.asked("refresh_token")) == 2
    assert await seat.room.say("hej") is True
    with pytest.raises(SeatLost):
        await seat.room.place(Leg())


async def test_a_cut_event_stream_comes_back_and_the_roster_with_it(node: Node, seat: Seat) -> None:
    node.queue("events", cut(SYNC), cut(SYNC.replace(b"Hembes\xc3\xb6k", b"Kit")), stream(SYNC))
    await seat.room.join()
    await until(lambda: len(node.asked("events")) == 3)
    await until(lambda: seat.room.unheard_s == 0)
    await until(lambda: sum(isinstance(event, RosterChanged) for event in seat.events) >= 1)


async def test_the_stream_is_unheard_for_as_long_as_nothing_answers(node: Node, seat: Seat) -> None:
    await seat.room.join()
    await node.stop()
    await until(lambda: seat.room.unheard_s > 0.3)


async def test_a_reconnect_is_harmless_at_any_moment(node: Node, seat: Seat) -> None:
    await seat.room.join()
    for number in range(60):
        seat.room.reconnect()
        if number % 3:
            seat.room.reconnect()
        await asyncio.sleep(0.001 * (number % 7))
    await until(lambda: seat.room.unheard_s == 0)
    assert SeatGone() not in seat.events
    await node.stop()
    for _ in range(60):
        seat.room.reconnect()
        await asyncio.sleep(0.003)
    assert seat.room.unheard_s > 0


async def test_an_event_stream_that_refuses_the_token_is_a_lost_seat(node: Node, seat: Seat) -> None:
    node.queue("events", cut(SYNC), result("Invalid token", 403))
    await seat.room.join()
    await until(lambda: SeatGone() in seat.events)


async def test_another_process_takes_the_same_seat(node: Node, tls: ssl.SSLContext, seat: Seat) -> None:
    await seat.room.join()
    await seat.room.place(Leg())
    heir = Seat(node, tls)
    assert await heir.room.resume(seat.blob) is False
    await heir.room.place(Leg())
    ends = [request.path.rpartition("/")[2] for request in node.requests[-5:]]
    assert ends == ["refresh_token", "events", "disconnect", "calls", "ack"]
    assert node.asked("disconnect")[0].path.endswith("/participants/me/calls/c1/disconnect")
    assert len(node.asked("request_token")) == 1
    await heir.room.leave()


async def test_a_meeting_that_was_taken_down_is_a_lost_seat(
    node: Node, tls: ssl.SSLContext, seat: Seat
) -> None:
    await seat.room.join()
    node.standing["refresh_token"] = result("Neither conference nor gateway found", 404)
    heir = Seat(node, tls)
    with pytest.raises(SeatLost):
        await heir.room.resume(seat.blob)
    await heir.room.leave()
    node.standing["calls"] = result("Neither conference nor gateway found", 404)
    with pytest.raises(SeatLost):
        await seat.room.place(Leg())


@pytest.mark.parametrize("blob", [b"", b"\xc1junk", b"\x80"])
async def test_a_seat_that_cannot_be_read_is_lost(seat: Seat, blob: bytes) -> None:
    with pytest.raises(SeatLost):
        await seat.room.resume(blob)


async def test_a_seat_in_another_room_is_not_taken(node: Node, tls: ssl.SSLContext, seat: Seat) -> None:
    await seat.room.join()
    invitation = Invitation(host=node.host, alias="another")
    other = PexipRoom(invitation, "Hembesök", tls, lambda _: None)
    asked = len(node.requests)
    with pytest.raises(SeatLost):
        await other.resume(seat.blob)
    assert len(node.requests) == asked
    await other.leave()


async def test_a_seat_that_the_roster_does_not_name_is_lost(
    node: Node, tls: ssl.SSLContext, seat: Seat
) -> None:
    await seat.room.join()
    node.standing["events"] = stream(SYNC.replace(b'"me"', b'"somebody"'))
    heir = Seat(node, tls)
    with pytest.raises(SeatLost):
        await heir.room.resume(seat.blob)
    await heir.room.leave()


async def test_switches_are_told_once_and_again_after_a_failure(node: Node, seat: Seat) -> None:
    await seat.room.join()
    await seat.room.tell(muted=True, camera_off=False)
    await seat.room.tell(muted=True, camera_off=False)
    assert len(node.asked("client_mute")) == 1
    node.queue("video_muted", result("Out of resource", 503))
    await seat.room.tell(muted=True, camera_off=True)
    assert len(node.asked("video_muted")) == 1
    seat.room.reconnect()
    await until(lambda: len(node.asked("video_muted")) == 2)


async def test_nodes_before_release_36_are_muted_in_their_way(node: Node, seat: Seat) -> None:
    node.standing["request_token"] = result({**GRANTED, "version": {"version_id": "35"}})
    node.standing["mute"] = result(True)
    await seat.room.join()
    await seat.room.tell(muted=True, camera_off=False)
    assert node.asked("mute")[0].path.endswith("/participants/me/mute")


@pytest.mark.parametrize(
    "answer",
    [
        result({"call_uuid": "c1", "sdp": ""}),
        result({"call_uuid": "c1", "sdp": "broken"}),
        result({"sdp": "v=0"}),
        result("v=0"),
        result({"call_uuid": "c1", "sdp": "v=0", "turn": {"urls": 1}}),
    ],
)
async def test_an_answer_that_is_no_use_is_refused(node: Node, seat: Seat, answer: bytes) -> None:
    node.queue("calls", answer)
    await seat.room.join()
    with pytest.raises(Refused) as refused:
        await seat.room.place(Leg())
    assert refused.value.reason is Refusal.ROOM_ANSWER_INVALID


async def test_relays_that_come_with_the_answer_are_for_the_next_leg(node: Node, seat: Seat) -> None:
    turn = {"urls": ["turns:turn.region.test:443?transport=tcp"], "username": "u", "credential": "c"}
    node.queue("calls", result({"call_uuid": "c1", "sdp": "v=0", "turn": [turn]}))
    await seat.room.join()
    await seat.room.place(Leg())
    assert seat.room.servers.turn[0].urls == ("turns:turn.region.test:443?transport=tcp",)


async def test_statistics_go_at_the_pace_that_the_node_asked_for(node: Node, seat: Seat) -> None:
    node.standing["request_token"] = result({**GRANTED, "client_stats_update_interval": 1000})
    await seat.room.join()
    await seat.room.place(Leg())
    seat.room.measured({"video": {"rx_fps": 25}})
    await until(lambda: node.asked("statistics"))
    assert node.asked("statistics")[0].json == {"video": {"rx_fps": 25}}


async def test_leaving_gives_the_token_back_even_when_the_node_answers_nonsense(
    node: Node, seat: Seat
) -> None:
    node.standing["release_token"] = b"HTTP/1.1 500 X\r\nContent-Length: 4\r\n\r\noops"
    await seat.room.join()
    await seat.room.leave()
    assert node.asked("release_token")[0].headers["token"] == "t0"
