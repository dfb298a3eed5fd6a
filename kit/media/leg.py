"""One media connection with a room: made, connected, measured and closed; never repaired.

aiortc has no ICE restart, so a path that died is left and a new leg is made.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import av
from aiortc import RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.exceptions import InvalidStateError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.sdp import candidate_from_sdp

from kit.media.ice import configuration, trust_relay
from kit.media.level import Block
from kit.media.rtp import KitReceiver, KitSender, KitTransport
from kit.media.rtp.statistics import InboundStats, OutboundStats, TransportStats
from kit.media.rtp.video_out import Content
from kit.media.stats import Counters, received, sent
from kit.media.tracks import CameraTrack, MicrophoneTrack
from kit.meeting import sdp_limits
from kit.meeting.room import IceServers
from kit.meeting.sdp_pictures import LEVEL_3_1_MACROBLOCKS, PictureLimits, picture_limits

CLOSE_S = 2.0
SLIDES_BPS = 2_500_000
"""The most that is worth sending of what is shown beside the main picture."""
_H264_BASELINE = "42e01f"


class Sink(Protocol):
    """Where the pictures that the leg receives go; called in the event loop."""

    def picture(self, picture: av.VideoFrame) -> None:
        """Take the main picture."""

    def slide(self, picture: av.VideoFrame) -> None:
        """Take a picture of the slides line."""


class MediaLeg:
    """Audio and main video both ways, slides towards the kit. Implements :class:`kit.meeting.room.Leg`.

    :func:`kit.media.rtp.install` must have been called in this process.
    """

    def __init__(
        self, servers: IceServers, sink: Sink, most_bps: int, tls: ssl.SSLContext | None = None
    ) -> None:
        """``most_bps`` is the most that is worth sending of the main picture, ``tls`` is for relays."""
        self._sink = sink
        self._most_bps = most_bps
        self.microphone = MicrophoneTrack()
        self.camera = CameraTrack()
        self._pc = RTCPeerConnection(configuration(servers))
        self._audio = self._pc.addTransceiver(self.microphone, direction="sendrecv")
        self._video = self._pc.addTransceiver(self.camera, direction="sendrecv")
        self._video.setCodecPreferences(video_preferences())
        self.shared = CameraTrack()
        """What the kit shows the others beside its picture, while it has the floor."""
        self._slides = self._pc.addTransceiver("video", direction="inactive")
        self._slides.setCodecPreferences(slides_preferences())
        self._receives = False
        self._shows: Content | None = None
        self._limits = PictureLimits(LEVEL_3_1_MACROBLOCKS)
        trust_relay(self.transport.transport, tls)
        self._tasks: set[asyncio.Task[None]] = set()
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
        allowed = self._most_bps if max_video_bps is None else min(max_video_bps, self._most_bps)
        sender_of(self._video).configure(max_bitrate=allowed)
        sdp_limits.check(sdp)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        except Exception:
            # For an answer that it cannot follow aiortc raises many kinds, IndexError and AssertionError too.
            raise ValueError("unusable answer") from None
        self._limits = picture_limits(sdp, self._slides.mid or "")
        self._prepare_slides()

    async def candidate(self, candidate: str, mid: str | None) -> None:
        """What cannot be used is passed over: the answer's own candidates are there already."""
        try:
            found = candidate_from_sdp(candidate.removeprefix("candidate:")) if candidate else None
            if found is not None:
                found.sdpMid = mid or "0"
            await self._pc.addIceCandidate(found)
        except Exception:
            # aiortc raises many kinds for text of another form, and InvalidStateError before the answer.
            return

    def want_slides(self, on: bool) -> None:
        """See :meth:`kit.meeting.room.Leg.want_slides`."""
        self._receives = on
        self._direct_slides()

    def show(self, content: Content | None) -> None:
        """Send what comes to :attr:`shared` from the next offer on; None: no more."""
        self._shows = content
        if content is None:
            self.shared.flush()
        elif self._slides.sender.track is None:
            self._slides.sender.replaceTrack(self.shared)
        self._prepare_slides()
        self._direct_slides()

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

    def pull(self, delay_s: float) -> Block | None:
        """Return 20 ms of received sound, heard in ``delay_s``; in the speaker's thread, by its clock."""
        sound = receiver_of(self._audio).pull(delay_s)
        return None if sound is None else sound.reshape(-1)

    @property
    def path_dead(self) -> bool:
        """Whether nothing comes from the other side, not even answers to checks of the path."""
        return self.transport.path.dead

    @property
    def silent_s(self) -> float | None:
        """Seconds since anything came from the other side; None before the first."""
        heard = self.transport.last_received
        return None if heard is None else time.monotonic() - heard

    @property
    def transport(self) -> KitTransport:
        """Of the bundle: everything goes over one."""
        return receiver_of(self._audio).transport

    async def counters(self) -> Counters:
        """Return the totals since the leg was made."""
        video = sender_of(self._video).video
        counters = Counters(video_stopped=video is not None and video.stopped)
        counters = received(counters, *[await inbound(line) for line in (self._audio, self._video)])
        (sound, transport), (pictures, _) = [await outbound(line) for line in (self._audio, self._video)]
        return sent(counters, sound, pictures, transport)

    async def close(self) -> None:
        """End the connection and everything that it fed. Never raises."""
        self.microphone.stop()
        self.camera.stop()
        self.shared.stop()
        for task in tuple(self._tasks):
            task.cancel()
        # Not cancelled when it takes long: aiortc may be closing by itself, and waits in the same future.
        closing = asyncio.ensure_future(asyncio.gather(self._pc.close(), return_exceptions=True))
        await asyncio.wait({closing}, timeout=CLOSE_S)

    def _prepare_slides(self) -> None:
        if self._shows is not None:
            bps = min(self._limits.bps or SLIDES_BPS, SLIDES_BPS)
            sender_of(self._slides).configure(
                max_bitrate=bps, content=self._shows, macroblocks=self._limits.macroblocks
            )

    def _direct_slides(self) -> None:
        shows = "sendonly" if self._shows is not None else None
        self._slides.direction = shows or ("recvonly" if self._receives else "inactive")

    def _consume(self, track: MediaStreamTrack) -> None:
        if track is self._slides.receiver.track:
            self._start(self._take_pictures(track, self._sink.slide))
        elif track.kind == "video":
            self._start(self._take_pictures(track, self._sink.picture))

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = self.transport.supervise(asyncio.create_task(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_pictures(self, track: MediaStreamTrack, take: Callable[[av.VideoFrame], None]) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    take(frame)


def slides_preferences() -> list[RTCRtpCodecCapability]:
    """VP8 first: no level keeps a slide or a still picture from going in its full size."""
    return sorted(video_preferences(), key=lambda codec: codec.mimeType.lower() != "video/vp8")


def video_preferences() -> list[RTCRtpCodecCapability]:
    """H.264 constrained baseline first: what x264 makes cheaply and any hardware decodes; VP8 after it."""
    capabilities = KitReceiver.getCapabilities("video")
    codecs = [] if capabilities is None else capabilities.codecs

    def rank(codec: RTCRtpCodecCapability) -> int:
        name = codec.mimeType.lower()
        if name == "video/h264":
            return 0 if codec.parameters.get("profile-level-id") == _H264_BASELINE else 1
        return 2 if name == "video/vp8" else 3

    return sorted(codecs, key=rank)


async def inbound(line: RTCRtpTransceiver) -> InboundStats | None:
    """Return what is known of the media's own stream, not of that of its retransmissions."""
    receiver = receiver_of(line)
    for stats in (await receiver.getStats()).values():
        if isinstance(stats, InboundStats) and stats.ssrc == receiver.media_ssrc:
            return stats
    return None


async def outbound(line: RTCRtpTransceiver) -> tuple[OutboundStats, TransportStats]:
    """Return what is known of the stream that is sent, and of its way."""
    report = (await sender_of(line).getStats()).values()
    outbound = next(stats for stats in report if isinstance(stats, OutboundStats))
    return outbound, next(stats for stats in report if isinstance(stats, TransportStats))


def sender_of(transceiver: RTCRtpTransceiver) -> KitSender:
    """Return our own sender."""
    sender = transceiver.sender
    assert isinstance(sender, KitSender)
    return sender


def receiver_of(transceiver: RTCRtpTransceiver) -> KitReceiver:
    """Return our own receiver."""
    receiver = transceiver.receiver
    assert isinstance(receiver, KitReceiver)
    return receiver
