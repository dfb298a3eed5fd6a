"""Replaces ``RTCRtpSender`` in aiortc's peer connection: what it expects of one, over our own streams."""

from __future__ import annotations

import asyncio
import math
import random
import secrets
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from aiortc import clock
from aiortc.codecs import get_capabilities, is_rtx
from aiortc.exceptions import InvalidStateError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCapabilities, RTCRtpSendParameters
from aiortc.stats import RTCStatsReport

from kit.media.encoders.ladder import CAMERA
from kit.media.rtp import rtcp
from kit.media.rtp.allocation import MIN_VIDEO_BPS, Shares
from kit.media.rtp.packet import RtpPacket
from kit.media.rtp.rtcp import Nack, ReceiverReport, ReportBlock, SenderReport
from kit.media.rtp.sound_out import SoundOut
from kit.media.rtp.statistics import OutboundStats
from kit.media.rtp.streams import OutgoingStream
from kit.media.rtp.transport import KitTransport
from kit.media.rtp.video_out import Content, VideoOut

_REPORT_S = (0.4, 0.8)
_IDLE_S = 0.02
_RESTING_S = 2.0
_REMEMBERED_REPORTS = 16
MEDIA_CODECS = frozenset({"opus", "h264", "vp8"})
_CLOCK_RATES = {"audio": 48_000, "video": 90_000}


