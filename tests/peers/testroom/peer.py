"""A plain WebRTC client: between it and the room nothing but the API's own JSON; its RTP is the process's."""

import asyncio
import fractions
import re
import time
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy

from kit.media import timecode
from tests.kit.meeting.testroom.client import Member

RATE, STEP = 48_000, 960
WINDOW = 2400
LISTEN = 8 * WINDOW
LEVEL = 0.28


class Camera(MediaStreamTrack):
    """A grey picture with a time code, 25 a second; ``shift`` tells one camera's codes from another's."""

    kind = "video"

    def __init__(self, shift: int = 0) -> None:
        super().__init__()
        self._shift = shift
        self._begun = time.monotonic()
        self._count = 0

    async def recv(self) -> av.VideoFrame:
        self._count += 1
        await asyncio.sleep(max(0.0, self._begun + self._count / 25 - time.monotonic()))
        luma = np.full((540, 640), 128, np.uint8)
        luma[:360] = 90
        timecode.write(luma[:360], int(time.time() * 1000) + self._shift)
        frame = av.VideoFrame.from_ndarray(luma, format="yuv420p")
        frame.pts, frame.time_base = self._count * 3600, fractions.Fraction(1, 90_000)
        return frame


class Tone(MediaStreamTrack):
    """A sine of −14 dBFS."""

    kind = "audio"

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._hertz = hertz
        self._begun = time.monotonic()
        self._count = 0

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(max(0.0, self._begun + self._count * STEP / RATE - time.monotonic()))
        at = (np.arange(STEP) + self._count * STEP) / RATE
        pcm = (LEVEL * 32767 * np.sin(2 * np.pi * self._hertz * at)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._count * STEP, fractions.Fraction(1, RATE)
        self._count += 1
        return frame


class Peer:
    """A participant with camera and microphone, and what it gets."""

    def __init__(
        self, member: Member, hertz: float, *, shift: int = 0, codec: str = "", slides: bool = False
    ) -> None:
        self.member = member
        self.call = ""
        self.answer = ""
        self.ages: list[int] = []
        """Of the pictures with a time code, in ms, newest last."""
        self.pictures = 0
        self.sound: npt.NDArray[np.float64] = np.zeros(0)
        self._tasks: list[asyncio.Task[None]] = []
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.pc.addTrack(Tone(hertz))
        self.pc.addTrack(Camera(shift))
        if slides:
            self.pc.addTransceiver(Camera(shift + 10_000_000), direction="sendonly")
        for transceiver in self.pc.getTransceivers():
            if codec and transceiver.kind == "video":
                known = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences([c for c in known if c.name in (codec, "rtx")])

    async def place(self, **more: object) -> None:
        """Offer, answer, ack; returns when connected."""
        await self.pc.setLocalDescription(await self.pc.createOffer())
        offer = _labelled(self.pc.localDescription.sdp)
        body = {"call_type": "WEBRTC", "sdp": offer, **more}
        result: dict[str, Any] = await self.member.ok("participants/<me>/calls", body)
        self.call, self.answer = result["call_uuid"], result["sdp"]
        await self.pc.setRemoteDescription(RTCSessionDescription(self.answer, "answer"))
        for receiver in self.pc.getReceivers():
            if receiver.track is not None:
                watch = self._look if receiver.track.kind == "video" else self._listen
                self._tasks.append(asyncio.create_task(watch(receiver.track)))
        assert await self.member.ok(f"participants/<me>/calls/{self.call}/ack", {}) is True

    async def until_seen(self, count: int = 10, seconds: float = 45) -> None:
        """Wait for more pictures with a time code."""
        wanted = len(self.ages) + count
        await self._until(lambda: len(self.ages) >= wanted, seconds, "pictures with a time code")

    async def until_heard(self, *hertz: float, but_not: tuple[float, ...] = (), seconds: float = 45) -> None:
        """Wait until tones of other peers are heard at their level, and others not at all."""
        await self._until(
            lambda: (
                len(self.sound) > LISTEN
                and all(abs(self.amplitude(tone) - LEVEL) < 0.25 * LEVEL for tone in hertz)
                and all(self.amplitude(tone) < 0.01 for tone in but_not)
            ),
            seconds,
            f"sound of {hertz} without {but_not}",
        )

    def amplitude(self, hertz: float) -> float:
        """Of one frequency, a multiple of 20, in what was heard last; full scale 1. Seams do not matter."""
        windows = self.sound[-LISTEN:].reshape(-1, WINDOW)
        wave = np.exp(-2j * np.pi * hertz * np.arange(WINDOW) / RATE)
        return float(np.median(2 * np.abs(np.mean(windows * wave, axis=1))))

    async def vanish(self) -> None:
        """The process is gone: nothing is said to the room any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.pc.close()

    async def _until(self, fits: Any, seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not fits():
            assert time.monotonic() < end, f"no {what}"
            await asyncio.sleep(0.05)

    async def _look(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.VideoFrame)
                self.pictures += 1
                code = timecode.read(frame.to_ndarray(format="gray").astype(np.uint8))
                if code is not None:
                    self.ages.append(timecode.age_ms(code, int(time.time() * 1000)))
        except MediaStreamError:
            pass

    async def _listen(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.AudioFrame)
                channels = len(frame.layout.channels)
                mono = frame.to_ndarray().reshape(-1, channels).mean(axis=1) / 32768
                self.sound = np.concatenate([self.sound, mono])[-10 * RATE :]
        except MediaStreamError:
            pass


def _labelled(offer: str) -> str:
    """What Pexip's clients say of their lines: main, main, slides."""
    labels = iter(["main", "main", "slides"])
    return re.sub(r"(a=mid:\S+\r\n)", lambda line: f"{line[1]}a=content:{next(labels)}\r\n", offer)
