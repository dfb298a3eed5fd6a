"""One media connection with a room, on aiortc: made, connected, measured and closed; never repaired.

aiortc has no ICE restart, so a path that died is left and a new leg is made.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import av
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpTransceiver, RTCSessionDescription
from aiortc.exceptions import InvalidStateError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from kit.media.encoder import Ceiling
from kit.media.ice import configuration
from kit.media.level import Block
from kit.media.stats import Counters
from kit.media.tracks import CameraTrack, MicrophoneTrack, mono
from kit.meeting.room import IceServers

CLOSE_S = 2.0
_H264_BASELINE = "42e01f"


class Sink(Protocol):
    """Where what the leg receives goes; called in the event loop."""

    def sound(self, rtp_time: int, samples: Block) -> None:
        """Take mono sound; see :class:`kit.media.playout.Playout`."""

    def picture(self, picture: av.VideoFrame) -> None:
        """Take the main picture."""

    def slide(self, picture: av.VideoFrame) -> None:
        """Take a picture of the slides line."""


class MediaLeg:
    """Audio and main video both ways, slides towards the kit. Implements :class:`kit.meeting.room.Leg`."""

    def __init__(
        self,
        servers: IceServers,
        sink: Sink,
        ceiling: Ceiling,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` counts seconds."""
        self._sink = sink
        self._ceiling = ceiling
        self._clock = clock
        self.microphone = MicrophoneTrack(clock)
        self.camera = CameraTrack()
        self._pc = RTCPeerConnection(configuration(servers))
        self._audio = self._pc.addTransceiver(self.microphone, direction="sendrecv")
        self._video = self._pc.addTransceiver(self.camera, direction="sendrecv")
        self._video.setCodecPreferences(video_preferences())
        self._slides = self._pc.addTransceiver("video", direction="inactive")
        self._slides.setCodecPreferences(video_preferences())
        self._tasks: set[asyncio.Task[None]] = set()
        self._frames_received = 0
        self._packets = 0
        self._heard_at: float | None = None
        self._state_changed = asyncio.Event()
        self._pc.on("track", self._consume)
        self._pc.on("connectionstatechange", self._state_changed.set)

    async def offer(self) -> str:
        """Gathers candidates first: none are sent later."""
        try:
            await self._pc.setLocalDescription(await self._pc.createOffer())
        except InvalidStateError:
            raise ValueError("closed") from None
        description: RTCSessionDescription = self._pc.localDescription
        return str(description.sdp)

    async def answer(self, sdp: str, max_video_bps: int | None) -> None:
        """The first answer starts the connection."""
        self._ceiling.lower_to(max_video_bps)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        except Exception:
            # For an answer that it cannot follow aiortc raises many kinds, IndexError and AssertionError too.
            raise ValueError("unusable answer") from None

    def want_slides(self, on: bool) -> None:
        """See :meth:`kit.meeting.room.Leg.want_slides`."""
        self._slides.direction = "recvonly" if on else "inactive"

    async def connected(self, limit_s: float) -> bool:
        """Wait for the connection; False when it failed or took longer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self._pc.connectionState not in {"connected", "failed", "closed"}:
                    self._state_changed.clear()
                    await self._state_changed.wait()
        return bool(self._pc.connectionState == "connected")

    @property
    def broken(self) -> bool:
        """Whether the connection has failed for good."""
        return self._pc.connectionState in {"failed", "closed"}

    @property
    def silent_s(self) -> float | None:
        """Seconds since media last came, as of the last :meth:`counters`; None before the first."""
        return None if self._heard_at is None else self._clock() - self._heard_at

    async def counters(self) -> Counters:
        """Read the totals; also what :attr:`silent_s` is by."""
        audio, video = _received(self._audio.receiver), _received(self._video.receiver)
        packets = audio[0] + video[0]
        if packets > self._packets:
            self._packets, self._heard_at = packets, self._clock()
        audio_sent, _ = await _sent(self._audio)
        video_sent, round_trip_s = await _sent(self._video)
        bytes_sent, bytes_received = await _transport(self._audio.receiver)
        return Counters(
            bytes_sent=bytes_sent,
            bytes_received=bytes_received,
            packets_received=packets,
            packets_lost=audio[1] + video[1],
            frames_sent=self.camera.sent,
            frames_received=self._frames_received,
            round_trip_s=round_trip_s,
            audio_packets_sent=audio_sent,
            audio_packets_received=audio[0],
            audio_packets_lost=audio[1],
            video_packets_sent=video_sent,
            video_packets_received=video[0],
            video_packets_lost=video[1],
        )

    async def close(self) -> None:
        """End the connection and everything that it fed. Never raises."""
        self.microphone.stop()
        self.camera.stop()
        for task in tuple(self._tasks):
            task.cancel()
        # Not cancelled when it takes long: aiortc may be closing by itself, and waits in the same future.
        closing = asyncio.ensure_future(asyncio.gather(self._pc.close(), return_exceptions=True))
        await asyncio.wait({closing}, timeout=CLOSE_S)

    def _consume(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            self._start(self._take_sound(track))
        elif track is self._slides.receiver.track:
            self._start(self._take_pictures(track, self._sink.slide))
        else:
            self._start(self._take_pictures(track, self._take_main))

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_sound(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.AudioFrame) and frame.pts is not None:
                    self._sink.sound(frame.pts, mono(frame))

    async def _take_pictures(self, track: MediaStreamTrack, take: Callable[[av.VideoFrame], None]) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    take(frame)

    def _take_main(self, picture: av.VideoFrame) -> None:
        self._frames_received += 1
        self._sink.picture(picture)


def video_preferences() -> list[RTCRtpCodecCapability]:
    """H.264 constrained baseline first: what x264 makes cheaply and any hardware decodes; VP8 after it."""
    capabilities = RTCRtpReceiver.getCapabilities("video")
    codecs = [] if capabilities is None else capabilities.codecs

    def rank(codec: RTCRtpCodecCapability) -> int:
        name = codec.mimeType.lower()
        if name == "video/h264":
            return 0 if codec.parameters.get("profile-level-id") == _H264_BASELINE else 1
        return 2 if name == "video/vp8" else 3

    return sorted(codecs, key=rank)


def _received(receiver: RTCRtpReceiver) -> tuple[int, int]:
    """Packets received and lost, retransmissions not counted.

    ``getStats`` has room for one stream only: that of the retransmissions takes the place of the media's.
    """
    streams = getattr(receiver, "_RTCRtpReceiver__remote_streams")  # noqa: B009 - private
    repairs = getattr(receiver, "_RTCRtpReceiver__rtx_ssrc")  # noqa: B009 - private
    media = [stream for ssrc, stream in streams.items() if ssrc not in repairs]
    return sum(s.packets_received for s in media), sum(s.packets_lost for s in media)


async def _sent(transceiver: RTCRtpTransceiver) -> tuple[int, float | None]:
    """Packets sent, and the round trip in seconds once the receiver has reported."""
    sent, round_trip_s = 0, None
    for report in (await transceiver.sender.getStats()).values():
        if report.type == "outbound-rtp":
            sent = report.packetsSent
        elif report.type == "remote-inbound-rtp":
            round_trip_s = report.roundTripTime
    return sent, round_trip_s


async def _transport(receiver: RTCRtpReceiver) -> tuple[int, int]:
    """Bytes sent and received by the one transport that everything is bundled on."""
    for report in (await receiver.getStats()).values():
        if report.type == "transport":
            return report.bytesSent, report.bytesReceived
    return 0, 0
