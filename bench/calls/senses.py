"""What was seen and heard of a call, the same way for every kind of peer.

Pictures are (wall clock, age in ms or None, width, height) as they were shown; the age comes from the time
code in the picture. Sound is the wall clock at which each 20 ms were fetched to be played, and the samples at
8 kHz; the speech of :mod:`bench.calls.scene` is the reference. No counter of a peer goes in.
"""

from __future__ import annotations

import functools
from typing import TypeGuard

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
_LOST_TRACK = 3
_SEARCH_EVERY = 3
_FAR_S = 5.0
_FRAME_S = 0.02
_CARD_S = 0.06
_DRIFT_S = 0.0001
"""How much of the difference to the frames' own clock is made good with each frame."""
_SAME_S = 0.005
_OLDEST_MS = 60_000
_FREEZE_WINDOW = 30
_FREEZE_S = 0.15

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


def seen(pictures: list[tuple[float, float | None, int, int]], begun: float, ended: float) -> Seen:
    """Judge the pictures that were shown between two moments, by W3C's definition of a freeze."""
    seconds = ended - begun
    pictures = _new(pictures)
    if not pictures:
        return Seen(0.0, 0, 0, 1, seconds, None, None)
    gaps = np.diff(np.array([begun, *(at for at, *_ in pictures), ended]))
    frozen = gaps[_freezes(gaps)]
    ages = np.array([age for _, age, _, _ in pictures if _readable(age)])
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


def _new(
    pictures: list[tuple[float, float | None, int, int]],
) -> list[tuple[float, float | None, int, int]]:
    """Leave out what was shown again: a picture that was not captured after all those before it."""
    kept, newest = [], -np.inf
    for picture in pictures:
        at, age, *_ = picture
        if _readable(age):
            captured = at - age / 1000
            if captured < newest + _SAME_S:
                continue
            newest = captured
        kept.append(picture)
    return kept


def _readable(age_ms: float | None) -> TypeGuard[float]:
    """Whether a time code was read, and read aright: one in sixteen damaged ones passes its checksum."""
    return age_ms is not None and 0 <= age_ms < _OLDEST_MS


def _freezes(gaps: Floats) -> npt.NDArray[np.bool_]:
    """Which gaps are longer than three times the mean of the 30 before them, and than that mean + 150 ms.

    The first gap begins with the counted time and the last one ends with it: they are parts of gaps, and
    count only when they alone are long enough. Where nothing was shown before, the mean of all is taken.
    """
    usual = float(np.median(gaps[1:-1])) if len(gaps) > 2 else 0.0
    frozen = np.zeros(len(gaps), np.bool_)
    for index, gap in enumerate(gaps):
        before = gaps[max(1, index - _FREEZE_WINDOW) : index]
        mean = float(np.mean(before)) if len(before) else usual
        frozen[index] = gap > max(3 * mean, mean + _FREEZE_S)
    return frozen


@functools.cache
def _reference() -> Floats:
    return to_hearing(scene.speech()).astype(np.float64)


def to_hearing(sound: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Bring 48 kHz mono down to the rate that is compared."""
    whole = sound[: len(sound) // _DECIMATION * _DECIMATION].astype(np.float64)
    mean: npt.NDArray[np.int16] = whole.reshape(-1, _DECIMATION).mean(axis=1).astype(np.int16)
    return mean


def heard(walls: list[float], sound: npt.NDArray[np.int16], begun: float, ended: float) -> Heard:
    """Look for each 20 ms of the reference where it should be, and everywhere when it is lost for long.

    All of the time between the two moments is judged: where nothing was played is silence.
    """
    times, played = _laid_out(walls, sound.astype(np.float64), begun, ended)
    delay = _first_delay(times, played)
    if delay is None:
        return Heard(1.0, None, ())
    missed = loud = run = 0
    searched = -_SEARCH_EVERY
    lost: list[float] = []
    latencies: list[float] = []
    for index in range(1, len(times) - 1):
        start = index * HEARD_FRAME
        window = played[start - _CONTEXT : start + HEARD_FRAME + _CONTEXT]
        wall = times[index]
        if run >= _LOST_TRACK and index - searched >= _SEARCH_EVERY:
            searched = index
            found = _search(played, start, wall)
            delay, run = (found, 0) if found is not None else (delay, run)
        likeness, better = _match(window, wall - delay)
        if not is_loud(wall - delay):
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


def _laid_out(walls: list[float], sound: Floats, begun: float, ended: float) -> tuple[list[float], Floats]:
    """Put the 20 ms frames one after the other as a sound card plays them, with silence where it had none.

    The card holds ``_CARD_S`` in store: a frame that comes later than that leaves a hole before it. Frames
    that come together are played one after the other, so later.
    """
    given = len(sound) // HEARD_FRAME
    times: list[float] = []
    frames: list[Floats] = []
    at = begun
    for index, wall in enumerate([*walls[:given], ended]):
        if not index or wall - at > _CARD_S:
            missing = max(0, round((wall - at) / _FRAME_S))
            times += [wall - (missing - n) * _FRAME_S for n in range(missing)]
            frames += [np.zeros(HEARD_FRAME)] * missing
            at = wall
        if wall >= ended or at >= ended:
            break
        times.append(at)
        frames.append(sound[index * HEARD_FRAME : (index + 1) * HEARD_FRAME])
        at += _FRAME_S + min(_DRIFT_S, max(-_DRIFT_S, wall - at))
    return times, np.concatenate(frames) if frames else np.zeros(0)


def _first_delay(times: list[float], played: Floats) -> float | None:
    """How late the first speech is that is recognized at all."""
    for index in range(0, len(times) - 1, _SEARCH_EVERY):
        found = _search(played, index * HEARD_FRAME, times[index])
        if found is not None:
            return found
    return None


def _at(wall: float, before: int, count: int) -> Floats:
    reference = _reference()
    begin = (round(wall * HEARING_RATE) - before) % len(reference)
    return np.tile(reference, 1 + (begin + count) // len(reference))[begin : begin + count]


def is_loud(wall: float) -> bool:
    """Whether the reference says something in the 20 ms from here on, loud enough to be judged."""
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
