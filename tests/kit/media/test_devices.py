"""Devices that come, die and come back; a camera through FFmpeg; what is sent and what is not."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from kit.config import Camera
from kit.ipc.state import Condition, Device
from kit.media import worker
from kit.media.camera import GENERATED, CameraWorker, Shot
from kit.media.cameras import found
from kit.media.echo import EchoPath
from kit.media.level import BLOCK, RATE, Block, silence
from kit.media.sound import Microphone, Speaker, microphones, speakers
from kit.media.tracks import CameraTrack, MicrophoneTrack
from kit.media.worker import DeviceGone, Worker


async def until(condition: Callable[[], object], limit_s: float = 3.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


class Lamp(Worker[int]):
    """A device that a test plugs in and pulls out."""

    def __init__(self, changed: Callable[[Device], None]) -> None:
        super().__init__("lamp", changed)
        self.there = threading.Event()
        self.opened = self.closed = self.worked = 0

    def look(self) -> Device:
        return Device(condition=Condition.OK if self.there.is_set() else Condition.MISSING)

    def open(self) -> tuple[int, Device]:
        if not self.there.is_set():
            raise DeviceGone(Condition.MISSING)
        self.opened += 1
        return self.opened, Device(condition=Condition.OK, label="lamp")

    def work(self, opened: int) -> None:
        time.sleep(0.005)
        if not self.there.is_set():
            raise DeviceGone(Condition.BAD)
        self.worked += 1

    def close(self, opened: int) -> None:
        self.closed += 1


async def test_a_device_is_open_only_while_it_is_wanted() -> None:
    lamp = Lamp(lambda _: None)
    lamp.there.set()
    lamp.start()
    await asyncio.wait_for(lamp.known.wait(), 2)
    assert (lamp.opened, lamp.device.condition) == (0, Condition.OK)
    lamp.use(True)
    await until(lambda: lamp.worked)
    lamp.use(False)
    await until(lambda: lamp.closed == 1)
    worked = lamp.worked
    await asyncio.sleep(0.05)
    assert lamp.worked == worked


async def test_a_device_that_dies_is_told_and_taken_again_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "RETRY_S", 0.05)
    seen: list[Condition] = []
    lamp = Lamp(lambda device: seen.append(device.condition))
    lamp.start()
    lamp.use(True)
    await until(lambda: seen == [Condition.MISSING])
    lamp.there.set()
    await until(lambda: seen[-1] is Condition.OK)
    lamp.there.clear()
    await until(lambda: seen[-1] in {Condition.BAD, Condition.MISSING})
    lamp.there.set()
    await until(lambda: seen[-1] is Condition.OK)
    lamp.use(False)
    await until(lambda: lamp.closed == lamp.opened == 2)


async def test_a_missing_card_is_a_state_with_a_name() -> None:
    seen: list[Device] = []
    echo = EchoPath("off")
    microphone = Microphone(microphones("no_such_card"), lambda *_: None, seen.append, echo)
    speaker = Speaker(speakers("no_such_card"), lambda _: silence(), seen.append, echo)
    microphone.start()
    speaker.start()
    microphone.use(True)
    await until(lambda: len(seen) >= 2)
    assert {device.condition for device in seen} == {Condition.MISSING}
    microphone.use(False)


async def test_a_configured_camera_that_is_missing_is_not_replaced_by_the_scene() -> None:
    seen: list[Device] = []
    kit = CameraWorker(Camera(source="/dev/video99"), lambda _: None, seen.append)
    kit.start()
    await until(lambda: seen)
    assert seen[-1].condition is Condition.MISSING


async def test_the_scene_is_shown_only_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(found, "SYSFS", tmp_path)
    shots: list[Shot] = []
    seen: list[Device] = []
    for source in ("auto", "generated"):
        kit = CameraWorker(Camera(source=source, width=320, height=180), shots.append, seen.append)
        kit.start()
        kit.use(True)
        await until(lambda: seen)
        assert not shots
        if source == "auto":
            assert seen.pop().condition is Condition.MISSING
            kit.use(False)
    await until(lambda: len(shots) > 3)
    assert seen[-1] == GENERATED
    kit.use(False)


def block(value: int) -> Block:
    return np.full(BLOCK, value, np.int16)


async def test_sound_is_sent_in_order_and_in_time() -> None:
    now = [0.0]
    track = MicrophoneTrack(lambda: now[0])
    track.put(block(1))
    now[0] = 0.02
    track.put(block(2))
    first, second = await track.recv(), await track.recv()
    assert (first.pts, second.pts) == (0, BLOCK)
    assert (second.to_ndarray() == 2).all()
    now[0] = 5.0
    track.put(block(3))
    assert (await track.recv()).pts == 5 * RATE


async def test_what_waits_is_bounded_and_gone_after_a_flush() -> None:
    track = MicrophoneTrack()
    for number in range(50):
        track.put(block(number))
    assert ((await track.recv()).to_ndarray() == 40).all()
    track.flush()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(track.recv(), 0.05)


async def test_only_the_newest_picture_is_sent_and_its_time_never_goes_back() -> None:
    track = CameraTrack()
    track.put(Shot(av.VideoFrame(64, 64, "yuv420p"), 1_000_000))
    track.put(Shot(av.VideoFrame(320, 180, "yuv420p"), 1_000_000))
    first = await track.recv()
    assert (first.width, first.pts) == (320, 0)
    track.put(Shot(av.VideoFrame(64, 64, "yuv420p"), 1_040_000))
    assert (await track.recv()).pts == 3600
    track.put(Shot(av.VideoFrame(64, 64, "yuv420p"), 500_000))
    assert (await track.recv()).pts == 3601
    track.put(Shot(av.VideoFrame(64, 64, "yuv420p"), 600_000))
    track.flush()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(track.recv(), 0.05)


class Broken(Lamp):
    """A device whose driver fails in ways that nobody thought of."""

    def work(self, opened: int) -> None:
        if self.worked < 2:
            self.worked += 1
            raise ZeroDivisionError
        super().work(opened)


async def test_a_failure_of_any_kind_is_told_and_the_device_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "RETRY_S", 0.05)
    seen: list[Condition] = []
    lamp = Broken(lambda device: seen.append(device.condition))
    lamp.there.set()
    lamp.start()
    lamp.use(True)
    await until(lambda: lamp.worked > 4)
    assert Condition.BAD in seen
    assert lamp.device.condition is Condition.OK
    assert lamp.closed == 2
    lamp.use(False)
