"""What was seen and heard of a call, the same way for every kind of peer.

Pictures are (wall clock, age in ms or None, width, height) as they were shown. Sound is the wall clock of
each 20 ms as it was played, and the samples at 8 kHz; the speech of :mod:`bench.calls.scene` is the
reference.
"""

from __future__ import annotations

import functools

import msgspec
import numpy as np
import numpy.typing as npt

from bench.calls import scene

HEARING_RATE = 8000
HEARD_FRAME = HEARING_RATE // 50
_DECIMATION = scene.RATE // HEARING_RATE
_CONTEXT = HEARD_FRAME // 2
_NEAR = 480
_ALIKE = 0.5
_LOUD = 250.0
_LOST_TRACK = 12
_SEARCH_EVERY = 15
_FAR_S = 5.0

Floats = npt.NDArray[np.float64]


class Seen(msgspec.Struct, frozen=True):
    """Figures of the pictures."""

    fps: float
    width: int
    height: int
    freeze_count: int
    freeze_seconds: float
    latency_p50_ms: float | None
    latency_p95_ms: float | None


class Heard(msgspec.Struct, frozen=True):
    """Figures of the sound; lost are 20 ms of speech that are not recognized, of all that should be loud."""

    lost_ratio: float
    latency_p50_ms: float | None
    lost_at: tuple[float, ...]
    """Wall clock of what was lost."""


def seen(pictures: list[tuple[float, float | None, int, int]], begun: float, seconds: float) -> Seen:
    """Judge the pictures of the counted time, by W3C's definition of a freeze."""
    if not pictures:
        return Seen(0.0, 0, 0, 1, seconds, None, None)
    times = np.array([begun, *(at for at, *_ in pictures), begun + seconds])
    gaps = np.diff(times)
    mean = float(np.mean(gaps[1:-1])) if len(gaps) > 2 else seconds
    frozen = gaps[gaps > max(3 * mean, mean + 0.15)]
    ages = np.array([age for _, age, _, _ in pictures if age is not None and 0 <= age < 60_000])
    p50, p95 = np.percentile(ages, (50, 95)) if len(ages) else (None, None)
    heights = [height for *_, height in pictures]
    widths = [width for _, _, width, _ in pictures]
    return Seen(
        fps=len(pictures) / seconds,
        width=int(np.median(widths)),
        height=int(np.median(heights)),
        freeze_count=len(frozen),
        freeze_seconds=float(frozen.sum()),
        latency_p50_ms=None if p50 is None else float(p50),
        latency_p95_ms=None if p95 is None else float(p95),
    )


@functools.cache
def _reference() -> Floats:
    return to_hearing(scene.speech()).astype(np.float64)


def to_hearing(sound: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Bring 48 kHz mono down to the rate that is compared."""
    whole = sound[: len(sound) // _DECIMATION * _DECIMATION].astype(np.float64)
    mean: npt.NDArray[np.int16] = whole.reshape(-1, _DECIMATION).mean(axis=1).astype(np.int16)
    return mean


def heard(walls: list[float], sound: npt.NDArray[np.int16]) -> Heard:
    """Look for each 20 ms of the reference where it should be, and everywhere when it is lost for long."""
    played = sound.astype(np.float64)
    delay: float | None = None
    missed = loud = 0
    lost: list[float] = []
    latencies: list[float] = []
    run, searched = _LOST_TRACK, -_SEARCH_EVERY
    for index in range(1, min(len(walls), len(played) // HEARD_FRAME) - 1):
        start = index * HEARD_FRAME
        window = played[start - _CONTEXT : start + HEARD_FRAME + _CONTEXT]
        wall = walls[index]
        if run >= _LOST_TRACK and index - searched >= _SEARCH_EVERY:
            searched = index
            found = _search(played, start, wall)
            delay, run = (found, 0) if found is not None else (delay, run)
        if delay is None:
            continue
        likeness, better = _match(window, wall - delay)
        if not _loud(wall - delay):
            continue
        loud += 1
        if likeness < _ALIKE:
            missed, run = missed + 1, run + 1
            lost.append(wall)
        else:
            delay, run = delay - better / HEARING_RATE, 0
            latencies.append(delay)
    latency = float(np.median(latencies)) * 1000 if latencies else None
    return Heard(missed / loud if loud else 1.0, latency, tuple(lost))


def _at(wall: float, before: int, count: int) -> Floats:
    reference = _reference()
    begin = (round(wall * HEARING_RATE) - before) % len(reference)
    return np.tile(reference, 1 + (begin + count) // len(reference))[begin : begin + count]


def _loud(wall: float) -> bool:
    part = _at(wall, 0, HEARD_FRAME)
    return float(np.sqrt(np.mean(part**2))) > _LOUD


def _match(window: Floats, wall: float) -> tuple[float, int]:
    """How like the reference a frame is, and how many samples further on its place is.

    ``window`` is the frame with a context on both sides, which only helps to find the place.
    """
    span = _at(wall, _CONTEXT + _NEAR, len(window) + 2 * _NEAR)
    scores = np.correlate(span, window, "valid")
    energy = np.sqrt(np.convolve(span**2, np.ones(len(window)), "valid") * float(window @ window)) + 1e-6
    best = int(np.argmax(scores / energy))
    frame, there = window[_CONTEXT:-_CONTEXT], span[best + _CONTEXT : best + _CONTEXT + HEARD_FRAME]
    likeness = float(frame @ there) / (float(np.linalg.norm(frame) * np.linalg.norm(there)) + 1e-6)
    return likeness, best - _NEAR


def _search(played: Floats, start: int, wall: float) -> float | None:
    """Find the delay within five seconds from half a second of sound."""
    window = played[start : start + HEARING_RATE // 2]
    if len(window) < HEARING_RATE // 4 or float(np.sqrt(np.mean(window**2))) < _LOUD:
        return None
    reach = int(_FAR_S * HEARING_RATE)
    span = _at(wall, reach, reach + len(window))
    size = len(span) + len(window)
    scores = np.fft.irfft(np.fft.rfft(span, size) * np.conj(np.fft.rfft(window, size)), size)
    scores = scores[: len(span) - len(window) + 1]
    energy = np.convolve(span**2, np.ones(len(window)), "valid") * float(window @ window)
    likeness = scores / (np.sqrt(energy) + 1e-6)
    best = int(np.argmax(likeness))
    return (reach - best) / HEARING_RATE if likeness[best] > _ALIKE else None
