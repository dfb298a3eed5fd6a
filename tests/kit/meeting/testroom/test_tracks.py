import asyncio
import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from kit.meeting.testroom.config import PictureConfig
from kit.meeting.testroom.media import planes
from kit.meeting.testroom.media.composer import PictureSource, Scene, Tile
from kit.meeting.testroom.media.mixer import STEP
from kit.meeting.testroom.media.tracks import MixTrack, SceneTrack

CONFIG = PictureConfig(fps=25)
SIZE = (320, 180)


class Show:
    """The scene that a track is shown."""

    scene = Scene(hold="Väntar")


@pytest.fixture
def show() -> Show:
    return Show()


@pytest.fixture
def track(show: Show) -> Iterator[SceneTrack]:
    made = SceneTrack(lambda: show.scene, lambda _: SIZE, CONFIG)
    yield made
    made.stop()


async def pictures_in(track: SceneTrack, seconds: float) -> list[int]:
    """Timestamps of the pictures that come within a time."""
    stamps: list[int] = []
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            async with asyncio.timeout(left):
                stamps.append((await track.recv()).pts or 0)
        except TimeoutError:
            break
    return stamps


async def feed(source: PictureSource, fps: float, seconds: float) -> None:
    for _ in range(int(fps * seconds)):
        source.put(planes.blank(*SIZE), time.monotonic())
        await asyncio.sleep(1 / fps)


async def test_a_hold_picture_is_repeated_slowly(track: SceneTrack) -> None:
    stamps = await pictures_in(track, 0.75)
    assert 2 <= len(stamps) <= 5
    assert all(later > earlier for earlier, later in pairwise(stamps))


async def test_a_single_source_is_followed_picture_by_picture(track: SceneTrack, show: Show) -> None:
    source = PictureSource()
    source.put(planes.blank(*SIZE), 0)
    show.scene = Scene((Tile("", source),))
    stamps, _ = await asyncio.gather(pictures_in(track, 0.6), feed(source, 15, 0.6))
    assert 5 <= len(stamps) <= 12


async def test_a_source_that_is_too_fast_is_thinned(track: SceneTrack, show: Show) -> None:
    source = PictureSource()
    source.put(planes.blank(*SIZE), 0)
    show.scene = Scene((Tile("", source),))
    stamps, _ = await asyncio.gather(pictures_in(track, 0.6), feed(source, 90, 0.6))
    assert 8 <= len(stamps) <= 20


async def test_a_source_that_stands_still_is_repeated(track: SceneTrack, show: Show) -> None:
    source = PictureSource()
    source.put(planes.blank(*SIZE), 0)
    show.scene = Scene((Tile("", source),))
    assert 2 <= len(await pictures_in(track, 0.75)) <= 5


async def test_an_empty_scene_sends_nothing(track: SceneTrack, show: Show) -> None:
    show.scene = Scene()
    assert await pictures_in(track, 0.4) == []


async def test_a_stopped_track_ends(track: SceneTrack) -> None:
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()


async def test_sound_that_is_not_taken_is_dropped_oldest_first_and_still_counted() -> None:
    track = MixTrack()
    for number in range(8):
        track.push(np.full(STEP, number, np.int16))
    frame = await track.recv()
    assert frame.to_ndarray()[0, 0] == 3
    assert frame.pts == 3 * STEP
    assert (frame.sample_rate, frame.samples, frame.layout.name) == (48_000, STEP, "mono")
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()
