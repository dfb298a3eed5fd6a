"""When a beep begins in a piece of sound: the clock that sound carries, as the time code is the picture's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kit.media.timecode import BEEP_HZ, BEEP_MS

RATE = 48_000
MIN_AMPLITUDE = 0.01
_WINDOW = RATE // 200
"""5 ms: five periods of the beep."""
_TONAL = 0.5
"""A beep has at least this share of its window's power at its own frequency; speech has not."""

Samples = npt.NDArray[np.float64]


def onsets(sound: Samples) -> list[float]:
    """Seconds from the beginning of ``sound`` (48 kHz mono, -1..1) at which beeps begin, to about 2 ms."""
    if len(sound) < 4 * _WINDOW:
        return []
    carrier = np.exp(-2j * np.pi * BEEP_HZ * np.arange(len(sound)) / RATE)
    window = np.ones(_WINDOW) / _WINDOW
    tone = 2 * np.abs(np.convolve(sound * carrier, window, "same"))
    power = np.convolve(sound**2, window, "same")
    beeping = (tone > MIN_AMPLITUDE) & (tone**2 / 2 > _TONAL * power)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], beeping.astype(np.int8), [0]])))
    found: list[float] = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        whole = 0.5 * BEEP_MS / 1000 <= (end - begin) / RATE <= 2.0 * BEEP_MS / 1000
        # A beep that had begun before the sound did tells nothing.
        if whole and begin > _WINDOW:
            found.append(float(_rise(tone, int(begin), int(end))) / RATE)
    return found


def latencies_s(found: list[float], began_at: float) -> list[float]:
    """How late each beep was heard after the full second at which it was made; under one second.

    ``began_at`` is the unix time of the sound's first sample.
    """
    return [(began_at + onset) % 1.0 for onset in found]


def _rise(tone: Samples, begin: int, end: int) -> int:
    """Sample at which half of the beep's amplitude is reached: the middle of the sliding window's edge."""
    half = float(tone[begin:end].max()) / 2
    start = max(0, begin - _WINDOW)
    return start + int(np.argmax(tone[start:end] >= half))
