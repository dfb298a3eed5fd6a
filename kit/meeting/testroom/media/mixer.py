"""The sound of a room: for each listener the mix of all others.

Everything runs in steps of 20 ms at 48 kHz mono. Pure: the caller gives what each one says in a step.
"""

import math
from collections.abc import Mapping, Set

import numpy as np
import numpy.typing as npt

RATE = 48_000
STEP = 960
STEP_S = STEP / RATE
Samples = npt.NDArray[np.float32]
"""Mono samples, full scale ±1."""
Pcm = npt.NDArray[np.int16]

SILENCE_DBFS = -100.0
_RAMP = 240
"""Samples (5 ms) over which sound fades in, out and across, so that no seam clicks."""


class Limiter:
    """Keeps a sum of voices below full scale: at once when it gets loud, slowly back afterwards."""

    CEILING = 0.9
    _RELEASE = 0.05

    def __init__(self) -> None:
        self._gain = 1.0

    def apply(self, samples: Samples) -> Samples:
        """Scale one step; the gain moves without a jump."""
        peak = float(np.abs(samples).max(initial=0.0))
        allowed = 1.0 if peak <= self.CEILING else self.CEILING / peak
        target = min(allowed, self._gain + self._RELEASE)
        if target == self._gain == 1.0:
            return samples
        start = min(self._gain, allowed)
        ramp = np.full(STEP, target, np.float32)
        ramp[:_RAMP] = np.linspace(start, target, _RAMP, dtype=np.float32)
        self._gain = target
        return samples * ramp


class Mixer:
    """Who sends sound, and what each listener hears."""

    def __init__(self) -> None:
        self._limiters: dict[str, Limiter] = {}
        self.levels: dict[str, float] = {}
        """Sound level in dBFS of each participant in the last step."""

    def forget(self, uuid: str) -> None:
        """A participant is gone; harmless when unknown."""
        self._limiters.pop(uuid, None)
        self.levels.pop(uuid, None)

    def tick(
        self, said: Mapping[str, Samples | None], silent: Set[str], audience: Mapping[str, Set[str]]
    ) -> dict[str, Pcm]:
        """Mix what each one says; ``audience`` maps each listener to those it hears, ``silent`` ones not."""
        heard: dict[str, Samples] = {}
        for uuid, samples in said.items():
            if samples is None or uuid in silent:
                self.levels[uuid] = SILENCE_DBFS
            else:
                self.levels[uuid] = dbfs(samples)
                heard[uuid] = samples
        return {listener: self._mix(listener, sources, heard) for listener, sources in audience.items()}

    def _mix(self, listener: str, sources: Set[str], heard: Mapping[str, Samples]) -> Pcm:
        total = np.zeros(STEP, np.float32)
        for uuid, samples in heard.items():
            if uuid in sources and uuid != listener:
                total += samples
        limited = self._limiters.setdefault(listener, Limiter()).apply(total)
        return (np.clip(limited, -1.0, 1.0) * 32767).astype(np.int16)


def from_pcm(pcm: Pcm) -> Samples:
    """16-bit samples as floating point."""
    return pcm.astype(np.float32) / 32768.0


def dbfs(samples: Samples) -> float:
    """Root mean square in dB below full scale; silence is −100."""
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return max(SILENCE_DBFS, 10 * math.log10(power)) if power > 0 else SILENCE_DBFS
