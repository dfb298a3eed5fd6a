"""What a link test sends: noise, which no encoder can make small, as pictures and as sound."""

from __future__ import annotations

import asyncio
import time

import av
import numpy as np

from kit.media.cameras.source import Shot
from kit.media.level import BLOCK, BLOCK_S, Block
from kit.media.tracks import CameraTrack, MicrophoneTrack

_WIDTH, _HEIGHT = 640, 360
_PATTERNS = 5
_FROM, _TO = 64, 192
_LOUDNESS = 2000


class Noise:
    """A few pictures and blocks, given over and over: no two in a row are alike."""

    def __init__(self, seed: int = 7) -> None:
        rng = np.random.default_rng(seed)
        size = (_HEIGHT * 3 // 2, _WIDTH)
        self._pictures = [rng.integers(_FROM, _TO, size, np.uint8) for _ in range(_PATTERNS)]
        self._blocks: list[Block] = [
            rng.integers(-_LOUDNESS, _LOUDNESS, BLOCK, np.int16) for _ in range(_PATTERNS)
        ]
        self._count = 0

    async def feed(self, camera: CameraTrack, microphone: MicrophoneTrack) -> None:
        """Give 25 pictures and 50 blocks a second until cancelled."""
        due = time.monotonic()
        while True:
            self._count += 1
            microphone.put(self._blocks[self._count % _PATTERNS])
            if self._count % 2:
                camera.put(self._shot())
            # Who was held up does not send in a burst what it missed.
            due = max(due + BLOCK_S, time.monotonic() - BLOCK_S)
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _shot(self) -> Shot:
        pattern = self._pictures[self._count // 2 % _PATTERNS]
        return Shot(av.VideoFrame.from_ndarray(pattern, format="yuv420p"), int(time.time() * 1_000_000))
