"""What the peers show and say: a moving 720p picture with noise and time code, and something like speech.

The speech is eight seconds long and repeats; where it is, the wall clock says, so that what is heard tells
how old it is.
"""

from __future__ import annotations

import asyncio
import functools
import time
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from aiortc.mediastreams import MediaStreamTrack

from kit.media import timecode

WIDTH, HEIGHT, FPS = 1280, 720, 30
RATE = 48_000
SPEECH_S = 8
FRAME = 960
_PICTURES = 30
_KEPT_S = 0.2

Sound = npt.NDArray[np.int16]


@functools.cache
def speech() -> Sound:
    """Voiced syllables of changing pitch and vowel, hisses and pauses; nothing repeats within the 8 s."""
    rng = np.random.default_rng(7)
    sound = np.zeros(RATE * SPEECH_S)
    at = 0
    while at < len(sound) - RATE // 2:
        length = int(rng.uniform(0.12, 0.32) * RATE)
        sound[at : at + length] += _syllable(rng, length)
        at += length
        if rng.random() < 0.35:
            hiss = int(rng.uniform(0.05, 0.1) * RATE)
            sound[at : at + hiss] += 0.12 * rng.normal(0, 1, hiss) * np.hanning(hiss)
            at += hiss
        at += int(rng.choice([0.01, 0.03, 0.25], p=[0.6, 0.3, 0.1]) * RATE)
    sound += rng.normal(0, 0.002, len(sound))
    loud: Sound = (sound / np.abs(sound).max() * 14_000).astype(np.int16)
    return loud


def _syllable(rng: np.random.Generator, length: int) -> npt.NDArray[np.float64]:
    pitch = np.linspace(rng.uniform(95, 210), rng.uniform(95, 210), length)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    formants = [(rng.uniform(280, 800), 90), (rng.uniform(900, 2300), 120), (rng.uniform(2400, 3200), 180)]
    voice = np.zeros(length)
    for harmonic in range(1, 30):
        frequency = harmonic * pitch.mean()
        gain = sum(1 / (1 + ((frequency - centre) / width) ** 2) for centre, width in formants)
        voice += (gain + 0.02) / harmonic**0.5 * np.sin(harmonic * phase)
    envelope = np.sin(np.pi * np.linspace(0, 1, length)) ** 0.5
    return rng.uniform(0.5, 1.0) * voice * envelope


def speech_at(wall_s: float, samples: int) -> Sound:
    """Return the speech that begins at a moment of the wall clock."""
    known = speech()
    start = int(wall_s * RATE) % len(known)
    found = known[start : start + samples]
    while len(found) < samples:
        found = np.concatenate((found, known[: samples - len(found)]))
    return found


@functools.cache
def pictures() -> list[npt.NDArray[np.uint8]]:
    """Return a second of I420 pictures as (1080, 1280): something head-like moves before a still room."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    blocks = rng.standard_normal((HEIGHT // 8, WIDTH // 8), np.float32).repeat(8, 0).repeat(8, 1)
    room = 96 + 60 * np.sin(x / 90) + 40 * np.cos(y / 70) + 12 * blocks
    made = []
    for number in range(_PICTURES):
        angle = 2 * np.pi * number / _PICTURES
        centre_x, centre_y = WIDTH / 2 + 120 * np.sin(angle), HEIGHT / 2 + 30 * np.cos(angle)
        head = ((x - centre_x) / 180) ** 2 + ((y - centre_y) / 240) ** 2 < 1
        luma = room.copy()
        luma[head] = 160 + 30 * np.sin((x[head] - centre_x) / 15) * np.cos((y[head] - centre_y) / 18)
        luma += 2 * rng.standard_normal(luma.shape, np.float32)
        planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        planes[:HEIGHT] = np.clip(luma, 16, 235).astype(np.uint8)
        made.append(planes)
    return made


class Camera(MediaStreamTrack):
    """720p30; a picture that is not fetched in time is left out, as by a camera.

    Its memory is used again for the picture a second later, as a camera's buffers are.
    """

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._begun = time.time()
        self._number = 0

    async def recv(self) -> av.VideoFrame:
        """Return the next picture at its time."""
        wait = self._begun + self._number / FPS - time.time()
        if wait > 0:
            await asyncio.sleep(wait)
        elif wait < -0.1:
            self._number += int(-wait * FPS)
        picture = pictures()[self._number % _PICTURES]
        timecode.write(picture[:HEIGHT], int(time.time() * 1000))
        frame = av.VideoFrame.from_numpy_buffer(picture, "yuv420p")
        frame.pts, frame.time_base = self._number * 90_000 // FPS, Fraction(1, 90_000)
        self._number += 1
        return frame


class Microphone(MediaStreamTrack):
    """20 ms of 48 kHz mono at a time; what is not fetched within 200 ms is left out, as by the kit's own."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._begun = time.time()
        self._number = 0

    async def recv(self) -> av.AudioFrame:
        """Return the 20 ms that have just passed."""
        begins = self._begun + self._number * FRAME / RATE
        wait = begins + FRAME / RATE - time.time()
        if wait > 0:
            await asyncio.sleep(wait)
        elif wait < -_KEPT_S:
            self._number += int(-wait * RATE / FRAME)
            begins = self._begun + self._number * FRAME / RATE
        sound = speech_at(begins, FRAME)
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._number * FRAME, Fraction(1, RATE)
        self._number += 1
        return frame
