"""How long sound takes from the speaker's thread to the microphone's, over a card of software.

PulseAudio's null sink stands for the card: what is played to it comes back at its monitor at once, so all
that is measured is buffers and threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from demo.sound import SoundServer, speaker
from kit.media.echo import EchoPath, Mode
from kit.media.level import BLOCK, RATE, Block, silence
from kit.media.sound import Microphone, Speaker, microphones, quiet, speakers

_EVERY = 25
"""Blocks between two beeps."""
_LOUD = 2000
_BEEP: Block = (np.sin(2 * np.pi * 1000 * np.arange(BLOCK) / RATE) * 12000).astype(np.int16)
_KIT = "bench"
_START_S = 10.0


class Measured(NamedTuple):
    """Medians over the beeps."""

    latency_ms: float
    """From handing a sample to the card until it has been heard and cleaned."""
    untold_ms: float
    """The part of it that the two cards' buffers do not tell, and that the canceller must find."""
    cpu_s_per_s: float
    xruns: int


class _Listener(EchoPath):
    """Takes the time of each beep on its way."""

    def __init__(self, mode: Mode) -> None:
        super().__init__(mode)
        self._blocks = 0
        self._sent: float | None = None
        self._told_s = 0.0
        self.latencies: list[float] = []
        self.untold: list[float] = []

    def next_block(self, leaves_in_s: float) -> Block:
        """Return a beep once in a while; in the speaker's thread."""
        self._blocks += 1
        if self._blocks % _EVERY:
            return silence()
        self._sent, self._told_s = time.monotonic(), leaves_in_s
        return _BEEP

    def clean(self, block: Block, heard_ago_s: float) -> Block:
        """Look for the beep; in the microphone's thread."""
        cleaned = super().clean(block, heard_ago_s)
        loud = np.flatnonzero(np.abs(block) > _LOUD)
        if self._sent is not None and len(loud):
            took = time.monotonic() - self._sent
            self._sent = None
            self.latencies.append(took)
            self.untold.append(took - self._told_s - heard_ago_s + float(loud[0]) / RATE)
        return cleaned


async def measure(mode: Mode, seconds: float) -> Measured:
    """Play and hear for some seconds; ALSA's ``pulse`` device must lead to the null sink."""
    quiet()
    listener = _Listener(mode)
    ears = Microphone(microphones("pulse"), lambda *_: None, lambda _: None, listener)
    mouth = Speaker(speakers("pulse"), listener.next_block, lambda _: None, listener)
    for worker in (ears, mouth):
        worker.start()
        worker.use(True)
    # The first second is for buffers to fill and libraries to load.
    await asyncio.sleep(1.5)
    listener.latencies.clear()
    listener.untold.clear()
    cpu, began, xruns = time.process_time(), time.monotonic(), ears.xruns + mouth.xruns
    await asyncio.sleep(seconds)
    spent = (time.process_time() - cpu) / (time.monotonic() - began)
    for worker in (ears, mouth):
        worker.use(False)
    if not listener.latencies:
        raise RuntimeError("no beep was heard")
    latency, untold = (statistics.median(found) * 1000 for found in (listener.latencies, listener.untold))
    return Measured(latency, untold, spent, ears.xruns + mouth.xruns - xruns)


@contextlib.contextmanager
def null_sink(folder: Path) -> Iterator[None]:
    """Run a PulseAudio whose only sink is both speaker and microphone of this process."""
    server = SoundServer(folder=folder)
    service = server.service([_KIT])
    process = subprocess.Popen(
        service.argv, env={**os.environ, **(service.env or {})}, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + _START_S
        while not server.socket.exists():
            if time.monotonic() > deadline:
                raise RuntimeError("PulseAudio did not start")
            time.sleep(0.05)
        os.environ.update(server.for_kit(_KIT))
        os.environ["PULSE_SOURCE"] = f"{speaker(_KIT)}.monitor"
        yield
    finally:
        process.terminate()
        process.wait(10)
