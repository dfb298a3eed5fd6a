"""The part of the kernel's V4L2 interface that a capture device needs: <linux/videodev2.h>, 64-bit.

A stable ABI; names are the header's. FFmpeg's own V4L2 input is not used: it waits in the kernel without a
deadline, and PyAV cannot ask it which modes a camera has.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_int32, c_long, c_uint8, c_uint32, c_uint64
from typing import Any

CAP_VIDEO_CAPTURE, CAP_STREAMING, CAP_DEVICE_CAPS = 0x1, 0x0400_0000, 0x8000_0000
BUF_TYPE_VIDEO_CAPTURE = 1
MEMORY_MMAP = 1
MAX_FRAME = 32
"""VIDEO_MAX_FRAME: no driver has more buffers."""
FIELD_NONE = 1
DISCRETE = 1
"""FRMSIZE_TYPE_DISCRETE and FRMIVAL_TYPE_DISCRETE; others are ranges."""
BUF_FLAG_ERROR, BUF_FLAG_TIMESTAMP_MASK, BUF_FLAG_TIMESTAMP_MONOTONIC = 0x40, 0xE000, 0x2000


class Capability(ctypes.Structure):
    """What a node is."""

    _fields_ = (
        *(("driver", c_char * 16), ("card", c_char * 32), ("bus_info", c_char * 32)),
        *(("version", c_uint32), ("capabilities", c_uint32), ("device_caps", c_uint32)),
        ("reserved", c_uint32 * 3),
    )


class FormatDescription(ctypes.Structure):
    """One pixel format of a node, by ``index``."""

    _fields_ = (
        *(("index", c_uint32), ("type", c_uint32), ("flags", c_uint32), ("description", c_char * 32)),
        *(("pixelformat", c_uint32), ("mbus_code", c_uint32), ("reserved", c_uint32 * 3)),
    )


class FrameSize(ctypes.Structure):
    """One size, or a range: minimum, maximum and step of width, then of height."""

    _fields_ = (
        *(("index", c_uint32), ("pixel_format", c_uint32), ("type", c_uint32)),
        *(("sides", c_uint32 * 6), ("reserved", c_uint32 * 2)),
    )


class FrameInterval(ctypes.Structure):
    """One interval in seconds, numerator and denominator, or a range that begins with the shortest."""

    _fields_ = (
        *(("index", c_uint32), ("pixel_format", c_uint32), ("width", c_uint32), ("height", c_uint32)),
        *(("type", c_uint32), ("parts", c_uint32 * 6), ("reserved", c_uint32 * 2)),
    )


class Format(ctypes.Structure):
    """The format of single-planar pictures; ``rest`` pads the header's union."""

    _fields_ = (
        *(("type", c_uint32), ("alignment", c_uint32)),
        *(("width", c_uint32), ("height", c_uint32), ("pixelformat", c_uint32), ("field", c_uint32)),
        *(("bytesperline", c_uint32), ("sizeimage", c_uint32), ("rest", c_uint8 * 176)),
    )


class StreamParameters(ctypes.Structure):
    """The rate: ``numerator`` / ``denominator`` seconds for a picture."""

    _fields_ = (
        *(("type", c_uint32), ("capability", c_uint32), ("capturemode", c_uint32)),
        *(("numerator", c_uint32), ("denominator", c_uint32), ("rest", c_uint8 * 184)),
    )


class RequestBuffers(ctypes.Structure):
    """How many buffers there shall be."""

    _fields_ = (
        *(("count", c_uint32), ("type", c_uint32), ("memory", c_uint32)),
        *(("capabilities", c_uint32), ("flags", c_uint8), ("reserved", c_uint8 * 3)),
    )


class Buffer(ctypes.Structure):
    """One buffer, and what is in it."""

    _fields_ = (
        *(("index", c_uint32), ("type", c_uint32), ("bytesused", c_uint32), ("flags", c_uint32)),
        *(("field", c_uint32), ("seconds", c_long), ("microseconds", c_long), ("timecode", c_uint8 * 16)),
        *(("sequence", c_uint32), ("memory", c_uint32), ("offset", c_uint64), ("length", c_uint32)),
        *(("reserved2", c_uint32), ("request_fd", c_int32)),
    )


def _number(direction: int, number: int, argument: type[Any]) -> int:
    return direction << 30 | ctypes.sizeof(argument) << 16 | ord("V") << 8 | number


_WRITE, _READ = 1, 2

QUERYCAP = _number(_READ, 0, Capability)
ENUM_FMT = _number(_READ | _WRITE, 2, FormatDescription)
S_FMT = _number(_READ | _WRITE, 5, Format)
REQBUFS = _number(_READ | _WRITE, 8, RequestBuffers)
QUERYBUF = _number(_READ | _WRITE, 9, Buffer)
QBUF = _number(_READ | _WRITE, 15, Buffer)
DQBUF = _number(_READ | _WRITE, 17, Buffer)
STREAMON = _number(_WRITE, 18, c_int32)
STREAMOFF = _number(_WRITE, 19, c_int32)
S_PARM = _number(_READ | _WRITE, 22, StreamParameters)
ENUM_FRAMESIZES = _number(_READ | _WRITE, 74, FrameSize)
ENUM_FRAMEINTERVALS = _number(_READ | _WRITE, 75, FrameInterval)


def fourcc(number: int) -> str:
    """Return a pixel format's four letters."""
    return number.to_bytes(4, "little").decode("latin-1")


def number_of(letters: str) -> int:
    """Return the number of a pixel format."""
    return int.from_bytes(letters.encode("latin-1"), "little")
