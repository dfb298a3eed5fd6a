"""A V4L2 driver and a picamera2 of memory, at the seams where the real ones are called."""

from __future__ import annotations

import ctypes
import errno
import os
import time
from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange

from kit.media.cameras import uapi
from kit.media.cameras.modes import Mode

Bytes = npt.NDArray[np.uint8]

PIXELS = {"YUYV": "yuyv422", "UYVY": "uyvy422", "NV12": "nv12", "YU12": "yuv420p"}
SLOT = 1 << 22


def error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class Driver:
    """Behaves as a UVC camera's node does; the test fills the buffers. Implements ``Node``."""

    def __init__(self, *modes: Mode, ranged: bool = False, capabilities: int | None = None) -> None:
        self.modes = modes
        self.ranged = ranged
        self.capabilities = (
            uapi.CAP_VIDEO_CAPTURE | uapi.CAP_STREAMING if capabilities is None else capabilities
        )
        self.unplugged = self.streaming = False
        self.closed = 0
        self.padding = 0
        """Bytes between the rows."""
        self.format: tuple[str, int, int] | None = None
        self.rate = 0.0
        self._memory = [bytearray(SLOT) for _ in range(4)]
        self._queued: deque[int] = deque()
        self._filled: deque[tuple[int, int, int, int]] = deque()
        self.calls: list[int] = []

    # what the test does

    def fill(self, data: bytes, flags: int = 0, age_us: int = 0) -> None:
        """The camera has made a picture; without a free buffer it is lost, as in the kernel."""
        if self._queued:
            index = self._queued.popleft()
            self._memory[index][: len(data)] = data
            at = time.monotonic_ns() // 1000 - age_us
            self._filled.append((index, len(data), flags | uapi.BUF_FLAG_TIMESTAMP_MONOTONIC, at))

    def unplug(self) -> None:
        self.unplugged = True

    @property
    def free(self) -> int:
        return len(self._queued)

    # what the kernel does

    def ioctl(self, request: int, argument: Any) -> None:
        self.calls.append(request)
        if self.unplugged or self.closed:
            raise error(errno.ENODEV)
        self._handlers[request](self, argument)

    def map(self, length: int, offset: int) -> memoryview:
        assert length == SLOT
        return memoryview(self._memory[offset // SLOT])

    def wait(self, limit_s: float) -> bool:
        return bool(self._filled) or self.unplugged

    def close(self) -> None:
        self.closed += 1

    def _query(self, what: uapi.Capability) -> None:
        what.capabilities = self.capabilities

    def _formats(self, asked: uapi.FormatDescription) -> None:
        names = list(dict.fromkeys(mode.fourcc for mode in self.modes))
        asked.pixelformat = uapi.number_of(_entry(names, asked.index))

    def _sizes(self, asked: uapi.FrameSize) -> None:
        letters = uapi.fourcc(asked.pixel_format)
        sizes = list(dict.fromkeys((m.width, m.height) for m in self.modes if m.fourcc == letters))
        width, height = _entry(sizes, asked.index)
        asked.type = uapi.DISCRETE
        asked.sides[:2] = (width, height)
        if self.ranged:
            asked.type = 3
            asked.sides[:] = (16, width, 16, 16, height, 16)

    def _intervals(self, asked: uapi.FrameInterval) -> None:
        wanted = (uapi.fourcc(asked.pixel_format), asked.width, asked.height)
        rates = [mode.fps for mode in self.modes if mode[:3] == wanted or self.ranged]
        asked.type = uapi.DISCRETE
        asked.parts[:2] = (1000, round(_entry(rates, asked.index) * 1000))

    def _set_format(self, asked: uapi.Format) -> None:
        letters = uapi.fourcc(asked.pixelformat)
        per_line = {"YUYV": 2, "UYVY": 2, "MJPG": 0}.get(letters, 1) * asked.width
        asked.bytesperline = per_line + self.padding if per_line else 0
        self.format = (letters, asked.width, asked.height)

    def _set_rate(self, asked: uapi.StreamParameters) -> None:
        self.rate = asked.denominator / asked.numerator

    def _request(self, asked: uapi.RequestBuffers) -> None:
        asked.count = min(asked.count, len(self._memory))

    def _describe(self, asked: uapi.Buffer) -> None:
        _entry(self._memory, asked.index)
        asked.length, asked.offset = SLOT, asked.index * SLOT

    def _queue(self, buffer: uapi.Buffer) -> None:
        assert buffer.index not in self._queued
        self._queued.append(buffer.index)

    def _dequeue(self, buffer: uapi.Buffer) -> None:
        if not self._filled:
            raise BlockingIOError(errno.EAGAIN, "")
        buffer.index, buffer.bytesused, buffer.flags, at = self._filled.popleft()
        buffer.seconds, buffer.microseconds = divmod(at, 1_000_000)

    def _stream(self, on: bool, kind: ctypes.c_int32) -> None:
        assert kind.value == uapi.BUF_TYPE_VIDEO_CAPTURE
        self.streaming = on

    _handlers: ClassVar[Any] = {
        uapi.QUERYCAP: _query,
        uapi.ENUM_FMT: _formats,
        uapi.ENUM_FRAMESIZES: _sizes,
        uapi.ENUM_FRAMEINTERVALS: _intervals,
        uapi.S_FMT: _set_format,
        uapi.S_PARM: _set_rate,
        uapi.REQBUFS: _request,
        uapi.QUERYBUF: _describe,
        uapi.QBUF: _queue,
        uapi.DQBUF: _dequeue,
        uapi.STREAMON: lambda self, kind: self._stream(True, kind),
        uapi.STREAMOFF: lambda self, kind: self._stream(False, kind),
    }


def _entry(entries: Sequence[Any], index: int) -> Any:
    if index >= len(entries):
        raise error(errno.EINVAL)
    return entries[index]


class Picamera2:
    """A camera that gives the arrays of :attr:`arrays`, and nothing while there are none."""

    cameras: ClassVar[list[dict[str, object]]] = []
    arrays: ClassVar[deque[Bytes]] = deque()
    agreed: ClassVar[dict[str, Any]] = {}
    released = 0

    def __init__(self, number: int) -> None:
        self.started = False

    @classmethod
    def global_camera_info(cls) -> list[dict[str, object]]:
        return cls.cameras

    def create_video_configuration(self, **wanted: Any) -> dict[str, Any]:
        return wanted

    def configure(self, wanted: dict[str, Any]) -> None:
        assert wanted["main"]["format"] == "YUV420"

    def camera_configuration(self) -> dict[str, Any]:
        return {"main": self.agreed}

    def start(self) -> None:
        self.started = True

    def capture_request(self, wait: bool) -> Picamera2:
        assert self.started
        assert wait is False
        return self

    def get_result(self, timeout: float) -> SimpleNamespace:
        if not self.arrays:
            raise TimeoutError
        return SimpleNamespace(array=self.arrays.popleft(), get_metadata=self._sensed, release=self._release)

    def stop(self) -> None:
        self.started = False

    def close(self) -> None:
        assert not self.started

    def _sensed(self) -> dict[str, int]:
        return {"SensorTimestamp": time.monotonic_ns() - 5_000_000}

    def _release(self) -> None:
        type(self).released += 1


class MappedArray:
    def __init__(self, request: Any, stream: str, reshape: bool, write: bool) -> None:
        self.array = request.array

    def __enter__(self) -> MappedArray:
        return self

    def __exit__(self, *_: object) -> None:
        del self.array


def library(stride: int, size: tuple[int, int], *cameras: str) -> tuple[ModuleType, type[Picamera2]]:
    """A picamera2 with these cameras, by libcamera's ids."""
    found = [{"Id": name, "Num": number, "Model": "imx708"} for number, name in enumerate(cameras)]
    agreed = {"size": size, "stride": stride}
    made = type("Made", (Picamera2,), {"cameras": found, "agreed": agreed, "arrays": deque(), "released": 0})
    module = ModuleType("picamera2")
    module.__dict__.update(Picamera2=made, MappedArray=MappedArray)
    return module, made


def bars(width: int, height: int) -> av.VideoFrame:
    """A test picture of FFmpeg's own."""
    with av.open(f"pal100bars=size={width}x{height}", format="lavfi") as source:
        return next(source.decode(video=0)).reformat(format="yuv420p")


def jpeg(picture: av.VideoFrame) -> bytes:
    """As a camera with MJPEG gives it: 4:2:2 in full range."""
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, "yuvj422p"
    encoder.time_base, encoder.options = Fraction(1, 30), {"qmin": "2", "qmax": "2"}
    full = picture.reformat(format="yuvj422p", dst_color_range=ColorRange.JPEG)
    full.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(full), *encoder.encode(None)))


def raw(picture: av.VideoFrame, fourcc: str, padding: int = 0) -> bytes:
    """As a camera gives a raw format, with padded rows."""
    frame = picture.reformat(format=PIXELS[fourcc])
    rows: list[bytes] = []
    for number, plane in enumerate(frame.planes):
        packed = {"YUYV": 2, "UYVY": 2}.get(fourcc, 1)
        width = picture.width // 2 if number and fourcc == "YU12" else picture.width * packed
        fill = padding // 2 if number and fourcc == "YU12" else padding
        array = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        height = picture.height // 2 if number else picture.height
        rows += [row[:width].tobytes() + bytes(fill) for row in array[:height]]
    return b"".join(rows)
