"""Sound without a card: a PulseAudio of the demo's own, and for each kit a speaker and a microphone in it.

Both are null sinks. What a kit plays can be heard at its speaker's monitor; what is played into its
microphone's sink is what the kit records. Programs reach them through ALSA's ``pulse`` plugin.
Sound is looked at in memory and never written anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Iterable
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

    async def listen(self, kit_id: str, seconds: float) -> Samples:
        """Return what the kit's speaker plays during the next ``seconds``, -1..1 at 48 kHz mono."""
        wanted = int(seconds * RATE) * 2
        process = await asyncio.create_subprocess_exec(
            *("parec", f"--device={speaker(kit_id)}.monitor", "--raw", f"--rate={RATE}"),
            *("--format=s16le", "--channels=1", "--latency-msec=20"),
            env=self._client,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if process.stdout is None:
            raise SoundMissing
        try:
            async with asyncio.timeout(seconds + 5):
                heard = await process.stdout.readexactly(wanted)
        except (TimeoutError, asyncio.IncompleteReadError):
            raise SoundMissing from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
        return np.frombuffer(heard, dtype="<i2").astype(np.float64) / 32768

    @property
    def _home(self) -> dict[str, str]:
        return {"XDG_RUNTIME_DIR": str(self.folder), "HOME": str(self.folder)}

    @property
    def _client(self) -> dict[str, str]:
        return {"PULSE_SERVER": f"unix:{self.socket}", "PULSE_COOKIE": str(self.folder / "cookie")}


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


def _sink(name: str) -> str:
    return f"module-null-sink sink_name={name} rate={RATE} channels=1"
