"""The camera's side of a sender: which frames are encoded, how, and how they leave."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import Any

import av

from kit.hw.strain import EVERY_S, Watch
from kit.media.encoders import Encoded, EncoderFailed, VideoEncoder, open_encoder
from kit.media.encoders.ladder import CAMERA, SCREEN, STILL, Ladder, Rung
from kit.media.rtp.allocation import Shares
from kit.media.rtp.codecs import h264, vp8
from kit.media.rtp.packet import RtpPacket
from kit.media.rtp.patience import Patience
from kit.media.rtp.streams import OutgoingStream, Timeline
from kit.media.rtp.transport import KitTransport

_CLOCK_RATE = 90_000
_CAMERA_FPS = 30
_SKIP_QUEUE_S, _CUT_QUEUE_S = 0.15, 0.4
_KEYFRAME_INTERVAL_S = 0.3
_COPY_AFTER_S = 0.025
_MAX_PAUSE_S = 0.3
_EARLY = 0.9
"""A picture that comes this much earlier than its rung's rate is not thinned out."""


class Content(Enum):
    """What a stream of pictures shows."""

    CAMERA = auto()
    SCREEN = auto()
    STILL = auto()


_RUNGS = {Content.CAMERA: CAMERA, Content.SCREEN: SCREEN, Content.STILL: STILL}


