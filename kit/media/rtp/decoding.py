"""Pictures are decoded in a thread of their own, which never falls behind."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
from av.video.codeccontext import VideoCodecContext

from kit.log import failed
from kit.media.rtp.codecs import h264, vp8
from kit.media.rtp.packet import MalformedError
from kit.media.rtp.video_buffer import Frame

MAX_WAITING = 30
"""Frames that wait for the decoder; beyond, all are dropped up to the next key frame."""
MAX_WAITING_BYTES = 8 << 20
MAX_PIXELS = 4096 * 2304
"""Larger pictures are refused before anything is allocated for them."""
_TIME_BASE = Fraction(1, 90_000)
_DECODERS = {"H264": ("h264", h264.depacketize), "VP8": ("libvpx", vp8.depacketize)}


@dataclass(slots=True)
class DecodeCounters:
    """Totals since the stream began."""

    decoded: int = 0
    key_frames: int = 0
    dropped: int = 0
    too_large: int = 0
    """Of those dropped, the ones that announced more than :data:`MAX_PIXELS`."""
    failed: int = 0
    """Of those dropped, the ones that a decoder failed at in a way that is not its own."""
    seconds: float = 0.0


class VideoDecoder:
    """Takes encoded frames from any thread; calls back from its own."""

    def __init__(
        self, codec: str, deliver: Callable[[av.VideoFrame | None], None], broken: Callable[[], None]
    ) -> None:
        self.counters = DecodeCounters()
        self._name, self._depacketize = _DECODERS[codec.upper()]
        self._deliver, self._broken = deliver, broken
        self._waiting: deque[tuple[Frame, int] | None] = deque()
        self._waiting_bytes = 0
        self._ready = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="decode", daemon=True)
        self._thread.start()

    def add(self, frame: Frame, pts: int) -> None:
        """Queue a frame; ``pts`` is unwrapped, at 90 kHz."""
        with self._ready:
            self._waiting_bytes += _bytes_of(frame)
            if len(self._waiting) >= MAX_WAITING or self._waiting_bytes > MAX_WAITING_BYTES:
                self.counters.dropped += len(self._waiting)
                self._waiting.clear()
                self._waiting_bytes = _bytes_of(frame)
                self._broken()
            self._waiting.append((frame, pts))
            self._ready.notify()

    def close(self) -> None:
        """Deliver None after what waits, then end."""
        with self._ready:
            self._waiting.append(None)
            self._ready.notify()

    def _run(self) -> None:
        codec = self._open()
        while True:
            with self._ready:
                while not self._waiting:
                    self._ready.wait()
                item = self._waiting.popleft()
                self._waiting_bytes -= 0 if item is None else _bytes_of(item[0])
            if item is None:
                self._deliver(None)
                return
            try:
                self._decode(codec, *item)
            except Exception as error:
                # Without this thread there would be no picture for the rest of the call.
                if not self.counters.failed:
                    failed("decoder_failed", error)
                self.counters.failed += 1
                self._drop()
                codec = self._open()

    def _open(self) -> VideoCodecContext:
        codec = cast(VideoCodecContext, av.CodecContext.create(self._name, "r"))
        codec.thread_count = 1
        codec.options = {"max_pixels": str(MAX_PIXELS), "flags": "low_delay"}
        return codec

    def _decode(self, codec: VideoCodecContext, frame: Frame, pts: int) -> None:
        begun = time.perf_counter()
        try:
            data = b"".join(map(self._depacketize, frame.payloads))
            if self._is_too_large(data):
                self.counters.too_large += 1
                self._drop()
                return
            packet = av.Packet(data)
            packet.pts, packet.time_base = pts, _TIME_BASE
            pictures = codec.decode(packet)
        except (av.FFmpegError, MalformedError, IndexError):
            self._drop()
            return
        self.counters.seconds += time.perf_counter() - begun
        self.counters.decoded += len(pictures)
        self.counters.key_frames += frame.keyframe
        for picture in pictures:
            self._deliver(picture)

    def _is_too_large(self, data: bytes) -> bool:
        """libvpx allocates what a header says before FFmpeg looks at it; FFmpeg's own H.264 does not."""
        size = vp8.frame_size(data) if self._name == "libvpx" else None
        return size is not None and size[0] * size[1] > MAX_PIXELS

    def _drop(self) -> None:
        self.counters.dropped += 1
        self._broken()


def _bytes_of(frame: Frame) -> int:
    return sum(map(len, frame.payloads))
