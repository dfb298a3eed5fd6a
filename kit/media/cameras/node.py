"""A V4L2 device node as the kernel offers it, and how its modes are listed. Blocks."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import select
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from kit.media.cameras import uapi
from kit.media.cameras.modes import COST, Mode

_MOST = 64
"""Entries of one list that are believed."""
_USUAL_SIZES = ((1280, 720), (640, 360), (640, 480))
"""Tried where a driver gives a range of sizes."""

Argument = TypeVar("Argument", bound=ctypes.Structure)


class Node(Protocol):
    """An open device node. Each method raises OSError as the kernel does: ENODEV when it was pulled out."""

    def ioctl(self, request: int, argument: Any) -> None:
        """Call the driver; ``argument`` is read and written in place."""

    def map(self, length: int, offset: int) -> memoryview:
        """Map one of the driver's buffers; readable until :meth:`close`."""

    def wait(self, limit_s: float) -> bool:
        """Wait until a filled buffer or an error can be taken; False when nothing came."""

    def close(self) -> None:
        """Give the node back; may be called again."""


class KernelNode:
    """A node under /dev. Implements :class:`Node`."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._maps: list[tuple[memoryview, mmap.mmap]] = []
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)

    def ioctl(self, request: int, argument: Any) -> None:
        """See :meth:`Node.ioctl`."""
        fcntl.ioctl(self._fd, request, argument)

    def map(self, length: int, offset: int) -> memoryview:
        """See :meth:`Node.map`."""
        mapped = mmap.mmap(self._fd, length, mmap.MAP_SHARED, mmap.PROT_READ, offset=offset)
        view = memoryview(mapped)
        self._maps.append((view, mapped))
        return view

    def wait(self, limit_s: float) -> bool:
        """See :meth:`Node.wait`."""
        return bool(self._poll.poll(limit_s * 1000))

    def close(self) -> None:
        """See :meth:`Node.close`."""
        maps, self._maps = self._maps, []
        for view, mapped in maps:
            with suppress(BufferError):
                view.release()
                mapped.close()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def is_camera(node: Node) -> bool:
    """Whether single-planar pictures can be streamed from it: metadata nodes and decoders are not cameras."""
    what = uapi.Capability()
    node.ioctl(uapi.QUERYCAP, what)
    of_device = what.capabilities & uapi.CAP_DEVICE_CAPS
    flags = what.device_caps if of_device else what.capabilities
    needed = uapi.CAP_VIDEO_CAPTURE | uapi.CAP_STREAMING
    return bool(flags & needed == needed)


def modes(node: Node) -> Iterator[Mode]:
    """Yield what the camera offers, of the formats that are used."""
    for found in _listed(node, uapi.ENUM_FMT, uapi.FormatDescription(type=uapi.BUF_TYPE_VIDEO_CAPTURE)):
        letters = uapi.fourcc(found.pixelformat)
        if letters not in COST:
            continue
        for width, height in _sizes(node, found.pixelformat):
            yield from (Mode(letters, width, height, fps) for fps in _rates(node, found, width, height))


def _sizes(node: Node, pixel_format: int) -> Iterator[tuple[int, int]]:
    for found in _listed(node, uapi.ENUM_FRAMESIZES, uapi.FrameSize(pixel_format=pixel_format)):
        if found.type == uapi.DISCRETE:
            yield found.sides[0], found.sides[1]
            continue
        least_width, most_width, _, least_height, most_height, _ = found.sides
        for width, height in _USUAL_SIZES:
            if least_width <= width <= most_width and least_height <= height <= most_height:
                yield width, height
        return


def _rates(node: Node, of: uapi.FormatDescription, width: int, height: int) -> Iterator[float]:
    asked = uapi.FrameInterval(pixel_format=of.pixelformat, width=width, height=height)
    some = False
    for found in _listed(node, uapi.ENUM_FRAMEINTERVALS, asked):
        numerator, denominator = found.parts[0], found.parts[1]
        if numerator and denominator:
            some = True
            yield denominator / numerator
        if found.type != uapi.DISCRETE:
            return
    if not some:
        # Drivers need not list intervals; then the rate is what they are set to.
        yield 0.0


def _listed(node: Node, request: int, entry: Argument) -> Iterator[Argument]:
    """Yield the entries of a list, until the driver says that there are no more."""
    for index in range(_MOST):
        # Each is a copy: drivers write into what they are given.
        asked = type(entry).from_buffer_copy(entry)
        asked.index = index
        try:
            node.ioctl(request, asked)
        except OSError as error:
            if error.errno in {errno.EINVAL, errno.ENOTTY}:
                return
            raise
        yield asked
