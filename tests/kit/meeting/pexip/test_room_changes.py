"""What happens on a seat: transfers, hands, captions, the floor, candidates."""

import asyncio
import ssl

from kit.meeting.room import FloorChanged, Transferred
from tests.kit.meeting.pexip.conftest import until
from tests.kit.meeting.pexip.node import GRANTED, SYNC, Node, result, stream
from tests.kit.meeting.pexip.seat import Leg, Seat


def refer(alias: str, token: str) -> bytes:
    return f'event: refer\ndata: {{"alias":"{alias}","token":"{token}"}}\n\n'.encode()


async def test_a_transfer_leads_to_the_other_room_and_once_only(node: Node, seat: Seat) -> None:
    node.queue("events", stream(SYNC + refer("annat-rum", "r1") + refer("annat-rum", "r1")))
    await seat.room.join()
    await until(lambda: Transferred() in seat.events)
    await seat.room.join()
    assert node.asked("release_token")[0].json == {"reason": "Transfer"}
    asked = node.asked("request_token")[-1]
    assert "/conferences/annat-rum/" in asked.path
    assert asked.json["token"] == "r1"
    assert seat.events.count(Transferred()) == 1
    await seat.room.join()
    again = node.asked("request_token")[-1]
    assert "/conferences/annat-rum/" in again.path
    assert "token" not in again.json


async def test_a_transfer_whose_token_is_spent_is_joined_as_any_room(node: Node, seat: Seat) -> None:
    node.queue("events", stream(SYNC + refer("annat-rum", "r1")))
    await seat.room.join()
    await until(lambda: Transferred() in seat.events)
    node.queue("request_token", result("Invalid token", 403))
    await seat.room.join()
    assert ["token" in asked.json for asked in node.asked("request_token")] == [False, True, False]


async def test_another_process_takes_the_seat_in_the_room_that_the_kit_was_sent_to(
    node: Node, tls: ssl.SSLContext, seat: Seat
) -> None:
    node.queue("events", stream(SYNC + refer("annat-rum", "r1")))
    await seat.room.join()
    await until(lambda: Transferred() in seat.events)
    await seat.room.join()
    heir = Seat(node, tls)
    await heir.room.resume(seat.blob)
    assert "/conferences/annat-rum/" in node.asked("refresh_token")[-1].path
    await heir.room.leave()


async def test_a_hand_is_raised_lowered_and_forgotten_with_the_seat(node: Node, seat: Seat) -> None:
    node.standing |= {"buzz": result(True), "clearbuzz": result(True)}
    await seat.room.join()
    await seat.room.raise_hand(on=True)
    await seat.room.raise_hand(on=False)
    await seat.room.raise_hand(on=True)
    assert (len(node.asked("buzz")), len(node.asked("clearbuzz"))) == (2, 1)
    await seat.room.join()
    await seat.room.tell(muted=False, camera_off=False)
    assert len(node.asked("buzz")) == 2


async def test_captions_are_asked_for_again_on_a_new_seat(node: Node, seat: Seat) -> None:
    node.standing |= {"show_live_captions": result(None), "hide_live_captions": result(None)}
    await seat.room.join()
    await seat.room.captions(on=True)
    await seat.room.join()
    await seat.room.tell(muted=False, camera_off=False)
    assert len(node.asked("show_live_captions")) == 2
    await seat.room.captions(on=False)
    assert len(node.asked("hide_live_captions")) == 1


async def test_the_floor_is_taken_given_back_and_may_be_denied(node: Node, seat: Seat) -> None:
    node.standing |= {"take_floor": result(None), "release_floor": result(None)}
    await seat.room.join()
    assert await seat.room.present(on=True) is True
    assert await seat.room.present(on=False) is True
    node.queue("take_floor", result("Presentation is not allowed", 403))
    assert await seat.room.present(on=True) is False
    floor = [event for event in seat.events if isinstance(event, FloorChanged)]
    assert floor == [FloorChanged(True), FloorChanged(False)]


async def test_candidates_go_to_the_leg_and_their_end_to_a_node_that_trickles(node: Node, seat: Seat) -> None:
    node.standing["request_token"] = result({**GRANTED, "trickle_ice_enabled": True})
    node.standing["new_candidate"] = result(None)
    trickled = b'event: new_candidate\ndata: {"candidate":"candidate:1","mid":"0","ufrag":"u"}\n\n'
    started = asyncio.Event()

    async def later(writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + SYNC
        )
        await started.wait()
        writer.write(trickled)
        await writer.drain()
        await asyncio.Event().wait()

    node.queue("events", later)
    leg = Leg()
    await seat.room.join()
    await seat.room.place(leg)
    await until(lambda: node.asked("new_candidate"))
    assert node.asked("new_candidate")[0].json == {"candidate": "", "mid": "0"}
    started.set()
    await until(lambda: leg.candidates == [("candidate:1", "0")])
