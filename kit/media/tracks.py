"""What the engine sends: the camera's and the microphone's newest, as aiortc's tracks.

A gate that is closed gives nothing at all: muted means that no packet leaves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from kit.media.camera import Shot
from kit.media.level import BLOCK, RATE, Block

_KEPT_BLOCKS = 10
_JUMP = RATE // 10
"""Samples by which the wall clock may be ahead before the sound's time follows it."""
VIDEO_RATE = 90_000


class MicrophoneTrack(MediaStreamTrack):
    """Up to 200 ms of sound wait for the encoder; then the oldest is dropped."""

    kind = "audio"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` counts seconds."""
        super().__init__()
        self._clock = clock
        self._began = clock()
        self._samples = 0
        self._blocks: asyncio.Queue[tuple[int, Block]] = asyncio.Queue()

    def put(self, block: Block) -> None:
        """Offer 20 ms of sound."""
        passed = int((self._clock() - self._began) * RATE)
        if passed - self._samples > _JUMP:
            # The microphone was away or muted: the receiver must not believe that it is late.
            self._samples = passed // BLOCK * BLOCK
        if self._blocks.qsize() >= _KEPT_BLOCKS:
            self._blocks.get_nowait()
        self._blocks.put_nowait((self._samples, block))
        self._samples += BLOCK

    def flush(self) -> None:
        """Drop what has not been sent."""
        while not self._blocks.empty():
            self._blocks.get_nowait()

    async def recv(self) -> av.AudioFrame:
        """Wait for sound."""
        if self.readyState != "live":
            raise MediaStreamError
        samples, block = await self._blocks.get()
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, samples, Fraction(1, RATE)
        return frame


class CameraTrack(MediaStreamTrack):
    """The newest picture; one that the encoder has not taken when the next comes is dropped."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._shot: Shot | None = None
        self._ready = asyncio.Event()
        self._first_us: int | None = None
        self._last_pts = -1

    def put(self, shot: Shot) -> None:
        """Offer a picture; it belongs to the encoder from now on."""
        self._shot = shot
        self._ready.set()

    def flush(self) -> None:
        """Drop the picture that has not been sent."""
        self._shot = None
        self._ready.clear()

    async def recv(self) -> av.VideoFrame:
        """Wait for a picture."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._ready.wait()
        shot = self._shot
        self.flush()
        if shot is None:
            raise MediaStreamError
        self._first_us = shot.captured_us if self._first_us is None else self._first_us
        frame = shot.picture
        # The wall clock may be set back in mid-call; a receiver's may not.
        pts = (shot.captured_us - self._first_us) * VIDEO_RATE // 1_000_000
        frame.pts = self._last_pts = max(pts, self._last_pts + 1)
        frame.time_base = Fraction(1, VIDEO_RATE)
        return frame
