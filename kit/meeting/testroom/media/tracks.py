"""What a call sends: the others' sound, mixed, and a composed picture at the pace that the scene needs."""

import asyncio
import contextlib
import fractions
import time
from collections.abc import Callable

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from kit.meeting.testroom.config import PictureConfig
from kit.meeting.testroom.media.composer import PictureSource, Scene, compose
from kit.meeting.testroom.media.mixer import RATE, STEP, Pcm

_VIDEO_CLOCK = fractions.Fraction(1, 90_000)
_AUDIO_CLOCK = fractions.Fraction(1, RATE)
IDLE_FPS = 5
"""Pace of a picture in which nothing moves. Not less: Pexip's SDK takes a video that stands still between two
of its looks for a dead path and restarts ICE."""
_EAGER = 1.25


class MixTrack(MediaStreamTrack):
    """Sound for one listener, in steps of 20 ms; at most five wait, the oldest is dropped first."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._steps: asyncio.Queue[Pcm] = asyncio.Queue(5)
        self._samples = 0

    def push(self, pcm: Pcm) -> None:
        """One step of the mix. Steps that are dropped still count in the timestamps."""
        if self._steps.full():
            self._steps.get_nowait()
            self._samples += STEP
        self._steps.put_nowait(pcm)

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms."""
        if self.readyState != "live":
            raise MediaStreamError
        pcm = await self._steps.get()
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, _AUDIO_CLOCK
        self._samples += STEP
        return frame


class SceneTrack(MediaStreamTrack):
    """A composed picture.

    One live source: each of its pictures is sent when it comes, up to 1.25 times the configured rate. Several
    sources: the configured rate. None: a slow repetition. An empty scene: nothing.
    """

    kind = "video"

    def __init__(
        self,
        scene: Callable[[], Scene],
        size: Callable[[Scene], tuple[int, int]],
        config: PictureConfig,
    ) -> None:
        super().__init__()
        self._scene = scene
        self._size = size
        self._config = config
        self._origin = time.monotonic()
        self._sent_at = self._origin - 1.0
        self._seen: tuple[PictureSource, int] | None = None
        self._pictures = 0
        self._last_pts = -1

    @property
    def pictures(self) -> int:
        """How many were composed."""
        return self._pictures

    async def recv(self) -> av.VideoFrame:
        """The next picture."""
        scene = await self._due()
        if self.readyState != "live":
            raise MediaStreamError
        self._sent_at = time.monotonic()
        if len(scene.live) == 1:
            self._seen = (scene.live[0], scene.live[0].seq)
        tick = int((self._sent_at - self._origin) * 2)
        loop = asyncio.get_running_loop()
        frame = await loop.run_in_executor(None, compose, scene, *self._size(scene), tick)
        self._pictures += 1
        self._last_pts = max(self._last_pts + 1, int((self._sent_at - self._origin) * 90_000))
        frame.pts, frame.time_base = self._last_pts, _VIDEO_CLOCK
        return frame

    async def _due(self) -> Scene:
        """Wait until a picture should be sent."""
        while True:
            scene = self._scene()
            if scene.is_empty:
                await asyncio.sleep(1 / IDLE_FPS)
                continue
            stale = len(scene.live) == 1 and self._seen == (scene.live[0], scene.live[0].seq)
            wait = self._sent_at + self._interval(scene, stale) - time.monotonic()
            if wait <= 0:
                return scene
            if not stale:
                await asyncio.sleep(wait)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await scene.live[0].newer()

    def _interval(self, scene: Scene, stale: bool) -> float:
        if stale or not scene.live:
            return 1 / IDLE_FPS
        return 1 / (self._config.fps * (_EAGER if len(scene.live) == 1 else 1))
