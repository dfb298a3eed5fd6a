"""A PulseAudio of the tests' own: a speaker and a microphone without a card."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

SPEAKER, MICROPHONE = "kit_speaker", "kit_microphone"
_START_S = 10.0


class Pulse:
    """Null sinks: what the kit plays is in ``kit_speaker.monitor``; what it hears is played to the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PULSE_SERVER": f"unix:{self._folder / 'native'}",
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "PULSE_SINK": SPEAKER,
            "PULSE_SOURCE": f"{MICROPHONE}.monitor",
        }

    def start(self) -> None:
        # Without norewinds a null sink mixes up to two seconds ahead when it has been idle.
        sinks = [f"module-null-sink sink_name={n} rate=48000 norewinds=1" for n in (SPEAKER, MICROPHONE)]
        loads = [f"module-native-protocol-unix socket={self._folder / 'native'} auth-anonymous=1", *sinks]
        options = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes")
        self._process = subprocess.Popen(
            ["pulseaudio", *options, *(word for load in loads for word in ("-L", load))],
            env={**os.environ, "HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder)},
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _START_S
        while not (self._folder / "native").exists():
            assert time.monotonic() < deadline, "PulseAudio did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
            (self._folder / "native").unlink(missing_ok=True)

    def play(self) -> subprocess.Popen[bytes]:
        """Speak into the kit's microphone: write s16 mono at 48 kHz to the process."""
        return subprocess.Popen(
            ["pacat", f"--device={MICROPHONE}", "--rate=48000", "--channels=1", "--latency-msec=40", "--raw"],
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
