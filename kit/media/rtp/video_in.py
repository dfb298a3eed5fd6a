"""The picture side of a receiver."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable

import av

from kit.media.rtp import rtcp
from kit.media.rtp.codecs import h264, vp8
from kit.media.rtp.decoding import VideoDecoder
from kit.media.rtp.lipsync import CaptureClock
from kit.media.rtp.playout.pictures import PicturePlayout
from kit.media.rtp.repair import Repair
from kit.media.rtp.serial import Unwrapper
from kit.media.rtp.statistics import Freezes
from kit.media.rtp.transport import KitTransport

TICK_S = 0.015
_CLOCK_RATE = 90_000
_MAX_NACKED = 200
_FAR_BEHIND = 1000
_SOON_S = 0.005
_MAX_HELD = 24
"""Decoded pictures that are held back or wait for the event loop; the newest is dropped."""
_STARTS = {"H264": h264.starts_keyframe, "VP8": vp8.starts_keyframe}


class VideoIn:
    """Asks for what is missing, puts frames together, has them decoded, shows them in step with the sound."""

    def __init__(
        self, codec: str, transport: KitTransport, ssrc: int, show: Callable[[av.VideoFrame | None], None]
    ) -> None:
        """``ssrc``: this line's own direction; by it a forwarding room knows which line is meant."""
        self.codec = codec.upper()
        self.clock = CaptureClock(_CLOCK_RATE)
        self.freezes = Freezes()
        self.frames = self.key_frame_requests = 0
        self.size = (0, 0)
        self.repair = Repair(_STARTS[self.codec], transport.reporter.brake)
        self.media_ssrc = 0
        self._transport, self._ssrc, self._show = transport, ssrc, show
        self._loop = asyncio.get_running_loop()
        self.decoder = VideoDecoder(self.codec, self._decoded, self._broken)
        self._numbers, self._timestamps = Unwrapper(16), Unwrapper(32)
        self._origin: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._room = threading.Semaphore(_MAX_HELD)
        self._behind: int | None = None
        self._playout = PicturePlayout()
        self._repaired = 0
        self._closed = False

    def restart(self) -> None:
        """Begin anew at the next key frame: the sender's stream is another."""
        self.repair = Repair(_STARTS[self.codec], self._transport.reporter.brake)
        self.clock = CaptureClock(_CLOCK_RATE)
        self._numbers, self._timestamps = Unwrapper(16), Unwrapper(32)
        self._origin = None
        self._playout, self._repaired = PicturePlayout(), 0

    def on_sender_report(self, report: rtcp.SenderReport) -> None:
        """Learn when pictures were captured."""
        self.clock.on_sender_report(report)

    async def close(self) -> None:
        """End; None is shown last."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self.decoder.close()

    def add(
        self, sequence: int, timestamp: int, payload: bytes, now: float, *, marker: bool, retransmitted: bool
    ) -> None:
        """Take a packet of the stream, itself or its retransmission."""
        number = self._numbers(sequence)
        if not retransmitted and self._begins_anew(number):
            self.restart()
            number = self._numbers(sequence)
        self.repair.add(number, timestamp, payload, now, marker=marker, retransmitted=retransmitted)
        self._release()
        if not retransmitted:
            self._ask(now)
        self._watch()

    def _begins_anew(self, number: int) -> bool:
        """Whether the sender went far back: two packets in sequence there (RFC 3550, A.1)."""
        oldest = self.repair.buffer.oldest_useful
        if oldest is None or number > oldest - _FAR_BEHIND:
            return False
        before, self._behind = self._behind, number
        return before is not None and number == before + 1

    def _release(self) -> None:
        while (frame := self.repair.buffer.take()) is not None:
            whole = self._timestamps(frame.timestamp)
            self._origin = whole if self._origin is None else self._origin
            self.frames += 1
            self.decoder.add(frame, whole - self._origin)

    def _ask(self, now: float) -> None:
        lost = self.repair.missing(now)
        for start in range(0, len(lost), _MAX_NACKED):
            wrapped = [number & 0xFFFF for number in lost[start : start + _MAX_NACKED]]
            self._send(rtcp.nack(self._ssrc, self.media_ssrc, wrapped))

    def _ask_keyframe(self) -> None:
        self.key_frame_requests += 1
        self._send(rtcp.picture_loss(self._ssrc, self.media_ssrc))

    def _send(self, data: bytes) -> None:
        self._transport.send_media(data)

    def _watch(self) -> None:
        """Look again soon while something is missing."""
        if self._timer is None and self.repair.waiting and not self._closed:
            self._timer = self._transport.later(TICK_S, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = time.monotonic()
        if self.repair.on_tick(now):
            self._ask_keyframe()
        if len(self.repair.nacks):
            self._ask(now)
        self._release()
        self._watch()

    def _broken(self) -> None:
        """Called from the decoder's thread too."""

        def ask() -> None:
            if self.repair.buffer.ask(time.monotonic()):
                self._ask_keyframe()

        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(ask)

    def _decoded(self, picture: av.VideoFrame | None) -> None:
        """Called from the decoder's thread."""
        if picture is not None and not self._room.acquire(blocking=False):
            self.decoder.counters.dropped += 1
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._hold, picture)

    def _hold(self, picture: av.VideoFrame | None) -> None:
        hold = 0.0
        if picture is not None and picture.pts is not None:
            now = time.monotonic()
            repaired, self._repaired = self._repaired, self.repair.nacks.recovered
            media_s, least_s = picture.pts / _CLOCK_RATE, self._transport.lipsync.hold_s
            hold = self._playout.due(now, media_s, repaired=self._repaired > repaired, least_s=least_s) - now
        if hold > _SOON_S:
            self._loop.call_later(hold, self._present, picture)
        else:
            self._present(picture)

    def _present(self, picture: av.VideoFrame | None) -> None:
        now = time.monotonic()
        if picture is not None:
            self._room.release()
            self.freezes.on_picture(now)
            self.size = (picture.width, picture.height)
            if self._origin is not None and picture.pts is not None:
                captured = self.clock.captured_at((self._origin + picture.pts) & 0xFFFFFFFF)
                if captured is not None:
                    self._transport.lipsync.on_picture(captured, now)
        self._show(picture)
