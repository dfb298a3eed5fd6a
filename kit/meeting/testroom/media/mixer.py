"""The sound of a room: small jitter buffers, and for each listener the mix of all others.

Everything runs in steps of 20 ms at 48 kHz mono. Pure: the caller pushes what arrives and calls ``tick`` by
its clock.
"""

import math
from collections import deque
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
_PAUSE_DBFS = -45.0
_RAMP = 240
"""Samples (5 ms) over which sound fades in, out and across, so that no seam clicks."""


class JitterBuffer:
    """Evens out when sound arrives.

    Waits for ``prefill`` steps, then gives one each time. Empty: fades out and waits again. What has piled up
    after a stall is caught up in pauses of speech; over ``most`` steps the oldest are dropped at once.
    """

    def __init__(self, prefill: int = 2, most: int = 12) -> None:
        self._prefill = prefill
        self._most = most
        self._steps: deque[Samples] = deque()
        self._flowing = False
        self._last = np.zeros(STEP, np.float32)
        self._fade_in = True
        self.dropped = 0
        """Steps dropped because sound came faster than it was taken."""
        self.starved = 0
        """Times that the buffer ran empty while sound was flowing."""

    def push(self, samples: Samples) -> None:
        """One step of sound has arrived."""
        self._steps.append(samples)
        if len(self._steps) > self._most:
            while len(self._steps) > self._prefill:
                self._steps.popleft()
                self.dropped += 1
            self._fade_in = True

    def pull(self) -> Samples | None:
        """The next step, or None while there is nothing to play."""
        if not self._flowing and len(self._steps) < self._prefill:
            return None
        if not self._steps:
            self._flowing, self._fade_in = False, True
            self.starved += 1
            return _tail(self._last)
        self._flowing = True
        step = self._steps.popleft()
        if len(self._steps) > self._prefill and dbfs(step) < _PAUSE_DBFS:
            step = self._steps.popleft()
            self.dropped += 1
        if self._fade_in:
            step = _faded_in(step)
            self._fade_in = False
        self._last = step
        return step


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
        self._inputs: dict[str, JitterBuffer] = {}
        self._limiters: dict[str, Limiter] = {}
        self.levels: dict[str, float] = {}
        """Sound level in dBFS of each input in the last step."""

    def open(self, uuid: str) -> JitterBuffer:
        """A (new) input for a participant."""
        self._inputs[uuid] = JitterBuffer()
        return self._inputs[uuid]

    def close(self, uuid: str) -> None:
        """Forget a participant; harmless when unknown."""
        self._inputs.pop(uuid, None)
        self._limiters.pop(uuid, None)
        self.levels.pop(uuid, None)

    def tick(self, silent: Set[str], audience: Mapping[str, Set[str]]) -> dict[str, Pcm]:
        """Take 20 ms from every input; ``audience`` maps each listener to those it hears.

        Who is ``silent`` is taken from its buffer but heard by nobody.
        """
        heard: dict[str, Samples] = {}
        for uuid, buffer in self._inputs.items():
            samples = buffer.pull()
            if samples is None or uuid in silent:
                self.levels[uuid] = SILENCE_DBFS
                continue
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


def _faded_in(step: Samples) -> Samples:
    faded = step.copy()
    faded[:_RAMP] *= np.linspace(0, 1, _RAMP, dtype=np.float32)
    return faded


def _tail(last: Samples) -> Samples:
    """A step that leads the last sample to zero instead of cutting it off."""
    tail = np.zeros(STEP, np.float32)
    tail[:_RAMP] = last[-1] * np.linspace(1, 0, _RAMP, dtype=np.float32)
    return tail