class VideoOut:
    """Encodes in a thread of its own; frames that would only queue are left out before they cost anything."""

    def __init__(
        self,
        stream: OutgoingStream,
        transport: KitTransport,
        payload_type: int,
        codec: str,
        pool: ThreadPoolExecutor,
    ) -> None:
        self.ladder = Ladder(CAMERA)
        self.encoder: VideoEncoder = open_encoder(codec)
        self.machine = Watch()
        """Too little processor time, or heat, takes the ladder down."""
        self.stopped = False
        """Pictures do not fit beside sound: say so on the screen."""
        self._stopped_s = 0.0
        self._shared_at = time.monotonic()
        self.max_bitrate = float("inf")
        """What the room allows, bit/s."""
        self._codec = codec.upper()
        self._stream, self._transport, self._pool = stream, transport, pool
        self._payload_type = payload_type
        self._timeline = Timeline(_CLOCK_RATE)
        self._offset = secrets.randbits(32)
        self._picture_id = secrets.randbits(15)
        self._bitrate = 300_000.0
        self._protect = False
        self._keyframe_wanted = True
        self._last_keyframe = float("-inf")
        self._rung: Rung = CAMERA[0]
        self._due = 0.0
        self._looked = float("-inf")
        self._size = (0, 0)
        self._cliffs = transport.estimator.cliffs
        self._pause_until = 0.0
        self._restart_wanted = False
        self._content, self._macroblocks = Content.CAMERA, CAMERA[0].macroblocks
        self._slide_due = 0.0
        self._patience = Patience()

    def on_shares(self, shares: Shares, loss: float) -> None:
        """Follow the allocation."""
        now, before = time.monotonic(), self._shared_at
        self._patience.update(now, loss, self._transport.estimator.min_round_trip or 0.0)
        self._stopped_s += now - before if self.stopped else 0.0
        self.stopped, self._shared_at = not shares.video, now
        self._bitrate = min(self.max_bitrate, shares.video or self._bitrate)
        self._protect = shares.protect

    def show(self, content: Content, macroblocks: int) -> None:
        """Choose between faces, which must move, and slides and stills, which must be read.

        ``macroblocks`` is the largest picture that the other side takes, if it is not of the camera.
        """
        self._macroblocks = macroblocks
        if content is self._content:
            return
        before, self._content = self._content, content
        self.ladder = Ladder(_RUNGS[content])
        if Content.CAMERA in (before, content):
            self._pool.submit(self.encoder.close)
            self.encoder = open_encoder(self._codec, screen=content is not Content.CAMERA)

    def close(self) -> None:
        """Give up the encoder, once it has done with what it is at; may be called again."""
        with contextlib.suppress(RuntimeError):
            self._pool.submit(self.encoder.close)
        self._pool.shutdown(wait=False)

    def want_keyframe(self) -> None:
        """The other side cannot go on without one."""
        self._keyframe_wanted = True

    def figures(self) -> dict[str, Any]:
        """Fields of outbound-rtp that only pictures have."""
        limited = "cpu" if self.ladder.limited_by_machine else "bandwidth"
        full = self._rung.height >= CAMERA[-1].height
        return {
            "targetBitrate": self._bitrate,
            "frameWidth": self._size[0],
            "frameHeight": self._size[1],
            "encoderImplementation": self.encoder.name,
            "qualityLimitationReason": "none" if full else limited,
            "stoppedDuration": self._stopped_s,
        }

    async def send(self, frame: object) -> None:
        """Send a picture, or leave it out; other things are passed over."""
        if not isinstance(frame, av.VideoFrame):
            return
        now = time.monotonic()
        if self.stopped:
            self._keyframe_wanted = True
            return
        if not self._is_due(now):
            return
        restart = self._restarts(now)
        full = self._transport.queue_s > _SKIP_QUEUE_S or self._transport.estimator.congested
        if now < self._pause_until or (full and not restart):
            self._stream.counters.frames_skipped += 1
            return
        wanted = self._keyframe_wanted and now - self._last_keyframe > _KEYFRAME_INTERVAL_S
        units = round((frame.pts or 0) * (frame.time_base or 1 / _CLOCK_RATE) * _CLOCK_RATE)
        timestamp = self._timeline.at(units, now)
        self._stream.captured((self._offset + timestamp) & 0xFFFFFFFF, now)
        encoded = await self._encode(frame, now, keyframe=restart or wanted)
        if encoded is not None and encoded.data:
            self._queue(encoded, (self._offset + timestamp) & 0xFFFFFFFF)

    def _restarts(self, now: float) -> bool:
        """Whether what was queued is given up for a key frame: the link fell far, or the queue is too long.

        After a fall, wait until most of what fills the link has drained: only then can the key frame pass.
        """
        estimator = self._transport.estimator
        if estimator.cliffs != self._cliffs:
            self._cliffs = estimator.cliffs
            self._give_up_queue()
            self._pause_until = now + min(_MAX_PAUSE_S, estimator.queueing.latest)
            self._restart_wanted = True
        elif self._transport.queue_s > _CUT_QUEUE_S:
            self._give_up_queue()
            self._restart_wanted = True
        if not self._restart_wanted or now < self._pause_until:
            return False
        self._restart_wanted = False
        return True

    def _give_up_queue(self) -> None:
        self._transport.drop_queued(self._stream)
        self._stream.history.clear()

    def _is_due(self, now: float) -> bool:
        """Thin the camera's pictures out to the rung's frame rate."""
        self._rung = self.ladder.choose(self._bitrate, now)
        if self._rung.screen:
            # Slides do not come at the camera's pace.
            self._rung = self._rung._replace(macroblocks=self._macroblocks)
            if now < self._slide_due:
                return False
            self._slide_due = now + _EARLY / self._rung.fps
            return True
        self._due += self._rung.fps / _CAMERA_FPS
        if self._due < 1:
            return False
        self._due = min(self._due - 1, 1.0)
        return True

    async def _encode(self, frame: av.VideoFrame, now: float, *, keyframe: bool) -> Encoded | None:
        begun = time.perf_counter()
        loop = asyncio.get_running_loop()
        rung, bitrate, counters = self._rung, self._bitrate, self._stream.counters
        try:
            encoded = await loop.run_in_executor(
                self._pool, lambda: self.encoder.encode(frame, rung, bitrate, now, keyframe=keyframe)
            )
        except EncoderFailed:
            self._keyframe_wanted = True
            counters.frames_skipped += 1
            return None
        taken = time.perf_counter() - begun
        self.ladder.on_encoded(taken, now)
        await self._look_at_machine(now)
        counters.total_encode_s += taken
        counters.frames_encoded += 1
        self._size = encoded.size
        if encoded.keyframe:
            self._keyframe_wanted, self._last_keyframe = False, now
            counters.key_frames_encoded += 1
        return encoded

    async def _look_at_machine(self, now: float) -> None:
        """In the encoder's thread: sensors are files."""
        if now - self._looked < EVERY_S:
            return
        self._looked = now
        seen = await asyncio.get_running_loop().run_in_executor(self._pool, self.machine.look, now)
        self.ladder.on_machine(seen.warmth, seen.cpu_share, now)

    def _queue(self, encoded: Encoded, timestamp: int) -> None:
        payloads = self._packetize(encoded.data)
        packets = [
            RtpPacket(
                self._payload_type, index == len(payloads) - 1, 0, timestamp, self._stream.ssrc, payload
            )
            for index, payload in enumerate(payloads)
        ]
        patience = self._patience.delay._replace(forwarded=self._stream.forwarded)
        for packet in packets:
            packet.playout_delay = patience
        self._transport.queue(packets, self._stream)
        if self._protect:
            loop = asyncio.get_running_loop()
            delay = self._transport.queue_s + _COPY_AFTER_S
            loop.call_later(delay, self._send_copies, packets)

    def _send_copies(self, packets: list[RtpPacket]) -> None:
        """Send the whole picture again: what the link loses is there before it is missed."""
        for packet in packets:
            if packet.transport_sequence is None:
                continue
            copy = self._stream.copy_unasked(packet, time.monotonic())
            if copy is not None:
                self._transport.queue_retransmission(copy, self._stream)

    def _packetize(self, data: bytes) -> list[bytes]:
        if self._codec == "H264":
            return h264.packetize(data)
        self._picture_id = (self._picture_id + 1) & 0x7FFF
        return vp8.packetize(data, self._picture_id)
