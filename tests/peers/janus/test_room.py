"""A meeting in a VideoRoom: who is there, seen, heard and written to, with browsers as the others."""

import asyncio

from kit.ipc import engine as ng
from kit.ipc.pictures import OTHERS, Stream
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
                any(l["feed"] == feed and l["frames"] > 5 for l in lines.values())
                and any(l["feed"] == feed and l["energy"] > 0.01 for l in lines.values())
            ),
        )
    await kit.order(ng.LeaveRoom())
    await until(lambda: kit.pictures.latest(Stream.REMOTE) is None)
    assert len(await janus.people()) == 3
    assert len(await janus.sessions()) == 3
