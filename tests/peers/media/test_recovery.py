"""Trouble in mid-call: the kit comes back by itself, in the same seat where that is possible."""

import asyncio
import signal
import ssl
import time

from kit.ipc import engine as ng
from kit.ipc.pictures import Stream
from tests.peers.media.conftest import Node, until
from tests.peers.media.kit import Kit
from tests.peers.media.other import Other

ROOM = "oppet"


async def in_call(kit: Kit, node: Node, room: str = ROOM) -> str:
    """Join and have media both ways; return the kit's seat."""
    await kit.join(node.host, room)
    await kit.wait_for(ng.RoomJoined)
    roster = await kit.wait_for(ng.Roster, where=lambda r: any(p.me for p in r.participants))
    await kit.picture(Stream.REMOTE)
    await kit.wait_for(ng.CallQuality)
    return next(p.uuid for p in roster.participants if p.me)


def newest_session(kit: Kit) -> bytes:
    return next(event.blob for event in reversed(kit.events) if isinstance(event, ng.Session))


async def moved(kit: Kit) -> None:
    """The call goes over to another path, and counts as one call all the time."""
    await kit.wait_for(ng.PathChanging, where=lambda event: event.on)
    await kit.wait_for(ng.PathChanging, where=lambda event: not event.on)
    assert not [event for event in kit.events if isinstance(event, ng.CallInterrupted)]


async def quiet_for(kit: Kit, seconds: float) -> None:
    """No interruption is told for a while."""
    assert kit.link is not None
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        event = await kit.wait_for(ng.CallQuality)
        kit.events.append(event)
    assert not [event for event in kit.events if isinstance(event, ng.CallInterrupted)]


async def test_a_killed_engine_is_back_in_the_same_seat(kit: Kit, node: Node, tls: ssl.SSLContext) -> None:
    async with Other(node.host, ROOM, tls, pin=None) as nurse:
        me = await in_call(kit, node)
        seat = newest_session(kit)
        await kit.end(signal.SIGKILL)
        began = time.monotonic()
        await kit.start()
        await kit.join(node.host, ROOM, session=seat)
        assert (await kit.wait_for(ng.RoomJoined)).waiting is False
        await kit.wait_for(ng.CallRestored)
        await kit.picture(Stream.REMOTE)
        assert time.monotonic() - began < 20
        assert sorted(node.seats(ROOM)) == sorted([me, *(p.uuid for p in nurse.roster if p.uuid != me)])
        assert len(node.seats(ROOM)) == 2


async def test_a_seat_that_is_gone_is_replaced_by_a_new_one(
    kit: Kit, node: Node, tls: ssl.SSLContext
) -> None:
    async with Other(node.host, ROOM, tls, pin=None):
        me = await in_call(kit, node)
        seat = newest_session(kit)
        await kit.end(signal.SIGKILL)
        node.server.lab.expire(ROOM, me)
        await kit.start()
        await kit.join(node.host, ROOM, session=seat)
        await kit.wait_for(ng.RoomJoined)
        await kit.picture(Stream.REMOTE)
        assert me not in node.seats(ROOM)
        assert len(node.seats(ROOM)) == 2


async def test_silent_media_are_replaced_on_the_same_seat(kit: Kit, node: Node, tls: ssl.SSLContext) -> None:
    async with Other(node.host, ROOM, tls, pin=None):
        me = await in_call(kit, node)
        began = time.monotonic()
        await node.server.lab.drop_media(ROOM, me)
        await moved(kit)
        assert time.monotonic() - began < 5
        await kit.picture(Stream.REMOTE)
        assert me in node.seats(ROOM)


async def test_a_leg_that_the_room_drops_is_placed_again(kit: Kit, node: Node, tls: ssl.SSLContext) -> None:
    async with Other(node.host, ROOM, tls, pin=None):
        me = await in_call(kit, node)
        node.server.lab.lose_call(ROOM, me)
        await moved(kit)
        await kit.picture(Stream.REMOTE)
        assert me in node.seats(ROOM)


async def test_a_token_that_the_room_forgot_leads_to_a_new_seat(
    kit: Kit, node: Node, tls: ssl.SSLContext
) -> None:
    async with Other(node.host, ROOM, tls, pin=None) as nurse:
        me = await in_call(kit, node)
        node.server.lab.expire(ROOM, me)
        await kit.wait_for(ng.CallRestored)
        await until(lambda: nurse.kit is not None and nurse.kit.uuid != me)
        assert len(node.seats(ROOM)) == 2


async def test_a_cut_event_stream_is_nobodys_business(kit: Kit, node: Node, tls: ssl.SSLContext) -> None:
    async with Other(node.host, ROOM, tls, pin=None) as nurse:
        me = await in_call(kit, node)
        node.server.lab.cut_events(ROOM, me)
        await quiet_for(kit, 3)
        assert await nurse.room.say("Hej!")
        assert (await kit.wait_for(ng.ChatReceived)).text == "Hej!"


async def test_a_server_that_goes_and_comes_back_is_found_again(kit: Kit, node: Node) -> None:
    await in_call(kit, node)
    await node.server.stop()
    await kit.wait_for(ng.CallInterrupted, where=lambda event: event.server)
    assert kit.pictures.latest(Stream.REMOTE) is None
    await node.start()
    await kit.wait_for(ng.CallRestored)
    await kit.picture(Stream.REMOTE)
    assert len(node.seats(ROOM)) == 1


async def test_asking_again_makes_the_next_attempt_now(kit: Kit, node: Node) -> None:
    await in_call(kit, node)
    await node.server.stop()
    await kit.wait_for(ng.CallInterrupted, where=lambda event: event.server)
    await asyncio.sleep(8)
    await node.start()
    began = time.monotonic()
    await kit.join(node.host, ROOM)
    await kit.wait_for(ng.CallRestored)
    assert time.monotonic() - began < 4


async def test_joining_the_room_that_one_is_in_says_where_one_is(kit: Kit, node: Node) -> None:
    await in_call(kit, node)
    await kit.join(node.host, ROOM)
    assert (await kit.wait_for(ng.RoomJoined)).waiting is False
    assert len(node.seats(ROOM)) == 1


async def test_without_an_agent_the_seat_is_given_back_at_once(kit: Kit, node: Node) -> None:
    await in_call(kit, node)
    began = time.monotonic()
    await kit.stop_listening()
    await until(lambda: not node.seats(ROOM))
    assert time.monotonic() - began < 2
    assert kit.pictures.latest(Stream.SELF) is None
    await kit.listen()
    await kit.connected()


async def test_an_engine_that_is_told_to_end_gives_the_seat_back(kit: Kit, node: Node) -> None:
    await in_call(kit, node)
    assert await kit.end(signal.SIGTERM) == 0
    assert not node.seats(ROOM)


async def test_leaving_is_quick_even_when_the_server_hangs(kit: Kit, node: Node) -> None:
    await in_call(kit, node)
    node.server.lab.slow("release_token", 30)
    began = time.monotonic()
    await kit.order(ng.LeaveRoom())
    await kit.join(node.host, "eko")
    await kit.wait_for(ng.RoomJoined)
    assert time.monotonic() - began < 5
