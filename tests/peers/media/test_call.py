"""The real engine in a real room: in, seen and heard both ways, out again."""

import asyncio
import ssl
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kit.ipc import engine as ng
from kit.ipc.call import Role
from kit.ipc.pictures import Picture, Stream
from kit.media import timecode
from kit.media.level import Block, dbfs
from kit.visit.model import EndReason, Refusal
from tests.peers.media.conftest import VOICE_HZ, Node, heard_at_speaker, is_silent, pitch_hz, until
from tests.peers.media.kit import Kit
from tests.peers.media.other import TONE_HZ, Other
from tests.peers.media.pulse import Pulse

ROOM = "hembesok"


def age_ms(picture: Picture) -> int | None:
    y = picture.planes[0]
    luma = np.frombuffer(y.data, np.uint8).reshape(y.rows, y.stride)[:, : picture.width]
    code = timecode.read(luma)
    return None if code is None else timecode.age_ms(code, int(time.time() * 1000))


def recent(nurse: Other) -> Block:
    """What they heard in the last half second."""
    return np.concatenate([block for _, block in nurse.heard[-25:]])


async def test_both_sides_see_and_hear_each_other(
    kit: Kit, node: Node, tls: ssl.SSLContext, pulse: Pulse, voice: None
) -> None:
    async with Other(node.host, ROOM, tls) as nurse:
        began = time.monotonic()
        await kit.join(node.host, ROOM)
        joined = await kit.wait_for(ng.RoomJoined)
        await kit.picture(Stream.REMOTE)
        assert joined.waiting is False
        assert time.monotonic() - began < 15
        roster = await kit.wait_for(ng.Roster, where=lambda r: len(r.participants) == 2)
        assert {(p.name, p.role, p.me) for p in roster.participants} == {
            ("Sjuksköterska Norr", Role.HOST, False),
            ("Hembesök", Role.GUEST, True),
        }
        assert await kit.wait_for(ng.MediaChanged) == ng.MediaChanged(remote_picture=True, slides=False)
        await until(lambda: nurse.level_dbfs() > -25)
        # The first half second may begin before the voice does.
        await until(lambda: pitch_hz(recent(nurse)) == pytest.approx(VOICE_HZ, abs=5))
        await until(lambda: nurse.picture_ages_ms())
        assert 0 <= np.median(nurse.picture_ages_ms()) < 1000
        heard = await heard_at_speaker(pulse, 1.0)
        assert dbfs(heard) > -30
        assert pitch_hz(heard) == pytest.approx(TONE_HZ, abs=3)
        seen = await kit.picture(Stream.REMOTE, where=lambda picture: age_ms(picture) is not None)
        age = age_ms(seen)
        assert age is not None
        assert 0 <= age < 1000
        mine = await kit.picture(Stream.SELF, where=lambda picture: age_ms(picture) is not None)
        assert (mine.width, mine.height) == (640, 360)
        quality = await kit.wait_for(ng.CallQuality, where=lambda q: (q.quality.receive_fps or 0) > 5)
        assert (quality.quality.send_fps or 0) > 15
        await kit.order(ng.LeaveRoom())
        await until(lambda: nurse.kit is None)
        assert kit.pictures.latest(Stream.REMOTE) is None
        assert kit.pictures.latest(Stream.SELF) is None


async def test_mute_and_camera_off_send_nothing_and_the_others_see_it(
    kit: Kit, node: Node, tls: ssl.SSLContext, voice: None
) -> None:
    async with Other(node.host, ROOM, tls) as nurse:
        await kit.join(node.host, ROOM, muted=True)
        await kit.wait_for(ng.RoomJoined)
        await until(lambda: nurse.kit is not None and nurse.kit.muted)
        await asyncio.sleep(1.0)
        assert nurse.level_dbfs() < -60
        await kit.order(ng.Mute(False))
        await until(lambda: nurse.kit is not None and not nurse.kit.muted)
        await until(lambda: nurse.level_dbfs() > -25)
        await kit.order(ng.Mute(True))
        await until(lambda: nurse.kit is not None and nurse.kit.muted)
        await until(lambda: nurse.level_dbfs(0.3) < -60)
        await kit.picture(Stream.SELF)
        await kit.order(ng.CameraOff(True))
        await until(lambda: nurse.kit is not None and nurse.kit.camera_off)
        await until(lambda: kit.pictures.latest(Stream.SELF) is None)
        await kit.wait_for(ng.CallQuality, where=lambda q: q.quality.send_fps == 0)
        await kit.order(ng.CameraOff(False))
        await until(lambda: nurse.kit is not None and not nurse.kit.camera_off)
        await kit.picture(Stream.SELF)


async def test_chat_goes_both_ways_and_a_silenced_speaker_is_silent(
    kit: Kit, node: Node, tls: ssl.SSLContext, pulse: Pulse
) -> None:
    async with Other(node.host, ROOM, tls) as nurse:
        await kit.join(node.host, ROOM)
        await kit.wait_for(ng.RoomJoined)
        await kit.order(ng.SendChat(7, "Hej från köket"))
        assert await kit.wait_for(ng.ChatSent) == ng.ChatSent(7, delivered=True)
        await until(lambda: nurse.chat)
        assert (nurse.chat[0].author, nurse.chat[0].text) == ("Hembesök", "Hej från köket")
        assert await nurse.room.say("Hej!")
        assert await kit.wait_for(ng.ChatReceived) == ng.ChatReceived("Sjuksköterska Norr", "Hej!")
        await kit.picture(Stream.REMOTE)
        await kit.order(ng.SpeakerOff(True))
        await asyncio.sleep(0.3)
        assert is_silent(await heard_at_speaker(pulse, 0.5))
        await kit.order(ng.SpeakerOff(False))
        await asyncio.sleep(0.3)
        assert not is_silent(await heard_at_speaker(pulse, 0.5))


