"""The still picture and the second camera at the engine's end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import av
import pytest
from msgspec.structs import replace

from kit.config import Camera
from kit.config import SecondCamera as Wish
from kit.ipc import engine as ng
from kit.ipc.call import PresentSource
from kit.ipc.pictures import PictureReader, PictureWriter, Stream
from kit.ipc.state import Condition, Device
from kit.media.camera import CameraWorker, SecondCamera, Shot, planes
from kit.media.cameras.found import Found
from kit.media.cameras.generated import GeneratedCamera
from kit.media.cameras.source import Source
from kit.media.sharing import Sharing, wipe
from kit.media.tracks import CameraTrack
from kit.media.worker import DeviceGone

STILL, SECOND, NONE = PresentSource.STILL, PresentSource.SECOND_CAMERA, PresentSource.NONE
SMALL = Camera(source="generated", width=320, height=180, fps=30)


def picture(value: int = 120) -> Shot:
    frame = av.VideoFrame(1920, 1080, "yuv420p")
    for plane in planes(frame):
        plane[:] = value
    return Shot(frame, 1)


class Bench:
    """Sharing with a generated second camera, and what it told."""

    def __init__(self) -> None:
        self.told: list[ng.Event] = []
        writer = PictureWriter(Stream.SHARED)
        self.window = PictureReader(writer.descriptor)
        self.track = CameraTrack()
        self.sharing = Sharing(self._second, writer, lambda: self.track, self.told.append)

    def _second(self, seen: Callable[[Shot], None]) -> SecondCamera:
        wish = Wish(source="generated", width=320, height=180, fps=30)
        return SecondCamera(wish, seen, lambda _: None, lambda: None)


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_a_still_is_shown_only_after_it_was_taken_and_forgotten_afterwards(bench: Bench) -> None:
    bench.sharing.aim(STILL)
    assert not bench.sharing.show(STILL)
    bench.sharing.take(picture())
    assert bench.told == [ng.StillTaken(taken=True)]
    assert bench.window.latest() is not None
    assert bench.sharing.show(STILL)
    bench.sharing.aim(NONE)
    async with asyncio.timeout(5):
        assert (await bench.track.recv()).width == 1920
        await bench.track.recv()
    bench.sharing.show(NONE)
    assert bench.window.latest() is None
    assert not bench.sharing.show(STILL)


async def test_a_still_that_nobody_aims_at_is_not_kept(bench: Bench) -> None:
    bench.sharing.take(picture())
    assert bench.told == [ng.StillTaken(taken=False)]
    assert bench.window.latest() is None


def test_a_wiped_picture_holds_nothing() -> None:
    shot = picture()
    wipe(shot.picture)
    assert all(not plane.any() for plane in planes(shot.picture))


async def test_the_second_camera_runs_while_it_is_looked_at_or_shown(bench: Bench) -> None:
    bench.sharing.second.start()
    bench.sharing.aim(SECOND)
    async with asyncio.timeout(5):
        while bench.window.latest() is None:  # noqa: ASYNC110 - shared memory has no event
            await asyncio.sleep(0.02)
    assert bench.sharing.show(SECOND)
    bench.sharing.aim(NONE)
    async with asyncio.timeout(5):
        await bench.track.recv()
    bench.sharing.stop()
    assert not bench.sharing.second.wanted
    assert bench.window.latest() is None


class Taken:
    def __init__(self, worker: CameraWorker) -> None:
        self.done = asyncio.Event()
        self.shot: Shot | None = None
        worker.take_still(self)

    def __call__(self, shot: Shot | None) -> None:
        self.shot = shot
        self.done.set()


async def test_a_still_has_the_cameras_full_size_and_the_calls_pictures_go_on() -> None:
    sizes: list[int] = []
    worker = CameraWorker(SMALL, lambda shot: sizes.append(shot.picture.width), lambda _: None)
    worker.start()
    worker.use(True)
    taken = Taken(worker)
    async with asyncio.timeout(10):
        await taken.done.wait()
        seen = len(sizes)
        while len(sizes) < seen + 3:  # noqa: ASYNC110 - pictures come by themselves
            await asyncio.sleep(0.02)
    worker.use(False)
    assert taken.shot is not None
    assert (taken.shot.picture.width, taken.shot.picture.height) == (1920, 1080)
    assert set(sizes) == {320}


async def test_a_camera_that_fails_in_full_size_gives_its_usual_one() -> None:
    def opener(_found: Found, wish: Camera) -> Source:
        if wish.width > 320:
            raise DeviceGone(Condition.BAD)
        return GeneratedCamera(wish.width, wish.height, wish.fps)

    worker = CameraWorker(SMALL, lambda _: None, lambda _: None, opener)
    worker.start()
    worker.use(True)
    taken = Taken(worker)
    async with asyncio.timeout(10):
        await taken.done.wait()
    worker.use(False)
    assert taken.shot is not None
    assert taken.shot.picture.width == 320


async def test_a_missing_camera_gives_no_still() -> None:
    worker = CameraWorker(replace(SMALL, source="/dev/video99"), lambda _: None, lambda _: None)
    worker.start()
    worker.use(True)
    taken = Taken(worker)
    async with asyncio.timeout(10):
        await taken.done.wait()
    worker.use(False)
    assert taken.shot is None


async def test_the_kits_own_camera_is_never_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    own, other = Found("/dev/video0", "Kamera"), Found("/dev/video2", "Dokument")
    monkeypatch.setattr("kit.media.cameras.found.cameras", lambda: [own, other])
    found: list[Device] = []
    second = SecondCamera(Wish(), lambda _: None, found.append, lambda: own)
    assert second.look().label == "Dokument"
    alone = SecondCamera(Wish(), lambda _: None, found.append, lambda: other)
    assert alone.look().label == "Kamera"
