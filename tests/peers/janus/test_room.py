"""A meeting in a VideoRoom: who is there, seen, heard and written to, with browsers as the others."""

import asyncio

from kit.ipc import engine as ng
from kit.ipc.pictures import OTHERS, Stream
from kit.visit.model import EndReason
from tests.peers.janus.browser import Guest, Guests
from tests.peers.janus.conftest import NAMES, PITCHES, colour, enter, pitches, roster, told
from tests.peers.janus.server import ROOM, TestJanus
from tests.peers.media.conftest import heard_at_speaker, until
from tests.peers.media.kit import Kit
from tests.peers.media.pulse import Pulse


async def comes(guests: Guests, janus: TestJanus, who: str, room: int = ROOM, **options: object) -> Guest:
    """One of the three enters."""
    guest = await guests.guest()
    return await guest.join(janus.plain, room, NAMES[who], colour=who, hertz=PITCHES[who], **options)


async def test_three_others_are_seen_and_heard_and_see_and_hear_the_kit(
    kit: Kit, janus: TestJanus, guests: Guests, pulse: Pulse, voice: None
) -> None:
    three = [await comes(guests, janus, who) for who in ("red", "lime", "blue")]
    await enter(kit, janus)
    await kit.wait_for(ng.RoomJoined)
    people = await roster(kit, *NAMES.values())
    shown = await told(kit, ng.PicturesShown, lambda shown: len(shown.uuids) == 3)
    assert sorted(shown.uuids) == sorted(guest.uuid for guest in three)
    by_uuid = {person.uuid: person.name for person in people.values()}
    for stream, uuid in zip((Stream.REMOTE, *OTHERS), shown.uuids, strict=False):
        assert NAMES[colour(await kit.picture(stream))] == by_uuid[uuid]
    for guest in three:
        await guest.speak()
    await asyncio.sleep(1.0)
    assert pitches(await heard_at_speaker(pulse, 1.0)) == {"red", "lime", "blue"}
    feed = next(p["id"] for p in await janus.people() if p["display"] == "Hembesök")
    for guest in three:
        await guest.until(
            "received_",
            lambda lines: (
                any(line["feed"] == feed and line["frames"] > 5 for line in lines.values())
                and any(line["feed"] == feed and line["energy"] > 0.01 for line in lines.values())
            ),
        )
    await kit.order(ng.LeaveRoom())
    await until(lambda: kit.pictures.latest(Stream.REMOTE) is None)
    await janus.left(3)
    await janus.remain(3)


async def test_names_change_with_their_owners_and_people_come_and_go(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    watcher = await (await guests.guest()).join(janus.plain, ROOM, "Bara med")
    await enter(kit, janus)
    people = await roster(kit, "Bara med")
    assert people["Bara med"].camera_off
    assert people["Bara med"].muted
    red = await comes(guests, janus, "red")
    await told(
        kit, ng.Roster, lambda r: any(p.name == NAMES["red"] and not p.camera_off for p in r.participants)
    )
    await red.call("rename_", "Överläkare Röd")
    await roster(kit, "Bara med", "Överläkare Röd")
    await watcher.leave()
    await roster(kit, "Överläkare Röd")
    await red.leave()
    await roster(kit)
    await until(lambda: kit.pictures.latest(Stream.REMOTE) is None)


async def test_who_speaks_is_known_and_switches_are_told_both_ways(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    red = await comes(guests, janus, "red")
    await enter(kit, janus)
    await kit.picture(Stream.REMOTE)
    await red.speak()
    await told(kit, ng.Roster, lambda r: any(p.speaking and p.uuid == red.uuid for p in r.participants))
    await red.speak(False)
    await told(kit, ng.Roster, lambda r: not any(p.speaking for p in r.participants))
    await red.call("switches_", True, True)
    await told(kit, ng.Roster, lambda r: any(p.muted and p.camera_off for p in r.participants))
    await kit.order(ng.Mute(True))
    await red.until(
        "chats_", lambda chats: any('"audioEnabled":false' in text and "true" in text for _, text in chats)
    )
    await kit.order(ng.CameraOff(True))
    await red.until("chats_", lambda chats: any('"videoEnabled":false' in text for _, text in chats))


async def test_chat_goes_both_ways_under_the_name_that_the_server_vouches_for(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    red = await comes(guests, janus, "red")
    await enter(kit, janus)
    await kit.picture(Stream.REMOTE)
    await red.until("received_", lambda lines: any(line["frames"] > 0 for line in lines.values()))
    await asyncio.sleep(1.0)
    await red.call("say_", "Hej i köket!")
    assert await kit.wait_for(ng.ChatReceived) == ng.ChatReceived(NAMES["red"], "Hej i köket!")
    await kit.order(ng.SendChat(3, "Hej, vi hör er"))
    assert await kit.wait_for(ng.ChatSent) == ng.ChatSent(3, delivered=True)
    chats = await red.until("chats_", lambda chats: any("vi hör er" in text for _, text in chats))
    feed = next(p["id"] for p in await janus.people() if p["display"] == "Hembesök")
    assert [str(feed), '{"type":"chatMsg","content":"Hej, vi hör er"}'] in chats


async def test_a_moderator_can_mute_the_kit_and_it_is_told(
    kit: Kit, janus: TestJanus, guests: Guests, voice: None
) -> None:
    red = await comes(guests, janus, "red")
    await enter(kit, janus)
    await kit.picture(Stream.REMOTE)
    feed = next(p["id"] for p in await janus.people() if p["display"] == "Hembesök")
    await janus.room("moderate", id=feed, mid="0", mute=True)
    assert await kit.wait_for(ng.Moderated) == ng.Moderated(muted=True)
    await janus.room("moderate", id=feed, mid="0", mute=False)
    assert await kit.wait_for(ng.Moderated) == ng.Moderated(muted=False)
    await janus.room("moderate", id=red.id, mid="0", mute=True)
    await told(kit, ng.Roster, lambda r: any(p.muted and p.uuid == red.uuid for p in r.participants))


async def test_a_kicked_kit_is_out_and_says_so(kit: Kit, janus: TestJanus) -> None:
    await enter(kit, janus)
    await kit.wait_for(ng.RoomJoined)
    (me,) = await janus.people()
    await janus.room("kick", id=me["id"])
    assert (await kit.wait_for(ng.CallEnded)).reason is EndReason.REMOVED
    await janus.left(0)


async def test_a_room_that_is_destroyed_ends_the_meeting(kit: Kit, janus: TestJanus, guests: Guests) -> None:
    await comes(guests, janus, "red")
    await enter(kit, janus)
    await kit.picture(Stream.REMOTE)
    await janus.room("destroy")
    assert (await kit.wait_for(ng.CallEnded)).reason is EndReason.HOST_ENDED
    assert kit.pictures.latest(Stream.REMOTE) is None
