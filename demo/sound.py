"""Sound without a card: a PulseAudio of the demo's own, and for each kit a speaker and a microphone in it.

Both are null sinks. What a kit plays can be heard at its speaker's monitor; what is played into its
microphone's sink is what the kit records. Programs reach them through ALSA's ``pulse`` plugin.
Sound is looked at in memory and never written anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from demo.supervisor import Service

RATE = 48_000
SILENCE_DBFS = -120.0

Samples = npt.NDArray[np.float64]


class SoundMissing(Exception):  # noqa: N818 - it names what happened
    """PulseAudio gave no sound to listen to."""


class Heard(Struct, frozen=True, kw_only=True):
    """Sound in memory: 48 kHz mono, -1..1, and the unix time of its first sample."""

    samples: Samples
    began_at: float


class SoundServer(Struct, frozen=True, kw_only=True):
    """Where the private PulseAudio lives; ``folder`` holds its socket and cookie."""

    folder: Path

    @property
    def socket(self) -> Path:
        """The socket of the native protocol."""
        return self.folder / "native"

    def service(self, kit_ids: Iterable[str]) -> Service:
        """PulseAudio with a speaker and a microphone for each kit, and no other device or client."""
        loads = [f"module-native-protocol-unix socket={self.socket} auth-anonymous=1"]
        for kit_id in kit_ids:
            loads += [_sink(speaker(kit_id)), _sink(microphone(kit_id))]
        return Service(
            name="pulseaudio",
            argv=(
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"),
                *("--use-pid-file=no", "--log-target=stderr"),
                *(word for load in loads for word in ("-L", load)),
            ),
            env=self._home,
        )

    def for_kit(self, kit_id: str) -> dict[str, str]:
        """Environment in which ALSA's ``pulse`` device is this kit's speaker and microphone."""
        return {
            **self._client,
            "PULSE_SINK": speaker(kit_id),
            "PULSE_SOURCE": f"{microphone(kit_id)}.monitor",
        }

    def into_microphone(self, kit_id: str) -> dict[str, str]:
        """Environment in which what is played is heard by this kit's microphone."""
        return {**self._client, "PULSE_SINK": microphone(kit_id)}

    async def listen(self, kit_id: str, seconds: float) -> Heard:
        """Return what the kit's speaker plays in the next ``seconds``; SoundMissing when nothing comes."""
        process = await asyncio.create_subprocess_exec(
            *("parec", f"--device={speaker(kit_id)}.monitor", "--raw", f"--rate={RATE}"),
            *("--format=s16le", "--channels=1", "--latency-msec=10"),
            env={**os.environ, **self._client},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(seconds + 5):
                return await _hear(process.stdout, int(seconds * RATE))
        except TimeoutError:
            raise SoundMissing from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()

    @property
    def _home(self) -> dict[str, str]:
        return {"XDG_RUNTIME_DIR": str(self.folder), "HOME": str(self.folder)}

    @property
    def _client(self) -> dict[str, str]:
        return {"PULSE_SERVER": f"unix:{self.socket}", "PULSE_COOKIE": str(self.folder / "cookie")}


async def _hear(stream: asyncio.StreamReader, count: int) -> Heard:
    """Read ``count`` samples. A piece may arrive late, never early: the earliest tells when all began."""
    pieces, frames, began_at = bytearray(), 0, math.inf
    while frames < count:
        piece = await stream.read(1 << 14)
        if not piece:
            raise SoundMissing
        pieces += piece
        frames = len(pieces) // 2
        began_at = min(began_at, time.time() - frames / RATE)
    samples = np.frombuffer(pieces[: 2 * count], dtype="<i2").astype(np.float64) / 32768
    return Heard(samples=samples, began_at=began_at)


def speaker(kit_id: str) -> str:
    """Name of the sink that the kit plays to."""
    return f"{kit_id}-speaker"


def microphone(kit_id: str) -> str:
    """Name of the sink whose monitor the kit records."""
    return f"{kit_id}-microphone"


def dbfs(sound: Samples) -> float:
    """Mean level; a full-scale square wave is 0, silence -120."""
    power = float(np.mean(sound**2)) if len(sound) else 0.0
    return max(SILENCE_DBFS, 10 * math.log10(power)) if power > 0 else SILENCE_DBFS


def mean_dbfs(levels: Sequence[float]) -> float:
    """Mean of levels by their power, as one level over the whole time."""
    if not levels:
        return SILENCE_DBFS
    return max(SILENCE_DBFS, 10 * math.log10(sum(10 ** (level / 10) for level in levels) / len(levels)))


def _sink(name: str) -> str:
    return f"module-null-sink sink_name={name} rate={RATE} channels=1"
