"""Whose pictures come, in which place and at which size; those that are not shown do not come at all."""

import asyncio
from typing import Any

from kit.ipc import engine as ng
from kit.ipc.pictures import OTHERS, Stream
from tests.peers.janus.browser import Guests
from tests.peers.janus.conftest import colour, enter, told
from tests.peers.janus.server import ROOM, TestJanus
from tests.peers.janus.test_room import comes
from tests.peers.media.conftest import until
from tests.peers.media.kit import Kit

SMALL = {"width": 160, "height": 90, "fps": 8}


def films(subscription: dict[str, Any]) -> dict[int, int]:
    """Bytes of pictures so far, by who sends them."""
    media = subscription["webrtc"]["media"]
    return {
        line["feed_id"]: media[line["mid"]]["stats"]["out"]["bytes"]
        for line in subscription["plugin_specific"]["streams"]
        if line["type"] == "video" and line["active"]
    }


def descriptions(subscription: dict[str, Any]) -> int:
    """How often the connection was described."""
    return int(subscription["sdps"]["local"].splitlines()[1].split()[2])


async def sizes(janus: TestJanus) -> list[int]:
    """Which sizes the kit asked for, 0 the smallest."""
    (subscription,) = await janus.subscriptions("Hembesök")
    streams = subscription["plugin_specific"]["streams"]
    return sorted(line["simulcast"]["substream-target"] for line in streams if line["type"] == "video")


def wide(kit: Kit, stream: Stream) -> int:
    picture = kit.pictures.latest(stream)
    return 0 if picture is None else picture.width


async def test_four_of_six_are_seen_all_are_heard_and_a_speaker_comes_forward_without_a_new_description(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    people, colours = {}, {}
    for number, who in enumerate(("red", "lime", "blue") * 2):
        guest = await guests.guest()
        await guest.join(janus.plain, ROOM, f"Gäst {number}", colour=who, hertz=440.0, alone=True, **SMALL)
        people[guest.id], colours[guest.id] = guest, who
    await enter(kit, janus)
    shown = await told(kit, ng.PicturesShown, lambda shown: len(shown.uuids) == 4)
    await asyncio.sleep(1.0)
    (before,) = await janus.subscriptions("Hembesök")
    assert sorted(map(str, films(before))) == sorted(shown.uuids)
    heard = [line for line in before["plugin_specific"]["streams"] if line["type"] == "audio"]
    assert len(heard) == 6
    late = next(one for one in people if str(one) not in shown.uuids)
    await people[late].speak()
    await told(kit, ng.PicturesShown, lambda shown: shown.uuids[0] == str(late))
    await kit.picture(Stream.REMOTE, where=lambda picture: colour(picture) == colours[late])
    (after,) = await janus.subscriptions("Hembesök")
    assert descriptions(after) == descriptions(before)
    assert late in films(after)
    assert len(set(films(after)) & set(films(before))) == 3
    # Nothing else than these four lines of pictures takes bytes.
    media = after["webrtc"]["media"].values()
    assert sum(line["type"] == "video" for line in media) == 4


async def test_whom_staff_chooses_stays_large_until_they_choose_the_speaker_again(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    quiet = {**SMALL, "alone": True}
    red, blue = await comes(guests, janus, "red", **quiet), await comes(guests, janus, "blue", **quiet)
    await enter(kit, janus)
    shown = await told(kit, ng.PicturesShown, lambda shown: len(shown.uuids) == 2)
    await kit.order(ng.PinPicture(shown.uuids[0]))
    await told(kit, ng.PicturesShown, lambda s: s.uuids == shown.uuids and s.pinned)
    await kit.order(ng.PinPicture(blue.uuid))
    await told(kit, ng.PicturesShown, lambda s: s.uuids == (blue.uuid, red.uuid) and s.pinned)
    await kit.picture(Stream.REMOTE, where=lambda picture: colour(picture) == "blue")
    await kit.picture(OTHERS[0], where=lambda picture: colour(picture) == "red")
    await red.speak()
    await told(kit, ng.Roster, lambda r: any(p.speaking for p in r.participants))
    await asyncio.sleep(2.0)
    assert colour(await kit.picture(Stream.REMOTE)) == "blue"
    await kit.order(ng.PinPicture(""))
    await told(kit, ng.PicturesShown, lambda s: s.uuids == (red.uuid, blue.uuid) and not s.pinned)


async def test_who_sends_several_sizes_is_received_large_where_large_and_small_where_small(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    # Below this size Chromium sends two sizes, not three.
    three = {"width": 960, "height": 540, "fps": 6, "layers": True, "alone": True}
    _, blue = await comes(guests, janus, "red", **three), await comes(guests, janus, "blue", **three)
    await enter(kit, janus)
    await told(kit, ng.PicturesShown, lambda shown: len(shown.uuids) == 2)
    assert await sizes(janus) == [0, 2]
    await until(lambda: wide(kit, Stream.REMOTE) > wide(kit, OTHERS[0]) > 0)
    await kit.order(ng.PinPicture(blue.uuid))
    await told(kit, ng.PicturesShown, lambda shown: shown.uuids[0] == blue.uuid)
    assert await sizes(janus) == [0, 2]
    await until(lambda: wide(kit, Stream.REMOTE) > wide(kit, OTHERS[0]) > 0)


async def test_a_picture_that_ends_leaves_its_place(kit: Kit, janus: TestJanus, guests: Guests) -> None:
    red, blue = await comes(guests, janus, "red", **SMALL), await comes(guests, janus, "blue", **SMALL)
    await enter(kit, janus)
    await told(kit, ng.PicturesShown, lambda shown: len(shown.uuids) == 2)
    await kit.picture(OTHERS[0])
    await red.leave()
    await told(kit, ng.PicturesShown, lambda shown: shown.uuids == (blue.uuid,))
    await until(lambda: kit.pictures.latest(OTHERS[0]) is None)
    await kit.picture(Stream.REMOTE, where=lambda picture: colour(picture) == "blue")


async def test_where_pictures_do_not_fit_sound_stays_whole_and_they_come_back_with_the_way(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    large = {"width": 640, "height": 360, "fps": 25, "specks": 600, "alone": True}
    red = await comes(guests, janus, "red", **large)
    await enter(kit, janus)
    await told(kit, ng.PicturesShown, lambda shown: shown.uuids == (red.uuid,))
    await kit.wait_for(ng.CallQuality, where=lambda event: (event.quality.receive_kbps or 0) > 400)
    await janus.narrow(200)
    await told(kit, ng.PicturesShown, lambda shown: not shown.uuids)
    assert kit.pictures.latest(Stream.REMOTE) is None
    await kit.wait_for(ng.CallQuality, where=lambda event: event.quality.their_video_stopped)
    await kit.wait_for(ng.CallQuality, where=lambda event: event.quality.concealed_percent == 0)
    await janus.narrow(0)
    await told(kit, ng.PicturesShown, lambda shown: shown.uuids == (red.uuid,))
    await kit.picture(Stream.REMOTE, where=lambda picture: colour(picture) == "red")
    await kit.wait_for(ng.CallQuality, where=lambda event: not event.quality.their_video_stopped)
