"""Time-stretching of speech by whole pitch periods (WSOLA), so that delay can change unheard.

Sound is (samples, channels) at 48 kHz, 16 bit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kit.media.rtp.codecs.opus import Pcm

NEEDED = 1440
"""Samples (30 ms) that a stretch needs."""
_MIN_PERIOD, _MAX_PERIOD = 120, 600
_STEP = 8
ALIKE = 0.85
_QUIET = 120.0

Mono = npt.NDArray[np.float32]


def compress(pcm: Pcm) -> Pcm | None:
    """Leave out one pitch period of the first 30 ms; None where it would be heard."""
    period = _period(pcm)
    if period is None:
        return None
    joined = _crossfade(pcm[:period], pcm[period : 2 * period])
    return np.concatenate((joined, pcm[2 * period :]))


def extend(pcm: Pcm, played: int = 0, alike: float = ALIKE) -> Pcm | None:
    """Repeat one pitch period of the first 30 ms; None where it would be heard.

    ``played`` samples at the beginning, 10 ms at most, have been heard: they stay as they are. ``alike``: how
    much the sound must resemble itself, 1 being the same.
    """
    period = _period(pcm, alike)
    if period is None:
        return None
    at = max(period, played)
    again = _crossfade(pcm[at : at + period], pcm[at - period : at])
    return np.concatenate((pcm[:at], again, pcm[at:]))


def _crossfade(out: Pcm, into: Pcm) -> Pcm:
    weight = np.linspace(0.0, 1.0, len(out), dtype=np.float32)[:, None]
    return np.rint(out * (1 - weight) + into * weight).astype(np.int16)


def _period(pcm: Pcm, alike: float = ALIKE) -> int | None:
    """Return the lag at which the sound resembles itself best; any does in silence."""
    if len(pcm) < NEEDED:
        return None
    mono = pcm[:NEEDED].astype(np.float32).mean(axis=1)
    if float(np.sqrt(np.mean(mono**2))) < _QUIET:
        return _MAX_PERIOD
    coarse = mono.reshape(-1, _STEP).mean(axis=1)
    lag, _ = _best(coarse, range(_MIN_PERIOD // _STEP, _MAX_PERIOD // _STEP + 1))
    around = range(max(_MIN_PERIOD, (lag - 1) * _STEP), min(_MAX_PERIOD, (lag + 1) * _STEP) + 1)
    period, likeness = _best(mono, around)
    return period if likeness > alike else None


def _best(mono: Mono, lags: range) -> tuple[int, float]:
    """Lag with the highest normalized correlation of neighbouring periods."""
    window = len(mono) - lags[-1]
    head = mono[:window]
    energy = float(head @ head)
    best, best_lag = -1.0, lags[0]
    for lag in lags:
        other = mono[lag : lag + window]
        scale = np.sqrt(energy * float(other @ other)) + 1e-9
        likeness = float(head @ other) / scale
        if likeness > best:
            best, best_lag = likeness, lag
    return best_lag, best
