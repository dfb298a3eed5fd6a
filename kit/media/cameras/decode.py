"""What a driver gives, as yuv420p in limited range. Never by way of RGB."""

from __future__ import annotations

from typing import NamedTuple

import av
import numpy as np
from av.codec.context import ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, VideoReformatter

_RAW = {"YUYV": "yuyv422", "UYVY": "uyvy422", "NV12": "nv12", "YU12": "yuv420p"}


class _Plane(NamedTuple):
    """How a plane lies in memory: bytes for two pixels of a row, and what stride and rows are divided by."""

    two_pixels: int
    strides: int = 1
    rows: int = 1


_PACKED, _LUMA, _CHROMA_PAIRS, _CHROMA = _Plane(4), _Plane(2), _Plane(2, 1, 2), _Plane(1, 2, 2)
_PLANES = {
    "yuyv422": (_PACKED,),
    "uyvy422": (_PACKED,),
    "nv12": (_LUMA, _CHROMA_PAIRS),
    "yuv420p": (_LUMA, _CHROMA, _CHROMA),
}
_STRICT_TRIES = 15
"""Pictures after which a camera whose every JPEG breaks the rules is decoded leniently: some always do."""


class Corrupt(Exception):  # noqa: N818 - it names what came
    """Not a picture of the agreed kind."""


class Decoder:
    """For one mode of one camera."""

    def __init__(self, fourcc: str, width: int, height: int, bytesperline: int) -> None:
        """``bytesperline`` is the stride of the first plane; JPEG has none."""
        self._size = (width, height)
        self._stride = bytesperline
        self._format = _RAW.get(fourcc)
        self._reformatter = VideoReformatter()
        self._strict = True
        self._refused = 0
        self._jpeg = self._jpeg_decoder()

    def picture(self, data: memoryview) -> av.VideoFrame:
        """Return a new picture; ``data`` may be overwritten afterwards. Corrupt when it is not one."""
        frame = self._raw(self._format, data) if self._format else self._decoded(data)
        # JPEG is full range; encoders and the far side take everything for limited.
        frame = self._reformatter.reformat(
            frame, format="yuv420p", dst_color_range=ColorRange.MPEG, threads=1
        )
        frame.color_range = ColorRange.MPEG
        return frame

    def _decoded(self, data: memoryview) -> av.VideoFrame:
        try:
            frames = self._jpeg.decode(av.Packet(bytes(data)))
        except (av.FFmpegError, ValueError):
            self._refuse()
            raise Corrupt from None
        if len(frames) != 1 or (frames[0].width, frames[0].height) != self._size:
            raise Corrupt
        self._refused = 0
        return frames[0]

    def _refuse(self) -> None:
        self._refused += 1
        if self._strict and self._refused >= _STRICT_TRIES:
            self._strict = False
            self._jpeg = self._jpeg_decoder()

    def _jpeg_decoder(self) -> VideoCodecContext:
        context = av.CodecContext.create("mjpeg", "r")
        width, height = self._size
        context.options = {"max_pixels": str((width + 64) * (height + 64))}
        if self._strict:
            # Otherwise half a picture counts as a picture, grey or torn from where the damage is.
            context.options = {**context.options, "err_detect": "explode"}
        # Threads would keep a picture back for each of them.
        context.thread_count, context.thread_type = 1, ThreadType.NONE
        return context

    def _raw(self, pixel_format: str, data: memoryview) -> av.VideoFrame:
        width, height = self._size
        frame = av.VideoFrame(width, height, pixel_format)
        source, at = np.frombuffer(data, np.uint8), 0
        for plane, layout in zip(frame.planes, _PLANES[pixel_format], strict=True):
            row, rows = width // 2 * layout.two_pixels, height // layout.rows
            stride = max(self._stride // layout.strides, row)
            # The last row need not be padded.
            if at + stride * (rows - 1) + row > len(source):
                raise Corrupt
            into = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            into[:rows, :row] = np.lib.stride_tricks.as_strided(source[at:], (rows, row), (stride, 1))
            at += stride * rows
        frame.color_range = ColorRange.MPEG
        return frame
