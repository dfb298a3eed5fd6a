import asyncio
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kit.media import ice, rtp
from kit.media.level import RATE, Block, dbfs
from kit.meeting.pexip.api import trust
from kit.meeting.testroom import TestRoomServer, Tls
from tests.kit.meeting.pexip.certificates import Certificates, make
from tests.peers.media.kit import LIMIT_S, Kit, write_config
from tests.peers.media.pulse import SPEAKER, Pulse

VOICE_HZ = 600.0


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def tls(certificates: Certificates) -> ssl.SSLContext:
    """For the other side, which lives in the test's own process."""
    ice.add_loopback()
    rtp.install()
    return trust(certificates.ca)


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[Pulse]:
    folder = tmp_path / "pulse"
    folder.mkdir()
    pulse = Pulse(folder)
    pulse.start()
    yield pulse
    pulse.stop()


@pytest.fixture
def voice(pulse: Pulse) -> Iterator[None]:
    """Somebody speaks into the kit's microphone."""
    process, ended = pulse.play(), threading.Event()
    wave = (9000 * np.sin(2 * np.pi * VOICE_HZ * np.arange(RATE // 10) / RATE)).astype(np.int16)

    def speak() -> None:
        assert process.stdin is not None
        try:
            while not ended.is_set():
                process.stdin.write(wave.tobytes())
        except OSError:
            return

    thread = threading.Thread(target=speak)
    thread.start()
    yield
    ended.set()
    process.terminate()
    thread.join()
    process.wait()
    if process.stdin is not None:
        try:
            process.stdin.close()
        except OSError:
            return


class Node:
    """The test room as a node with TLS, which can be stopped and started at the same address."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self.server = self._make()

    @property
    def host(self) -> str:
        return f"localhost:{self._port}"

    async def start(self) -> None:
        self.server = self._make()
        await self.server.start()

    def seats(self, alias: str) -> list[str]:
        """Uuids of everybody in a room."""
        meetings = self.server.lab.stats().get(alias, [])
        assert isinstance(meetings, list)
        return [uuid for meeting in meetings for uuid in meeting["participants"]]

    def _make(self) -> TestRoomServer:
        where = Tls(("127.0.0.1", self._port), self._certificates.certificate, self._certificates.key)
        return TestRoomServer(tls=where)


@pytest.fixture
async def node(certificates: Certificates) -> AsyncIterator[Node]:
    node = Node(certificates)
    await node.start()
    yield node
    await node.server.stop()


@pytest.fixture
def config(tmp_path: Path, certificates: Certificates, node: Node) -> Path:
    folder = tmp_path / "kit"
    folder.mkdir()
    return write_config(folder, ca=certificates.ca, host=node.host)


@pytest.fixture
async def kit(config: Path, pulse: Pulse) -> AsyncIterator[Kit]:
    async with Kit(config, pulse.environment) as kit:
        yield kit


async def until(condition: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    deadline = asyncio.get_running_loop().time() + limit_s
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await asyncio.sleep(0.03)


async def heard_at_speaker(pulse: Pulse, seconds: float) -> Block:
    """What leaves the kit's speaker during the next seconds."""
    process = await asyncio.create_subprocess_exec(
        *("parec", f"--device={SPEAKER}.monitor", "--raw", "--rate=48000", "--format=s16le"),
        *("--channels=1", "--latency-msec=20"),
        env={**os.environ, **pulse.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(seconds + 5):
            data = await process.stdout.readexactly(int(seconds * 48_000) * 2)
    finally:
        process.terminate()
        await process.wait()
    return np.frombuffer(data, np.int16)


def pitch_hz(sound: Block) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * 48_000 / len(sound))


def is_silent(sound: Block) -> bool:
    return dbfs(sound) < -90
