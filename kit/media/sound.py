"""Microphone and speaker through ALSA, each in its thread, paced by the card's own clock."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import time
from collections.abc import Callable

import alsaaudio
import numpy as np

from kit.ipc.state import Condition, Device
from kit.media.level import BLOCK, RATE, Block, silence
from kit.media.worker import DeviceGone, Worker

_NO_HANDLER = ctypes.CFUNCTYPE(None)
_ignore = _NO_HANDLER(lambda: None)
_CAPTURE_PERIODS = 4
_PLAYBACK_PERIODS = 3
"""60 ms: less than the threads of a busy machine are late by, once in a while."""
_STALL_S = 3.0
"""A card that takes or gives nothing for this long is ill."""


class Microphone(Worker[alsaaudio.PCM]):
    """Hands each 20 ms to ``heard`` in the event loop."""

    def __init__(self, name: str, heard: Callable[[Block], None], changed: Callable[[Device], None]) -> None:
        """``name`` is ALSA's name of the device."""
        super().__init__("microphone", changed)
        self._pcm_name = name
        self._heard = heard
        self._rest = b""

    def look(self) -> Device:
        """Open and close it."""
        return _looked_for(self._pcm_name, alsaaudio.PCM_CAPTURE)

    def open(self) -> tuple[alsaaudio.PCM, Device]:
        """Open for reading."""
        self._rest = b""
        return _open(self._pcm_name, alsaaudio.PCM_CAPTURE, _CAPTURE_PERIODS), _found(self._pcm_name)

    def work(self, opened: alsaaudio.PCM) -> None:
        """Read a period."""
        began = time.monotonic()
        try:
            count, data = opened.read()
        except alsaaudio.ALSAAudioError:
            raise DeviceGone(Condition.BAD) from None
        if count == -errno.EPIPE:
            return
        if count < 0 or time.monotonic() - began > _STALL_S:
            raise DeviceGone(Condition.BAD)
        self._rest += data
        while len(self._rest) >= 2 * BLOCK:
            block = np.frombuffer(self._rest[: 2 * BLOCK], np.int16)
            self._rest = self._rest[2 * BLOCK :]
            self.post(self._deliver, block)

    def close(self, opened: alsaaudio.PCM) -> None:
        """Give the device back."""
        opened.close()

    def _deliver(self, block: Block) -> None:
        if self.wanted:
            self._heard(block)


class Speaker(Worker[alsaaudio.PCM]):
    """Asks ``next_block`` for each 20 ms, in the speaker's thread."""

    def __init__(
        self,
        name: str,
        next_block: Callable[[], Block],
        changed: Callable[[Device], None],
        leaving: Callable[[Block, float], None] | None = None,
    ) -> None:
        """``leaving`` is told, in the thread, each block and the unix time at which it leaves the card."""
        super().__init__("speaker", changed)
        self._pcm_name = name
        self._next_block = next_block
        self._leaving = leaving
        self._buffer = 0

    def look(self) -> Device:
        """Open and close it."""
        return _looked_for(self._pcm_name, alsaaudio.PCM_PLAYBACK)

    def open(self) -> tuple[alsaaudio.PCM, Device]:
        """Open for writing, with a buffer of silence that keeps the card busy."""
        pcm = _open(self._pcm_name, alsaaudio.PCM_PLAYBACK, _PLAYBACK_PERIODS)
        self._buffer = int(pcm.info()["buffer_size"])
        self._fill(pcm)
        return pcm, _found(self._pcm_name)

    def work(self, opened: alsaaudio.PCM) -> None:
        """Write a block; waits until the card has room for it."""
        block = self._next_block()
        began = time.monotonic()
        try:
            waiting = self._buffer - opened.avail()
            at = time.time() + max(waiting, 0) / RATE
            written = opened.write(block.tobytes())
            if written == -errno.EPIPE:
                self._fill(opened)
                return
        except alsaaudio.ALSAAudioError:
            raise DeviceGone(Condition.BAD) from None
        if written < 0 or time.monotonic() - began > _STALL_S:
            raise DeviceGone(Condition.BAD)
        if self._leaving is not None:
            self._leaving(block, at)

    def close(self, opened: alsaaudio.PCM) -> None:
        """Give the device back at once; what it still holds is not played."""
        try:
            opened.drop()
            opened.close()
        except alsaaudio.ALSAAudioError:
            return

    def _fill(self, pcm: alsaaudio.PCM) -> None:
        for _ in range(_PLAYBACK_PERIODS - 1):
            pcm.write(silence().tobytes())


def quiet() -> None:
    """Keep ALSA from writing to standard error each time that a missing card is looked for."""
    with contextlib.suppress(OSError, AttributeError):
        # The handler is variadic: what it is called with stays in registers that it does not read.
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_ignore)


def _open(name: str, direction: int, periods: int, mode: int = alsaaudio.PCM_NORMAL) -> alsaaudio.PCM:
    try:
        return alsaaudio.PCM(
            direction,
            mode,
            device=name,
            rate=RATE,
            channels=1,
            format=alsaaudio.PCM_FORMAT_S16_LE,
            periodsize=BLOCK,
            periods=periods,
        )
    except alsaaudio.ALSAAudioError as error:
        busy = "busy" in str(error).lower()
        raise DeviceGone(Condition.BAD if busy else Condition.MISSING) from None


def _found(name: str) -> Device:
    return Device(condition=Condition.OK, label=name[:64])


def _looked_for(name: str, direction: int) -> Device:
    try:
        _open(name, direction, _PLAYBACK_PERIODS, alsaaudio.PCM_NONBLOCK).close()
    except DeviceGone as gone:
        return Device(condition=gone.condition)
    return _found(name)
