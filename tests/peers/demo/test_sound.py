"""The kitchen, through a real PulseAudio."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from demo.beeps import latencies_s, onsets
from demo.ready import service_ready, socket_open
from demo.sound import SILENCE_DBFS, SoundServer, dbfs, speaker
from demo.supervisor import Service, Supervisor

KITS = ("kit-0001", "kit-0002")


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    made = Supervisor(tmp_path / "log")
    yield made
    await made.close()


async def test_a_speaker_is_heard_in_time_and_only_its_own(supervisor: Supervisor, tmp_path: Path) -> None:
    server = SoundServer(folder=tmp_path)
    await supervisor.start(server.service(KITS))
    await service_ready(supervisor, "pulseaudio", socket_open(server.socket), 10)
    played = {**server.into_microphone(KITS[0]), "PULSE_SINK": speaker(KITS[0])}
    kitchen = Service(name="kitchen", argv=(sys.executable, "-m", "demo.kitchen"), env=played)
    await supervisor.start(kitchen)
    await asyncio.sleep(2.5)
    first, second = await asyncio.gather(*(server.listen(kit, 3.2) for kit in KITS))
    assert -45 < dbfs(first.samples) < -10
    late = latencies_s(onsets(first.samples), first.began_at)
    assert len(late) >= 3
    # Around the full second; the middle of those found bears with a busy machine.
    assert abs((float(np.median(late)) + 0.5) % 1.0 - 0.5) < 0.06
    assert dbfs(second.samples) == SILENCE_DBFS
