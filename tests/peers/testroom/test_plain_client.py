"""A plain aiortc client against the room: picture, sound and calls as a transcoding node would treat them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from kit.meeting.testroom import TestRoomServer
from tests.kit.meeting.testroom.client import Api, Member
from tests.peers.testroom.peer import Peer

Enter = Callable[..., Awaitable[Peer]]


@pytest.fixture
async def enter(http: httpx.AsyncClient) -> AsyncIterator[Enter]:
    """Join a room without PIN and place a call."""
    peers: list[Peer] = []

    async def join_and_call(
        hertz: float,
        alias: str = "oppet",
        member: Member | None = None,
        *,
        shift: int = 0,
        codec: str = "",
        slides: bool = False,
        **more: object,
    ) -> Peer:
        who = member or await Api(http, alias).join(f"Kit {len(peers)}")
        peers.append(Peer(who, hertz, shift=shift, codec=codec, slides=slides))
        await peers[-1].place(**more)
        return peers[-1]

    yield join_and_call
    for peer in peers:
        await peer.vanish()


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_each_gets_the_others_picture_and_sound_and_not_its_own(enter: Enter, codec: str) -> None:
    a, b = await enter(440, codec=codec), await enter(660, codec=codec)
    for peer, own, other in ((a, 440, 660), (b, 660, 440)):
        await peer.until_seen()
        assert 0 <= peer.ages[-1] < 3000
        await peer.until_heard(other, but_not=(own,))
    assert f" {codec}/90000" in a.answer


async def test_the_answer_has_the_labels_and_one_bundle(enter: Enter) -> None:
    peer = await enter(440, slides=True)
    assert peer.answer.count("a=content:main") == 2
    assert peer.answer.count("a=content:slides") == 1
    assert "a=group:BUNDLE 0 1 2" in peer.answer
    assert " 127.0.0.1 " in peer.answer
    assert "b=TIAS:" in peer.answer


async def test_three_in_a_room_hear_both_others(enter: Enter) -> None:
    a, b, c = await enter(440), await enter(660), await enter(880)
    await a.until_heard(660, 880, but_not=(440,))
    await b.until_heard(440, 880, but_not=(660,))
    await c.until_heard(440, 660, but_not=(880,))


async def test_who_is_muted_is_silent_and_whose_camera_is_off_is_not_seen(enter: Enter) -> None:
    a, b = await enter(440), await enter(660)
    await a.until_seen()
    await b.member.ok("participants/<me>/client_mute")
    await b.member.ok("participants/<me>/video_muted")
    await asyncio.sleep(0.8)
    seen, before = len(a.ages), a.pictures
    await a.until_heard(but_not=(660,))
    await asyncio.sleep(0.3)
    assert len(a.ages) == seen
    assert a.pictures > before
    await b.member.ok("participants/<me>/client_unmute")
    await b.member.ok("participants/<me>/video_unmuted")
    await a.until_seen()
    await a.until_heard(660)


async def test_a_client_that_lost_its_process_comes_back_with_its_token(enter: Enter) -> None:
    a, b = await enter(440), await enter(660)
    await a.until_seen()
    await b.vanish()
    back = await enter(770, member=b.member)
    await back.until_seen()
    await a.until_seen()
    await a.until_heard(770)
    roster = (await a.member.get("participants")).json()["result"]
    assert len(roster) == 2


async def test_the_echo_returns_ones_own_picture_and_sound_a_little_later(enter: Enter) -> None:
    peer = await enter(440, "eko")
    await peer.until_seen()
    assert 750 <= peer.ages[-1] < 4000
    await peer.until_heard(440)


async def test_who_waits_gets_a_hold_picture_and_silence_until_admitted(
    enter: Enter, http: httpx.AsyncClient
) -> None:
    room = Api(http, "hembesok")
    host = await enter(440, member=await room.join("Samordnare Norr", pin="1234"))
    await host.member.ok("lock")
    guest = await enter(660, member=await room.join("Kit 7", pin="none"))
    await guest.until_heard(but_not=(440,))
    assert guest.pictures > 0
    assert guest.ages == []
    await host.until_heard(but_not=(660,))
    await host.member.ok(f"participants/{guest.member.uuid}/unlock")
    await guest.until_seen()
    await host.until_seen()


async def test_a_client_with_one_video_gets_the_slides_in_it(enter: Enter) -> None:
    shift = 10_000_000
    viewer, presenter = await enter(440, present="main"), await enter(660, slides=True)
    await viewer.until_seen()
    assert viewer.ages[-1] >= 0
    await presenter.member.ok("participants/<me>/take_floor")
    await viewer.until_seen(25)
    assert viewer.ages[-1] + shift < 5000
    await presenter.member.ok("participants/<me>/release_floor")
    await viewer.until_seen(25)
    assert 0 <= viewer.ages[-1] < 5000


async def test_the_speaker_is_on_stage(enter: Enter) -> None:
    a, b = await enter(440), await enter(660)
    async with a.member.events() as events:
        both = {a.member.uuid, b.member.uuid}
        stage = await events.wait("stage", lambda data: {entry["participant_uuid"] for entry in data} == both)
        assert all(entry["vad"] == 100 for entry in stage)
        await b.member.ok("participants/<me>/client_mute")
        quiet = {"participant_uuid": b.member.uuid, "vad": 0}
        await events.wait("stage", lambda data: any(quiet.items() <= entry.items() for entry in data))


async def test_ending_the_leg_keeps_the_participant(enter: Enter) -> None:
    a, b = await enter(440), await enter(660)
    async with a.member.events() as events:
        assert await b.member.ok(f"participants/<me>/calls/{b.call}/disconnect") is None
        gone = {"uuid": b.member.uuid, "has_media": False}
        await events.wait("participant_update", lambda data: gone.items() <= data.items())


async def test_the_loss_of_a_client_that_closed_its_side_is_noticed(
    enter: Enter, server: TestRoomServer
) -> None:
    a, b = await enter(440), await enter(660)
    await a.until_seen()
    async with b.member.events() as events:
        await b.pc.close()
        lost = await events.wait("call_disconnected", within=15)
        assert lost == {"call_uuid": b.call, "reason": "Ice failure"}
