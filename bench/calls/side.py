"""`python -m bench.calls.side codec`: the kit's side of a measured call, a process of its own.

A JSON array for each request on stdin, an answer on stdout; :class:`bench.calls.peer.KitPeer` is who asks.
Received sound is fetched by a thread at each 20 ms of the clock, as a sound card does it: what does not come
in time is silence.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aioice.ice
import av
import msgspec
import numpy as np
import numpy.typing as npt
import structlog
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy

from bench.calls import scene, senses
from bench.calls.peer import Connection, Report
from kit.media import leftovers, rtp, timecode
from kit.media.fit import Fitting, Way
from kit.media.probing import reasonable_bps
from kit.meeting.janus.leg import Fit
from kit.meeting.sdp_feedback import ask_for_sound_again

_FRAME_S = scene.FRAME / scene.RATE
_SILENCE = np.zeros(scene.FRAME, np.int16)


class SoundCard:
    """Fetches 20 ms each 20 ms, and notes when."""

    def __init__(self, pull: Callable[[], npt.NDArray[np.int16] | None]) -> None:
        self.walls: list[float] = []
        self.sound: list[npt.NDArray[np.int16]] = []
        self.counting = False
        self._pull = pull
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Play from now on, until the process ends."""
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            due += _FRAME_S
            time.sleep(max(0.0, due - time.monotonic()))
            sound = self._pull()
            if self.counting:
                self.walls.append(time.time())
                self.sound.append(senses.to_hearing(_SILENCE if sound is None else sound.reshape(-1)))


class Side:
    """The peer connections inside the process: one for a call, or one to publish and one to subscribe."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._connections: dict[str, RTCPeerConnection] = {}
        self._pictures: list[tuple[float, float | None, int, int]] = []
        self._card: SoundCard | None = None
        self._counting = False
        self._begun = 0.0
        self._base: dict[str, dict[str, float]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._fitting = Fitting()
        self._rested_s = self._looked_at = 0.0

    async def offer(self, name: Connection) -> str:
        """Make an offer, all candidates gathered."""
        pc = self._connection(name)
        for track in (scene.Microphone(), scene.Camera()):
            pc.addTransceiver(track, direction="sendrecv" if name == "call" else "sendonly")
        self._prefer(pc)
        self._limit(pc, forwarded=name == "publish")
        await pc.setLocalDescription(await pc.createOffer())
        return str(pc.localDescription.sdp)

    async def answer(self, name: Connection, sdp: str) -> str:
        """Answer one."""
        pc = self._connection(name)
        await pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        if name == "call":
            for track in (scene.Microphone(), scene.Camera()):
                pc.addTrack(track)
        await pc.setLocalDescription(await pc.createAnswer())
        sdp = str(pc.localDescription.sdp)
        return ask_for_sound_again(sdp) if name == "subscribe" else sdp

    async def accept(self, name: Connection, sdp: str) -> None:
        """Take the answer."""
        await self._connections[name].setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def fit(self) -> int:
        """Look at the way here, as a leg in a room that forwards does."""
        down, up = (
            self._connections[name].getTransceivers()[0].receiver for name in ("subscribe", "publish")
        )
        assert isinstance(down, rtp.KitReceiver)
        assert isinstance(up, rtp.KitReceiver)
        before, now = self._fitting.fit, time.monotonic()
        self._rested_s += now - self._looked_at if before is not Fit.ALL else 0.0
        self._looked_at = now
        fit = self._fitting.look(now, Way.of(down.transport, up.transport))
        for line in self._connections["subscribe"].getTransceivers() if fit is not before else ():
            assert isinstance(line.receiver, rtp.KitReceiver)
            if line.receiver.video is not None:
                line.receiver.video.restart()
        return int(fit)

    async def mark(self) -> None:
        """Begin the counted time."""
        self._base = await self._statistics()
        self._begun = time.time()
        self._count(on=True)

    async def collect(self) -> dict[str, Any]:
        """End the counted time; return a :class:`Report` with the sound in base64."""
        self._count(on=False)
        ended, now = time.time(), await self._statistics()
        change = {
            key: {name: value - self._base.get(key, {}).get(name, 0.0) for name, value in figures.items()}
            for key, figures in now.items()
        }
        walls = self._card.walls if self._card else []
        sound = np.concatenate([*self._card.sound, _SILENCE[:0]]).tobytes() if self._card else b""
        states = {pc.connectionState for pc in self._connections.values()}
        report = Report(
            pictures=self._pictures, walls=walls, sound=sound, change=change,
            begun=self._begun, ended=ended, state=states.pop() if len(states) == 1 else "mixed",
        )  # fmt: skip
        return {**msgspec.structs.asdict(report), "sound": base64.b64encode(sound).decode()}

    def _connection(self, name: Connection) -> RTCPeerConnection:
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        pc = self._connections[name] = RTCPeerConnection(configuration)
        pc.on("track", lambda track: self._on_track(pc, track))
        return pc

    def _count(self, *, on: bool) -> None:
        self._counting = on
        if self._card is not None:
            self._card.counting = on

    async def _statistics(self) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        reports = [await pc.getStats() for pc in self._connections.values()]
        for stats in (stats for report in reports for stats in report.values()):
            figures = {name: float(v) for name, v in vars(stats).items() if isinstance(v, int | float)}
            known = found.setdefault(f"{stats.type}-{getattr(stats, 'kind', '')}", {})
            for name, value in figures.items():
                known[name] = max(known.get(name, value), value)
        found["rest"] = {"stoppedDuration": self._rested_s}
        return found

    def _prefer(self, pc: RTCPeerConnection) -> None:
        for transceiver in pc.getTransceivers():
            if transceiver.kind == "video":
                known = rtp.KitSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences([c for c in known if c.name.upper() in (self._codec, "RTX")])

    @staticmethod
    def _limit(pc: RTCPeerConnection, *, forwarded: bool) -> None:
        """Send no more than the engine would."""
        for sender in pc.getSenders():
            assert isinstance(sender, rtp.KitSender)
            most = reasonable_bps(scene.WIDTH, scene.HEIGHT, scene.FPS)
            sender.configure(max_bitrate=most, forwarded=forwarded)

    def _on_track(self, pc: RTCPeerConnection, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self._tasks.append(asyncio.create_task(self._watch(track)))
            return
        receiver = next(r for r in pc.getReceivers() if r.track is track)
        assert isinstance(receiver, rtp.KitReceiver)
        self._card = SoundCard(receiver.pull)
        self._card.start()

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


async def _serve(codec: str) -> None:
    scene.pictures()
    scene.speech()
    leftovers.set_aside()
    side = Side(codec)
    commands: dict[str, Callable[..., Awaitable[Any]]] = {
        name: getattr(side, name) for name in ("offer", "answer", "accept", "fit", "mark", "collect")
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
    # Standard output is for answers.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    # aioice leaves 127.0.0.1 out, which is all that a test bench has.
    vars(aioice.ice)["get_host_addresses"] = lambda use_ipv4, use_ipv6: ["127.0.0.1"]  # noqa: ARG005
    rtp.install()
    leftovers.configure_heap()
    asyncio.run(_serve(codec))


if __name__ == "__main__":
    main(sys.argv[1].upper())