async def test_a_guest_waits_and_is_let_in_when_the_host_comes(
    kit: Kit, node: Node, tls: ssl.SSLContext
) -> None:
    await kit.join(node.host, ROOM)
    assert (await kit.wait_for(ng.RoomJoined)).waiting is True
    async with Other(node.host, ROOM, tls):
        await kit.wait_for(ng.RoomAdmitted)


async def test_the_host_ends_the_meeting_and_the_kit_leaves(
    kit: Kit, node: Node, tls: ssl.SSLContext
) -> None:
    async with Other(node.host, ROOM, tls) as nurse:
        await kit.join(node.host, ROOM)
        await kit.wait_for(ng.RoomJoined)
        await kit.picture(Stream.REMOTE)
        began = time.monotonic()
        await nurse.end_for_all()
        assert await kit.wait_for(ng.CallEnded) == ng.CallEnded(EndReason.HOST_ENDED, "#pex125")
        assert time.monotonic() - began < 5
        assert kit.pictures.latest(Stream.REMOTE) is None


async def test_a_kit_that_is_removed_says_so(kit: Kit, node: Node, tls: ssl.SSLContext) -> None:
    async with Other(node.host, ROOM, tls) as nurse:
        await kit.join(node.host, ROOM)
        await kit.wait_for(ng.RoomJoined)
        await until(lambda: nurse.kit is not None)
        assert nurse.kit is not None
        await nurse.remove(nurse.kit.uuid)
        assert (await kit.wait_for(ng.CallEnded)).reason is EndReason.REMOVED


async def test_slides_of_others_are_shown_while_they_last(kit: Kit, node: Node, tls: ssl.SSLContext) -> None:
    async with Other(node.host, ROOM, tls) as nurse:
        await kit.join(node.host, ROOM)
        await kit.wait_for(ng.RoomJoined)
        await kit.picture(Stream.REMOTE)
        await nurse.present()
        await kit.wait_for(ng.MediaChanged, where=lambda media: media.slides)
        assert age_ms(await kit.picture(Stream.SLIDES, where=lambda p: age_ms(p) is not None)) is not None
        await nurse.stop_presenting()
        await kit.wait_for(ng.MediaChanged, where=lambda media: not media.slides)
        await until(lambda: kit.pictures.latest(Stream.SLIDES) is None)
        assert kit.pictures.latest(Stream.REMOTE) is not None


async def test_a_pin_is_asked_for_called_wrong_and_taken(kit: Kit, node: Node) -> None:
    await kit.join(node.host, "konsult", pin=None)
    assert await kit.wait_for(ng.RoomPinAsked) == ng.RoomPinAsked(wrong=False)
    await kit.join(node.host, "konsult", pin="0000")
    assert await kit.wait_for(ng.RoomPinAsked) == ng.RoomPinAsked(wrong=True)
    await kit.join(node.host, "konsult", pin="5678")
    await kit.wait_for(ng.RoomJoined)


async def test_rooms_that_say_no_are_told_apart(kit: Kit, node: Node) -> None:
    await kit.join(node.host, "finns-inte")
    assert await kit.wait_for(ng.RoomRefused) == ng.RoomRefused(Refusal.ROOM_UNKNOWN, "#pex154")
    await kit.join(node.host, "fullt")
    assert (await kit.wait_for(ng.RoomRefused)).reason is Refusal.ROOM_FULL
    node.server.lab.maintenance(True)
    await kit.join(node.host, ROOM)
    assert (await kit.wait_for(ng.RoomRefused)).reason is Refusal.ROOM_MAINTENANCE
    await node.server.stop()
    await kit.join(node.host, ROOM)
    assert (await kit.wait_for(ng.RoomRefused)).reason is Refusal.ROOM_UNREACHABLE


async def test_what_leaves_the_speaker_and_how_fast_the_pictures_come_can_be_measured(
    config: Path, node: Node, tls: ssl.SSLContext, pulse: Pulse
) -> None:
    figures = config.parent / "figures.jsonl"
    async with (
        Other(node.host, "oppet", tls, pin=None, beeps=True),
        Kit(config, pulse.environment, "--measure", str(figures)) as kit,
    ):
        await kit.join(node.host, "oppet")
        await kit.wait_for(ng.RoomJoined)
        for _ in range(6):
            await kit.wait_for(ng.CallQuality)
        ages = [age_ms(await kit.picture(Stream.REMOTE)) for _ in range(5)]
    lines = [msgspec.json.decode(line) for line in figures.read_bytes().splitlines()]
    assert len(lines) >= 5
    assert abs(lines[-1]["t"] - time.time()) < 20
    beeps = [beep for line in lines for beep in line["beeps_ms"]]
    assert len(beeps) >= 3
    late = [beep % 1000 for beep in beeps]
    assert 20 < np.median(late) < 900
    seen = [age for age in ages if age is not None]
    assert abs(np.median(late) - np.median(seen)) < 400
