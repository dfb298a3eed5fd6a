"""The sound of the patient's kitchen: somebody speaks Swedish, and each full second of the wall clock beeps.

``python -m demo.kitchen`` plays it, until it is ended, to ALSA's ``pulse`` device; ``PULSE_SINK`` says where.
The beep is that of the generated pictures' time code, so that sound and picture can be told apart in time.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections import deque

import alsaaudio
import numpy as np
import numpy.typing as npt

from kit.media.timecode import BEEP_HZ, BEEP_MS

RATE = 48_000
PERIOD = 960
TEXT = (
    "Hej och välkomna till mötet. Vi sitter här i köket, och kaffet är upphällt. "
    "Hur har det gått sedan förra veckan? Trappan är det svåraste, men med rollatorn går det bra. "
    "Medicinerna kommer på måndagar. Det vore skönt att få hjälp med duschen två gånger i veckan. "
)

Samples = npt.NDArray[np.int16]

_SPEECH_PEAK = 0.35
_BEEP_PEAK = 0.3
_HUSH = RATE * 80 // 1000
"""Nobody speaks this long before and after a beep: its onset stays clear."""
_FAR_OFF = RATE // 100
"""Wall clock and sound card may drift apart by 10 ms before the sound jumps."""


def speech() -> Samples:
    """Swedish speech from espeak-ng, or noise with the rhythm of syllables where that is missing."""
    program = shutil.which("espeak-ng")
    if program is None:
        return _murmur()
    wave = subprocess.run(
        [program, "-v", "sv", "-s", "150", "--stdout", TEXT], check=True, capture_output=True
    ).stdout
    rate = int.from_bytes(wave[24:28], "little")
    spoken = np.frombuffer(wave[44 : len(wave) // 2 * 2], dtype="<i2").astype(np.float64)
    at = np.arange(len(spoken) * RATE // rate) * rate / RATE
    return _to_peak(np.interp(at, np.arange(len(spoken)), spoken), _SPEECH_PEAK)


def beep() -> Samples:
    """One beep, with edges soft enough not to click."""
    count = RATE * BEEP_MS // 1000
    edge = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / 96)
    return _to_peak(np.sin(2 * np.pi * BEEP_HZ * np.arange(count) / RATE) * edge, _BEEP_PEAK)


class Kitchen:
    """What is heard at any moment: a function of the wall clock counted in samples."""

    def __init__(self, spoken: Samples) -> None:
        """``spoken`` is repeated for ever."""
        self._spoken = spoken
        second = np.zeros(RATE, dtype=np.int16)
        tone = beep()
        second[: len(tone)] = tone
        self._second = second
        self._open = np.ones(RATE, dtype=np.int16)
        self._open[: len(tone) + _HUSH] = 0
        self._open[-_HUSH:] = 0

    def hear(self, frame: int, count: int) -> Samples:
        """``count`` samples from sample number ``frame`` since 1970."""
        frames = np.arange(frame, frame + count)
        in_second = frames % RATE
        spoken = self._spoken[frames % len(self._spoken)]
        heard: Samples = spoken * self._open[in_second] + self._second[in_second]
        return heard


def play(kitchen: Kitchen) -> None:
    """Write to the sound card for ever, in step with the wall clock."""
    card = alsaaudio.PCM(
        device="pulse",
        channels=1,
        rate=RATE,
        format=alsaaudio.PCM_FORMAT_S16_LE,
        periodsize=PERIOD,
        periods=4,
    )
    room = card.info()["buffer_size"]
    errors: deque[float] = deque(maxlen=50)
    frame = int(time.time() * RATE)
    while True:
        sounds_at = time.time() * RATE + room - card.avail()
        errors.append(sounds_at - frame)
        drift = float(np.median(errors))
        if abs(drift) > _FAR_OFF and len(errors) == errors.maxlen:
            frame += int(drift)
            errors.clear()
        card.write(kitchen.hear(frame, PERIOD).tobytes())
        frame += PERIOD


def _murmur() -> Samples:
    noise = np.random.default_rng(1).standard_normal(10 * RATE)
    smooth = np.convolve(noise, np.ones(24) / 24, mode="same")
    syllables = np.maximum(0.0, np.sin(2 * np.pi * 4 * np.arange(len(smooth)) / RATE))
    return _to_peak(smooth * syllables, _SPEECH_PEAK)


def _to_peak(sound: npt.NDArray[np.float64], peak: float) -> Samples:
    return (sound * (peak * 32767 / max(1.0, float(np.abs(sound).max())))).astype(np.int16)


if __name__ == "__main__":
    play(Kitchen(speech()))
