"""Before the call: what the engine finds, the preview, the tests of speaker and microphone."""

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from kit.ipc import engine as ng
from kit.ipc.pictures import Stream
from kit.ipc.state import Condition
from kit.media.level import dbfs
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.media.conftest import VOICE_HZ, heard_at_speaker, is_silent, pitch_hz, until
from tests.peers.media.kit import Kit, write_config
from tests.peers.media.pulse import Pulse


async def test_the_engine_says_what_it_found(kit: Kit) -> None:
    ready = kit.events[0]
    assert isinstance(ready, ng.EngineReady)
    assert (ready.camera.condition, ready.camera.simulated) == (Condition.OK, True)
    assert (ready.microphone.condition, ready.microphone.label) == (Condition.OK, "pulse")
    assert ready.speaker.condition is Condition.OK
    assert ready.encoder


async def test_the_preview_shows_the_camera_and_hears_the_microphone_until_it_ends(
    kit: Kit, voice: None
) -> None:
    assert kit.pictures.latest(Stream.SELF) is None
    await kit.order(ng.Preview(True))
    first = await kit.picture(Stream.SELF)
    await kit.picture(Stream.SELF, where=lambda picture: picture.sequence > first.sequence)
    assert (await kit.wait_for(ng.Level, where=lambda level: level.dbfs > -30)).dbfs < 0
    began, count = time.monotonic(), first.sequence
    await asyncio.sleep(2)
    shown = (await kit.picture(Stream.SELF)).sequence - count
    assert shown / 2 <= 16 * (time.monotonic() - began)
    await kit.order(ng.Preview(False))
    await until(lambda: kit.pictures.latest(Stream.SELF) is None)


async def test_the_test_tone_is_heard_once(kit: Kit, pulse: Pulse) -> None:
    listening = asyncio.create_task(heard_at_speaker(pulse, 3.0))
    await asyncio.sleep(0.3)
    await kit.order(ng.TestSpeaker())
    assert await kit.wait_for(ng.SpeakerTested) == ng.SpeakerTested(played=True)
    heard = await listening
    loud = [at for at in range(0, len(heard) - 4800, 4800) if dbfs(heard[at : at + 4800]) > -40]
    assert 0.8 < len(loud) * 0.1 < 2.0
    assert is_silent(await heard_at_speaker(pulse, 0.5))


async def test_the_microphone_test_hears_a_voice_and_plays_it_back(
    kit: Kit, pulse: Pulse, voice: None
) -> None:
    await kit.order(ng.TestMicrophone())
    tested = await kit.wait_for(ng.MicrophoneTested)
    assert tested.passed
    assert tested.dbfs > -30
    heard = await heard_at_speaker(pulse, 3.0)
    assert dbfs(heard) > -40
    assert pitch_hz(heard[-48_000:]) == pytest.approx(VOICE_HZ, abs=5)


async def test_a_silent_microphone_does_not_pass(kit: Kit) -> None:
    await kit.order(ng.TestMicrophone())
    tested = await kit.wait_for(ng.MicrophoneTested)
    assert not tested.passed
    assert tested.dbfs < -60


async def test_devices_that_are_missing_are_named_and_do_not_stop_the_rest(
    tmp_path: Path, certificates: Certificates
) -> None:
    config = write_config(
        tmp_path,
        ca=certificates.ca,
        camera="/dev/video99",
        playback="no_such_speaker",
        capture="no_such_microphone",
    )
    async with Kit(config, {}) as kit:
        ready = kit.events[0]
        assert isinstance(ready, ng.EngineReady)
        missing = {ready.camera.condition, ready.microphone.condition, ready.speaker.condition}
        assert missing == {Condition.MISSING}
        await kit.order(ng.TestSpeaker())
        assert await kit.wait_for(ng.SpeakerTested) == ng.SpeakerTested(played=False)
        await kit.order(ng.TestMicrophone())
        assert await kit.wait_for(ng.MicrophoneTested) == ng.MicrophoneTested(passed=False, dbfs=-120)
        await kit.order(ng.Preview(True))
        await asyncio.sleep(0.5)
        assert kit.pictures.latest(Stream.SELF) is None


async def test_a_sound_card_that_dies_is_told_and_taken_again_when_it_is_back(
    kit: Kit, pulse: Pulse, voice: None
) -> None:
    await kit.order(ng.Preview(True))
    await kit.wait_for(ng.Level)
    pulse.stop()
    await kit.wait_for(ng.DevicesChanged, where=lambda d: d.microphone.condition is not Condition.OK)
    pulse.start()
    await kit.wait_for(ng.DevicesChanged, where=lambda d: d.microphone.condition is Condition.OK)
    assert np.isfinite((await kit.wait_for(ng.Level)).dbfs)
