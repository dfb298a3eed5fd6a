"""Replaces ``RTCRtpReceiver`` in aiortc's peer connection: what it expects of one, over our own buffers."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import random
import time
from typing import Any

import av
from aiortc import clock
from aiortc.codecs import get_capabilities, is_rtx
from aiortc.exceptions import InvalidStateError
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCapabilities, RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import RemoteStreamTrack, RTCRtpSynchronizationSource
from aiortc.stats import RTCStatsReport

from kit.media.rtp import rtcp
from kit.media.rtp.codecs.opus import Pcm
from kit.media.rtp.guard import Refused
from kit.media.rtp.packet import RtpPacket, unwrap_rtx
from kit.media.rtp.reception import Reception
from kit.media.rtp.rtcp import Bye, ReceiverReport, SenderReport
from kit.media.rtp.sound_in import SoundIn
from kit.media.rtp.statistics import InboundStats
from kit.media.rtp.transport import KitTransport
from kit.media.rtp.video_in import VideoIn

_REPORT_S = (0.4, 0.8)
_ACTIVE_S = 10.0
_MAX_QUEUED = {"video": 3, "audio": 10}
_MAX_STREAMS = 16
_FOLLOW_AFTER_S = 0.1
"""A stream that is heard is not left for another one: else a stray packet would take its place."""


class KitReceiver:
    """One direction of one m-line."""

    def __init__(self, kind: str, transport: KitTransport) -> None:
        if transport.state == "closed":
            raise InvalidStateError
        self._kind = kind
        self._transport = transport
        self._track: RemoteStreamTrack | None = None
        self._enabled = True
        self._codecs: dict[int, RTCRtpCodecParameters] = {}
        self._streams: dict[int, Reception] = {}
        self._heard: dict[int, float] = {}
        self.media_ssrc: int | None = None
        """Of the newest stream that is no retransmission."""
        self._followed_at = float("-inf")
        self._retransmitted = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._ended = False
        self._ssrc = 1
        self.video: VideoIn | None = None
        self.sound: SoundIn | None = None

    @property
    def kind(self) -> str:
        """``audio`` or ``video``."""
        return self._kind

    @property
    def track(self) -> MediaStreamTrack | None:
        """What is received."""
        return self._track

    @property
    def transport(self) -> KitTransport:
        """The bundle's transport."""
        return self._transport

    @classmethod
    def getCapabilities(cls, kind: str) -> RTCRtpCapabilities | None:  # noqa: N802
        """Return the codecs that can be received."""
        return get_capabilities(kind)

    def setTransport(self, transport: KitTransport) -> None:  # noqa: N802
        """Move to the bundle's transport, before receiving begins."""
        self._transport = transport

    def _set_rtcp_ssrc(self, ssrc: int) -> None:
        self._ssrc = ssrc

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Begin; called again at each renegotiation, which changes nothing, or too late when it is closed."""
        if self._codecs or self._ended:
            return
        self._codecs = {codec.payloadType or 0: codec for codec in parameters.codecs}
        transport = self._transport
        transport.reporter.ssrc = self._ssrc
        ssrcs = [encoding.ssrc for encoding in parameters.encodings]
        ssrcs += [encoding.rtx.ssrc for encoding in parameters.encodings if encoding.rtx]
        transport.router.add(self, parameters.muxId or "", ssrcs, self._codecs)
        # aiortc tells those registered with it of a lost connection.
        transport._rtp_router.receivers.add(self)  # type: ignore[arg-type]
        transport.begin([(extension.uri, extension.id) for extension in parameters.headerExtensions])
        if self._kind == "audio":
            opus = next((t for t, codec in self._codecs.items() if codec.name.lower() == "opus"), 0)
            self.sound = SoundIn(opus, transport, self._ssrc, self._deliver)
        self._tasks = [transport.supervise(asyncio.create_task(self._report()))]

    async def stop(self) -> None:
        """End for good."""
        if not self._codecs:
            self._ended = True
            return
        self._transport.router.remove(self)
        self._transport._rtp_router.receivers.discard(self)
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._end()

    def pull(self, delay_s: float = 0.0) -> Pcm | None:
        """Take 20 ms of mono sound, in any thread, by the clock of a sound card; None while there is none.

        It will be heard in ``delay_s``. From the first call on the track gets nothing.
        """
        return None if self.sound is None else self.sound.pull(delay_s)

    def on_rtp(self, packet: RtpPacket) -> None:
        """Take a packet."""
        codec = self._codecs.get(packet.payload_type)
        if codec is None or not self._enabled:
            return
        self._count(packet, codec)
        if not self._follow(packet, codec):
            self._transport.refusals.add(Refused.STRAY)
            return
        if self.sound is not None:
            redundant = codec.name.lower() == "red"
            self.sound.media_ssrc = packet.ssrc
            self.sound.add(
                packet.sequence_number, packet.timestamp, packet.payload, packet.arrival, redundant=redundant
            )
        elif is_rtx(codec):
            self._on_copy(packet, codec)
        else:
            self._picture(packet, codec, packet.sequence_number, packet.payload, retransmitted=False)

    def on_rtcp(self, message: rtcp.Message, now: float) -> None:
        """Take what the sender says of its streams."""
        if isinstance(message, SenderReport):
            if message.ssrc in self._streams:
                self._streams[message.ssrc].on_sender_report(message, now)
            source = self.sound or self.video
            if source is not None and message.ssrc == self.media_ssrc:
                source.on_sender_report(message)
        elif isinstance(message, Bye):
            for ssrc in message.ssrcs:
                self._streams.pop(ssrc, None)

    def _handle_disconnect(self) -> None:
        asyncio.get_running_loop().create_task(self._end())

    def getSynchronizationSources(self) -> list[RTCRtpSynchronizationSource]:  # noqa: N802
        """Return who was heard within ten seconds."""
        now, wall = time.monotonic(), clock.current_datetime()
        return [
            RTCRtpSynchronizationSource(source=ssrc, timestamp=wall - datetime.timedelta(seconds=now - at))
            for ssrc, at in self._heard.items()
            if now - at < _ACTIVE_S
        ]

    async def getStats(self) -> RTCStatsReport:  # noqa: N802
        """Return inbound-rtp for each stream, and the transport."""
        report = RTCStatsReport()
        for ssrc, stream in self._streams.items():
            offset = self._transport.lipsync.offset_s
            report.add(
                InboundStats(
                    timestamp=clock.current_datetime(),
                    type="inbound-rtp",
                    id=f"inbound-rtp_{id(self)}_{ssrc}",
                    ssrc=ssrc,
                    kind=self._kind,
                    transportId=self._transport._stats_id,
                    packetsReceived=stream.packets,
                    packetsLost=stream.lost,
                    jitter=stream.jitter_s,  # type: ignore[arg-type]  # seconds, as in the standard
                    bytesReceived=stream.octets,
                    lipSyncOffset=offset,
                    **(self._picture_figures() if self.video and ssrc == self.video.media_ssrc else {}),
                    **(self._sound_figures() if self.sound else {}),
                )
            )
        report.update(self._transport._get_stats())
        return report

    def _picture_figures(self) -> dict[str, Any]:
        video = self.video
        assert video is not None
        decoded = video.decoder.counters
        return {
            "nackCount": video.repair.nacks.asked,
            "pliCount": video.key_frame_requests,
            "retransmittedPacketsReceived": self._retransmitted,
            "framesReceived": video.frames,
            "framesDecoded": decoded.decoded,
            "keyFramesDecoded": decoded.key_frames,
            "framesDropped": decoded.dropped,
            "totalDecodeTime": decoded.seconds,
            "frameWidth": video.size[0],
            "frameHeight": video.size[1],
            "framesPerSecond": video.freezes.frames_per_second,
            "freezeCount": video.freezes.count,
            "totalFreezesDuration": video.freezes.total_s,
        }

    def _sound_figures(self) -> dict[str, Any]:
        assert self.sound is not None
        playout = self.sound.playout
        counts = playout.counts
        return {
            "totalSamplesReceived": counts.total,
            "concealedSamples": counts.concealed,
            "silentConcealedSamples": counts.silent_concealed,
            "concealmentEvents": counts.concealment_events,
            "recoveredSamples": counts.recovered,
            "insertedSamplesForDeceleration": counts.inserted_for_deceleration,
            "removedSamplesForAcceleration": counts.removed_for_acceleration,
            "jitterBufferDelay": counts.buffer_delay_s,
            "jitterBufferTargetDelay": playout.target_s * counts.emitted,
            "jitterBufferEmittedCount": counts.emitted,
        }

    def _follow(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> bool:
        """Whether this is the stream to take; begins anew when the sender goes on with another SSRC."""
        if is_rtx(codec):
            return True
        if packet.ssrc != self.media_ssrc:
            if packet.arrival - self._followed_at < _FOLLOW_AFTER_S:
                return False
            known, self.media_ssrc = self.media_ssrc, packet.ssrc
            if known is not None and (source := self.sound or self.video) is not None:
                source.restart()
        self._followed_at = packet.arrival
        return True

    def _count(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> None:
        stream = self._streams.get(packet.ssrc)
        if stream is None:
            if len(self._streams) >= _MAX_STREAMS:
                return
            stream = self._streams[packet.ssrc] = Reception(packet.ssrc, codec.clockRate)
        self._heard[packet.ssrc] = packet.arrival
        stream.add(packet.sequence_number, packet.timestamp, len(packet.payload), packet.arrival)

    def _on_copy(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> None:
        original, wrapped = self._codecs.get(int(codec.parameters.get("apt") or -1)), unwrap_rtx(packet)
        if original is None or wrapped is None or self.video is None:
            return
        self._retransmitted += 1
        self._picture(packet, original, *wrapped, retransmitted=True)

    def _picture(
        self,
        packet: RtpPacket,
        codec: RTCRtpCodecParameters,
        sequence: int,
        payload: bytes,
        *,
        retransmitted: bool,
    ) -> None:
        if self.video is None:
            self.video = VideoIn(codec.name, self._transport, self._ssrc, self._deliver)
        if self.video.codec != codec.name.upper():
            return
        if not retransmitted:
            self.video.media_ssrc = packet.ssrc
        arrival = packet.arrival
        marker, timestamp = packet.marker, packet.timestamp
        self.video.add(sequence, timestamp, payload, arrival, marker=marker, retransmitted=retransmitted)

    def _deliver(self, frame: av.VideoFrame | av.AudioFrame | None) -> None:
        """Hand over to the track; of what nobody takes the oldest is dropped first."""
        if self._track is None:
            return
        queue = self._track._queue
        while frame is not None and queue.qsize() >= _MAX_QUEUED[self._kind]:
            with contextlib.suppress(asyncio.QueueEmpty):
                queue.get_nowait()
        queue.put_nowait(frame)

    async def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        ended = (self.video, self.sound)
        if not any(ended):
            self._deliver(None)
        for source in ended:
            if source is not None:
                await source.close()

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(random.uniform(*_REPORT_S))  # noqa: S311
            now = time.monotonic()
            blocks = tuple(stream.block(now) for stream in self._streams.values())
            if blocks:
                self._transport.send_media(rtcp.receiver_report(ReceiverReport(self._ssrc, blocks)))
