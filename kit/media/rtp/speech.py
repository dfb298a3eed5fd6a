"""Microphone sound into Opus packets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kit.media.rtp.allocation import Sound
from kit.media.rtp.codecs.opus import RATE, OpusEncoder

_MIN_LOSS_PERCENT, _MAX_LOSS_PERCENT = 5, 30
_SILENT_LEVEL = 127
_FRAME = RATE // 50


class SpeechPacket(NamedTuple):
    """``timestamp`` counts samples; ``level`` is loudness in -dBov."""

    timestamp: int
    payload: bytes
    level: int


class SpeechEncoder:
    """Mono, 16 bit, 48 kHz; bit rate and packet time may change with each packet."""

    def __init__(self) -> None:
        self._encoder = OpusEncoder(channels=1)
        self._waiting = b""
        self._timestamp = 0
        self._sound = Sound(32_000, 20, repeated=False)

    def configure(self, sound: Sound, loss: float) -> None:
        """Follow the allocation; ``loss`` is a share."""
        self._sound = sound
        percent = 5 * round(loss * 20)
        self._encoder.configure(sound.bitrate, max(_MIN_LOSS_PERCENT, min(_MAX_LOSS_PERCENT, percent)))

    def encode(self, timestamp: int, pcm: bytes) -> Iterator[SpeechPacket]:
        """Take samples that begin at ``timestamp``; a gap in the timestamps drops what waits."""
        if timestamp != self._timestamp + len(self._waiting) // 2:
            self._waiting, self._timestamp = b"", timestamp
        self._waiting += pcm
        samples = _FRAME * max(1, self._sound.packet_ms // 20)
        while len(self._waiting) >= 2 * samples:
            head, self._waiting = self._waiting[: 2 * samples], self._waiting[2 * samples :]
            yield SpeechPacket(self._timestamp, self._encoder.encode(head, samples), loudness(head))
            self._timestamp += samples


def loudness(pcm: bytes) -> int:
    """RFC 6464 level of 16 bit samples: 0 is the loudest, 127 silence."""
    samples = np.frombuffer(pcm, np.int16).astype(np.float32)
    power = float(samples @ samples) / len(samples) if len(samples) else 0.0
    if power < 1e-3:
        return _SILENT_LEVEL
    return int(min(_SILENT_LEVEL, max(0, -10 * math.log10(power / 32768**2))))