class KitSender:
    """One direction of one m-line."""

    def __init__(self, trackOrKind: MediaStreamTrack | str, transport: KitTransport) -> None:  # noqa: N803
        if transport.state == "closed":
            raise InvalidStateError
        self._kind: str = trackOrKind if isinstance(trackOrKind, str) else trackOrKind.kind
        self._track: MediaStreamTrack | None = None
        self._track_id = ""
        self.replaceTrack(None if isinstance(trackOrKind, str) else trackOrKind)
        self._ssrc, self._rtx_ssrc = secrets.randbits(32), secrets.randbits(32)
        self._stream_id = str(uuid.uuid4())
        self._enabled = True
        self._transport = transport
        self.stream = OutgoingStream(self._ssrc, self._rtx_ssrc, b"")
        self._out: SoundOut | VideoOut | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ended = False
        self._cname = ""
        self._reports: dict[int, float] = {}
        self._round_trip: float | None = None
        self._fraction_lost = 0.0
        self._max_bitrate = math.inf
        self._content, self._macroblocks = Content.CAMERA, CAMERA[0].macroblocks

    @property
    def kind(self) -> str:
        """``audio`` or ``video``."""
        return self._kind

    @property
    def track(self) -> MediaStreamTrack | None:
        """What is sent."""
        return self._track

    @property
    def transport(self) -> KitTransport:
        """The bundle's transport."""
        return self._transport

    @property
    def video(self) -> VideoOut | None:
        """The picture side, once sending has begun: encoder, ladder, whether pictures are stopped."""
        return self._out if isinstance(self._out, VideoOut) else None

    @classmethod
    def getCapabilities(cls, kind: str) -> RTCRtpCapabilities:  # noqa: N802
        """Return the codecs that can be sent."""
        return get_capabilities(kind)

    def replaceTrack(self, track: MediaStreamTrack | None) -> None:  # noqa: N802
        """Send something else from the next frame on."""
        self._track = track
        self._track_id = track.id if track is not None else str(uuid.uuid4())

    def setTransport(self, transport: KitTransport) -> None:  # noqa: N802
        """Move to the bundle's transport, before sending begins."""
        self._transport = transport

    def configure(
        self,
        *,
        max_bitrate: float = math.inf,
        content: Content = Content.CAMERA,
        macroblocks: int | None = None,
        forwarded: bool = False,
    ) -> None:
        """Set for pictures, before or while they are sent: the most that is allowed, bit/s, what they show,
        the largest that the other side takes of what is not of the camera, and whether it only forwards.
        """
        self.stream.forwarded = self.stream.forwarded or forwarded
        self._max_bitrate, self._content = max(MIN_VIDEO_BPS, max_bitrate), content
        self._macroblocks = macroblocks or self._macroblocks
        if self.video is not None:
            self.video.max_bitrate = self._max_bitrate
            self.video.show(content, self._macroblocks)

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """Begin; called again at each renegotiation, which changes nothing.

        aiortc also calls it when the handshake ends while the connection is being closed: too late.
        """
        if self._out is not None or self._ended:
            return
        codec = next(c for c in parameters.codecs if c.name.lower() in MEDIA_CODECS)
        payload_type = codec.payloadType or 0
        self.stream.mid = parameters.muxId.encode()
        self._cname = parameters.rtcp.cname or ""
        for other in parameters.codecs:
            if is_rtx(other) and other.parameters.get("apt") == codec.payloadType:
                self.stream.rtx_type = other.payloadType
        transport = self._transport
        if self._kind == "video":
            pool = ThreadPoolExecutor(1, thread_name_prefix="encode")
            self._out = VideoOut(self.stream, transport, payload_type, codec.name, pool)
            self.configure(max_bitrate=self._max_bitrate, content=self._content)
        else:
            self._out = SoundOut(self.stream, transport, payload_type)
        transport.begin([(extension.uri, extension.id) for extension in parameters.headerExtensions])
        transport.add_sender(self)
        self._tasks = [transport.supervise(asyncio.create_task(job)) for job in (self._run(), self._report())]

    async def stop(self) -> None:
        """End for good."""
        self._ended = True
        if self._out is None:
            return
        self._transport.remove_sender(self)
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(self._out, VideoOut):
            self._out.close()

    def shows(self, now: float) -> bool:
        """Whether pictures have been sent lately: slides rest for minutes."""
        anchor = self.stream.anchor
        return self._kind == "video" and anchor is not None and now - anchor[1] < _RESTING_S

    def on_shares(self, shares: Shares, loss: float) -> None:
        """Follow the allocation; ``loss`` is that of the transport's feedback, 0 where none is given.

        A receiver's report is only for then: it takes for lost what is late, as all that one packet overtook.
        """
        if self._out is not None:
            fed_back = self._transport.estimator.last_feedback is not None
            self._out.on_shares(shares, loss if fed_back else self._fraction_lost)

    def on_rtcp(self, message: rtcp.Message, now: float) -> None:
        """Take what the other side says of this stream."""
        if isinstance(message, SenderReport | ReceiverReport):
            for block in message.blocks:
                if block.ssrc == self._ssrc:
                    self._on_block(block, now)
        elif isinstance(message, Nack):
            self.stream.counters.nack_count += 1
            for sequence in message.lost:
                self._again(sequence, now)
        elif isinstance(self._out, VideoOut):
            self.stream.counters.pli_count += 1
            self._out.want_keyframe()

    async def getStats(self) -> RTCStatsReport:  # noqa: N802
        """Return outbound-rtp and the transport."""
        counters, report, video = self.stream.counters, RTCStatsReport(), self.video
        report.add(
            OutboundStats(
                timestamp=clock.current_datetime(),
                type="outbound-rtp",
                id=f"outbound-rtp_{id(self)}",
                ssrc=self._ssrc,
                kind=self._kind,
                transportId=self._transport._stats_id,
                packetsSent=counters.packets_sent,
                bytesSent=counters.bytes_sent,
                trackId=self._track_id,
                headerBytesSent=counters.header_bytes_sent,
                retransmittedPacketsSent=counters.retransmitted_packets_sent,
                retransmittedBytesSent=counters.retransmitted_bytes_sent,
                nackCount=counters.nack_count,
                pliCount=counters.pli_count,
                framesEncoded=counters.frames_encoded,
                keyFramesEncoded=counters.key_frames_encoded,
                framesSkipped=counters.frames_skipped,
                totalEncodeTime=counters.total_encode_s,
                roundTripTime=self._round_trip,
                fractionLost=self._fraction_lost,
                **(video.figures() if video is not None else {}),
            )
        )
        report.update(self._transport._get_stats())
        return report

    async def _run(self) -> None:
        try:
            while True:
                if self._track is None:
                    await asyncio.sleep(_IDLE_S)
                    continue
                frame = await self._track.recv()
                if self._enabled and self._out is not None:
                    await self._out.send(frame)
        except (MediaStreamError, ConnectionError):
            pass
        finally:
            if self._track is not None:
                self._track.stop()
                self._track = None

    async def _report(self) -> None:
        try:
            while True:
                await asyncio.sleep(random.uniform(*_REPORT_S))  # noqa: S311
                self._send_report(time.monotonic())
        finally:
            self._transport.send_media(rtcp.bye(self._ssrc))

    def _send_report(self, now: float) -> None:
        counters, anchor = self.stream.counters, self.stream.anchor
        if anchor is None or not counters.packets_sent:
            return
        timestamp, captured = anchor
        ntp = clock.current_ntp_time()
        ticks = int((now - captured) * _CLOCK_RATES[self._kind])
        self._reports[ntp >> 16 & 0xFFFFFFFF] = now
        while len(self._reports) > _REMEMBERED_REPORTS:
            del self._reports[next(iter(self._reports))]
        report = SenderReport(
            self._ssrc,
            ntp,
            (timestamp + ticks) & 0xFFFFFFFF,
            counters.packets_sent & 0xFFFFFFFF,
            counters.bytes_sent & 0xFFFFFFFF,
        )
        self._transport.send_media(rtcp.sender_report(report, self._cname))

    def _on_block(self, block: ReportBlock, now: float) -> None:
        self._fraction_lost = block.fraction_lost / 256
        sent = self._reports.get(block.last_sender_report)
        if sent is not None and block.delay_since:
            measured = max(0.001, now - sent - block.delay_since / 65536)
            known = self._round_trip
            self._round_trip = measured if known is None else 0.7 * known + 0.3 * measured

    def _again(self, sequence: int, now: float) -> None:
        round_trip = self._round_trip or self._transport.estimator.round_trip
        target = self._transport.estimator.target
        packet: RtpPacket | None = self.stream.history.again(sequence, now, round_trip, target)
        if packet is None:
            return
        if self._kind == "audio":
            self._transport.send_again(packet, self.stream)
        elif (copy := self.stream.copy(packet)) is not None:
            self._transport.queue_retransmission(copy, self.stream)
