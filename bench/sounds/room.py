"""A room in numbers: a voice from the loudspeaker, another at the table, and a microphone that hears both.

Everything is 48 kHz ``float64`` of full scale 1 and made of fixed seeds: the same in every run.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kit.media.level import BLOCK, RATE, Block, clipped

Sound = npt.NDArray[np.float64]

DELAY_S = 0.06
"""From the reference to its echo: both buffers and the way through the air."""
_SYLLABLE_S = 0.12
_BAND_HZ = (300, 3400)


class Room(NamedTuple):
    """Four sounds of one length."""

    far: Block
    """What the speaker plays."""
    near: Block
    """What the one at the table says; silent outside ``talking``."""
    microphone: Block
    """The echo, what is said at the table, and the noise of the room."""
    talking: tuple[int, int]
    """Seconds between which both speak."""


def make(seconds: int = 20, talking: tuple[int, int] = (12, 16)) -> Room:
    """Return the room; the first third is for the canceller to learn it."""
    rng = np.random.default_rng(3)
    far, near = speech(1, seconds), speech(9, seconds)
    near[: talking[0] * RATE] = near[talking[1] * RATE :] = 0
    # A loudspeaker at its limit is not linear.
    echo = np.tanh(2 * heard(far, impulse_response(rng))) / 2
    noise = rng.normal(0, 0.0008, len(far))
    return Room(_block(far), _block(near), _block(echo + near + noise), talking)


def speech(seed: int, seconds: int) -> Sound:
    """Return voiced syllables with pauses and some breath: the shape of speech, of nobody's voice."""
    rng, count = np.random.default_rng(seed), RATE * seconds
    at = np.arange(count) / RATE
    pitch = 120 * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * at + seed))
    phase = np.cumsum(2 * np.pi * pitch / RATE)
    voice = np.sum([np.sin(number * phase) / number for number in range(1, 25)], axis=0)
    edges = np.arange(0, seconds + _SYLLABLE_S, _SYLLABLE_S)
    syllables = np.clip(np.interp(at, edges, rng.uniform(-0.3, 1, len(edges))), 0, 1)
    sound: Sound = voice * syllables + rng.normal(0, 0.15, count) * np.roll(syllables, RATE // 20)
    scaled: Sound = 0.25 * sound / np.abs(sound).max()
    return scaled


def impulse_response(rng: np.random.Generator) -> Sound:
    """Return how the room answers: after the delay, a tail that falls by 60 dB in 0.2 s."""
    delay, length = int(DELAY_S * RATE), RATE // 4
    tail = np.arange(length - delay)
    response = np.zeros(length)
    response[delay:] = rng.normal(0, 1, len(tail)) * np.exp(-tail / (0.03 * RATE))
    scaled: Sound = 0.5 * response / np.sqrt(np.sum(response**2))
    return scaled


def heard(sound: Sound, response: Sound) -> Sound:
    """Return a sound after its way through the room."""
    size = len(sound) + len(response)
    through: Sound = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)[: len(sound)]
    return through


def level_db(sound: Block) -> float:
    """Return the mean level, relative to one step."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-9))


def erle_db(room: Room, output: Block, begin_s: int, end_s: int) -> float:
    """Return the echo return loss enhancement between two moments at which only the far end speaks."""
    part = slice(begin_s * RATE, end_s * RATE)
    return level_db(room.microphone[part]) - level_db(output[part])


def near_db(room: Room, output: Block) -> float:
    """Return how much of the near end's level is left while both speak, in a telephone's band; 0 is all."""
    heard, near = _while_both(room, output), _while_both(room, room.near)
    return float(10 * np.log10(np.mean(heard**2) / np.mean(near**2)))


def near_likeness(room: Room, output: Block) -> float:
    """Return the correlation of both sounds' loudness over time while both speak: 1 is the same rhythm."""
    near, heard = (_loudness(_while_both(room, sound)) for sound in (room.near, output))
    return float(np.corrcoef(near, heard)[0, 1])


def _while_both(room: Room, sound: Block) -> Sound:
    part = sound[room.talking[0] * RATE : room.talking[1] * RATE].astype(np.float64)
    bins = np.fft.rfft(part)
    hertz = np.fft.rfftfreq(len(part), 1 / RATE)
    bins[(hertz < _BAND_HZ[0]) | (hertz > _BAND_HZ[1])] = 0
    in_band: Sound = np.fft.irfft(bins, len(part))
    return in_band


def _loudness(sound: Sound) -> Sound:
    pieces = sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK)
    decibels: Sound = 10 * np.log10(np.mean(pieces**2, axis=1) + 100)
    return decibels


def blocks(sound: Block) -> list[Block]:
    """Return a sound as the engine handles it, 20 ms at a time."""
    return list(sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK))


def _block(sound: Sound) -> Block:
    return clipped(sound * 32767)
