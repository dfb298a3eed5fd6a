"""What a peer of a measured call can do, and a kit peer as a process of its own.

`python -m bench.calls.peer` is that process: a JSON array for each request on stdin, an answer on stdout.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import aioice.ice
import av
import msgspec
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from bench.calls import scene, senses
from kit.media import rtp, timecode

TIMEOUT_S = 30.0
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


class Report(msgspec.Struct, frozen=True):
    """What a peer noted over the counted time; `change` is by how much its statistics grew."""

    pictures: list[tuple[float, float | None, int, int]]
    walls: list[float]
    sound: bytes
    """16 bit at 8 kHz."""
    change: dict[str, dict[str, float]]
    cpu_seconds: float
    rss_mb: float
    state: str


class Peer(Protocol):
    """One side of a call."""

    async def start(self) -> None:
        """Get ready."""
        ...

    async def offer(self) -> str:
        """Make an offer, all candidates gathered."""
        ...

    async def answer(self, sdp: str) -> str:
        """Answer one."""
        ...

    async def accept(self, sdp: str) -> None:
        """Take the answer."""
        ...

    async def mark(self) -> None:
        """Begin the counted time."""
        ...

    async def collect(self) -> Report:
        """End the counted time."""
        ...

    async def close(self) -> None:
        """End."""
        ...


class KitPeer:
    """The kit's engine in a process."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.calls.peer", self._codec,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
        )  # fmt: skip

    async def offer(self) -> str:
        """Make an offer."""
        return str(await self._ask("offer"))

    async def answer(self, sdp: str) -> str:
        """Answer one."""
        return str(await self._ask("answer", sdp))

    async def accept(self, sdp: str) -> None:
        """Take the answer."""
        await self._ask("accept", sdp)

    async def mark(self) -> None:
        """Begin the counted time."""
        await self._ask("mark")

    async def collect(self) -> Report:
        """End the counted time."""
        return msgspec.convert(await self._ask("collect"), Report)

    async def close(self) -> None:
        """End the process."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _ask(self, *request: str) -> Any:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(request) + b"\n")
        await process.stdin.drain()
        line = await asyncio.wait_for(process.stdout.readline(), TIMEOUT_S)
        return msgspec.json.decode(line)


class _Side:
    """The peer connection inside the process."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self._pc = RTCPeerConnection(configuration)
        self._pictures: list[tuple[float, float | None, int, int]] = []
        self._walls: list[float] = []
        self._sound: list[bytes] = []
        self._counting = False
        self._base: dict[str, dict[str, float]] = {}
        self._cpu = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._pc.on("track", self._on_track)

    async def offer(self) -> str:
        for track in (scene.Microphone(), scene.Camera()):
            self._pc.addTrack(track)
        self._prefer()
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return str(self._pc.localDescription.sdp)

    async def answer(self, sdp: str) -> str:
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        for track in (scene.Microphone(), scene.Camera()):
            self._pc.addTrack(track)
        self._prefer()
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        return str(self._pc.localDescription.sdp)

    async def accept(self, sdp: str) -> None:
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def mark(self) -> None:
        self._base = await self._statistics()
        self._cpu = _cpu_seconds()
        self._counting = True

    async def collect(self) -> dict[str, Any]:
        self._counting = False
        now = await self._statistics()
        change = {
            key: {name: value - self._base.get(key, {}).get(name, 0.0) for name, value in figures.items()}
            for key, figures in now.items()
        }
        report = Report(
            self._pictures, self._walls, b"".join(self._sound), change,
            _cpu_seconds() - self._cpu, _rss_mb(), self._pc.connectionState,
        )  # fmt: skip
        return {**msgspec.structs.asdict(report), "sound": base64.b64encode(report.sound).decode()}

    async def _statistics(self) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for stats in (await self._pc.getStats()).values():
            figures = {name: float(v) for name, v in vars(stats).items() if isinstance(v, int | float)}
            known = found.setdefault(f"{stats.type}-{getattr(stats, 'kind', '')}", {})
            for name, value in figures.items():
                known[name] = max(known.get(name, value), value)
        return found

    def _prefer(self) -> None:
        for transceiver in self._pc.getTransceivers():
            if transceiver.kind == "video":
                known = rtp.KitSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences([c for c in known if self._wanted(c)])

    def _wanted(self, codec: RTCRtpCodecCapability) -> bool:
        return codec.name.upper() in (self._codec, "RTX")

    def _on_track(self, track: MediaStreamTrack) -> None:
        watch = self._watch if track.kind == "video" else self._listen
        self._tasks.append(asyncio.create_task(watch(track)))

    async def _watch(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.VideoFrame)
                if not self._counting:
                    continue
                wall, plane = time.time(), frame.planes[0]
                luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
                    : frame.height, : frame.width
                ]
                code = timecode.read(luma)
                age = None if code is None else float(timecode.age_ms(code, int(wall * 1000)))
                self._pictures.append((wall, age, frame.width, frame.height))

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.AudioFrame)
                if self._counting:
                    heard = np.frombuffer(memoryview(frame.planes[0]), np.int16)[: frame.samples]
                    self._walls.append(time.time())
                    self._sound.append(senses.to_hearing(heard).tobytes())


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * _PAGE_KIB / 1024


async def _serve(codec: str) -> None:
    scene.pictures()
    scene.speech()
    side = _Side(codec)
    commands: dict[str, Callable[..., Awaitable[Any]]] = {
        name: getattr(side, name) for name in ("offer", "answer", "accept", "mark", "collect")
    }
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        name, *arguments = msgspec.json.decode(line, type=list[str])
        result = await commands[name](*arguments)
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
        sys.stdout.flush()
    os._exit(0)


def main(codec: str) -> None:
    """Be a peer that offers only this video codec."""
    # aioice leaves 127.0.0.1 out, which is all that a test bench has.
    vars(aioice.ice)["get_host_addresses"] = lambda use_ipv4, use_ipv6: ["127.0.0.1"]  # noqa: ARG005
    rtp.install()
    asyncio.run(_serve(codec))


if __name__ == "__main__":
    main(sys.argv[1].upper())
