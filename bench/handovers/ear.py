"""What leaves the kit's speaker, all the time, and the pauses in it."""

from __future__ import annotations

import asyncio
import os
import subprocess
from types import TracebackType
from typing import Self

import numpy as np

from kit.media.level import RATE
from tests.peers.media.pauses import pauses_s
from tests.peers.media.pulse import SPEAKER, Pulse

_CHUNK = RATE // 50 * 2


class Ear:
    """``async with Ear(pulse)`` listens. Marks are in samples."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._heard = bytearray()
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *("parec", f"--device={SPEAKER}.monitor", "--raw", "--rate=48000", "--format=s16le"),
            *("--channels=1", "--latency-msec=20"),
            env={**os.environ, **self._pulse.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._reading is not None
        self._reading.cancel()
        self._process.terminate()
        await self._process.wait()

    @property
    def now(self) -> int:
        """How much has been heard so far."""
        return len(self._heard) // 2

    def pauses_s(self, since: int) -> list[float]:
        """How long the sound was away since a mark: each pause, the longest first."""
        return pauses_s(np.frombuffer(bytes(self._heard[2 * since :]), np.int16))

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(_CHUNK):
            self._heard += chunk
