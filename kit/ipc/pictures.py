"""Pictures from the engine to the screen through shared memory: one memfd per stream, three slots each.

The engine listens on a Unix socket and hands the descriptors over (SCM_RIGHTS) to whoever connects; after
that a picture costs one copy in and one upload out, and no message. A slot's sequence number is odd while it
is being written (a seqlock): a reader uploads the planes, then asks :meth:`Picture.intact`.

Segment: ``<Q`` newest sequence (0: no picture), padded to 64; then :data:`SLOTS` slots of a header
``<QQIIII`` (sequence, capture time in unix µs, width, height, stride of Y, stride of U and V), padded to 64,
and the I420 planes Y, U, V. Room for 1920×1088. memfd pages are made when they are first written.
"""

from __future__ import annotations

import asyncio
import contextlib
import mmap
import os
import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

SLOTS = 3
MAX_WIDTH, MAX_HEIGHT = 1920, 1088
_NEWEST = struct.Struct("<Q")
_SLOT = struct.Struct("<QQIIII")
_PAD = 64
_SLOT_SIZE = _PAD + MAX_WIDTH * MAX_HEIGHT * 3 // 2
_SEGMENT = _PAD + SLOTS * _SLOT_SIZE


class Stream(StrEnum):
    """Which picture; the order is that of the descriptors."""

    REMOTE = "remote"
    """The large one: all the others in one picture, or the one who speaks."""
    SELF = "self"
    SLIDES = "slides"
    OTHER_1 = "other_1"
    OTHER_2 = "other_2"
    OTHER_3 = "other_3"
    SHARED = "shared"
    """What the kit shows the others, or staff looks at before it is shown."""


OTHERS = (Stream.OTHER_1, Stream.OTHER_2, Stream.OTHER_3)
"""The small ones, in rooms that send a picture of each."""


def picture_socket(run_dir: Path) -> Path:
    """Where the engine hands out its descriptors."""
    return run_dir / "pictures.sock"


class Plane(NamedTuple):
    """One plane: writable bytes (Kivy's ``blit_buffer`` refuses read-only ones), stride × rows."""

    data: memoryview
    stride: int
    rows: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The newest picture of a stream, read in place."""

    width: int
    height: int
    captured_us: int
    """Unix time in µs when it was captured or decoded."""
    sequence: int
    planes: tuple[Plane, Plane, Plane]
    _segment: mmap.mmap
    _offset: int

    def intact(self) -> bool:
        """Whether the slot was not written while it was read; a torn picture is dropped."""
        (sequence,) = _NEWEST.unpack_from(self._segment, self._offset)
        return bool(sequence == self.sequence)


class PictureWriter:
    """The engine's side of one stream."""

    def __init__(self, name: Stream) -> None:
        """Make the segment; it lives as long as somebody holds its descriptor."""
        self.descriptor = os.memfd_create(f"picture-{name}", os.MFD_CLOEXEC)
        os.ftruncate(self.descriptor, _SEGMENT)
        self._map = mmap.mmap(self.descriptor, _SEGMENT)
        self._count = 0

    def write(self, size: tuple[int, int], captured_us: int, planes: tuple[Plane, Plane, Plane]) -> None:
        """Publish a picture of ``size`` = (width, height); ValueError beyond 1920×1088 in bytes."""
        if sum(plane.stride * plane.rows for plane in planes) > _SLOT_SIZE - _PAD:
            raise ValueError("picture too large")
        self._count += 1
        offset = _offset(self._count)
        strides = planes[0].stride, planes[1].stride
        _SLOT.pack_into(self._map, offset, 2 * self._count - 1, captured_us, *size, *strides)
        at = offset + _PAD
        for plane in planes:
            length = plane.stride * plane.rows
            self._map[at : at + length] = plane.data[:length]
            at += length
        _NEWEST.pack_into(self._map, offset, 2 * self._count)
        _NEWEST.pack_into(self._map, 0, self._count)

    def clear(self) -> None:
        """Nothing to show any more; the pages with what was shown are given back to the system."""
        _NEWEST.pack_into(self._map, 0, 0)
        self._map.madvise(mmap.MADV_REMOVE)


class PictureReader:
    """The screen's side of one stream."""

    def __init__(self, descriptor: int) -> None:
        """Map the segment; the descriptor is closed."""
        self._map = mmap.mmap(descriptor, _SEGMENT)
        self._view = memoryview(self._map)
        os.close(descriptor)

    def latest(self) -> Picture | None:
        """Return the newest whole picture, or None when there is nothing to show."""
        (count,) = _NEWEST.unpack_from(self._map, 0)
        if count == 0:
            return None
        offset = _offset(count)
        sequence, captured_us, width, height, stride_y, stride_uv = _SLOT.unpack_from(self._map, offset)
        if sequence % 2 or not (0 < width <= stride_y and height > 0):
            return None
        half = (height + 1) // 2
        planes, at = [], offset + _PAD
        for stride, rows in ((stride_y, height), (stride_uv, half), (stride_uv, half)):
            planes.append(Plane(self._view[at : at + stride * rows], stride, rows))
            at += stride * rows
        y, u, v = planes
        return Picture(width, height, captured_us, sequence, (y, u, v), self._map, offset)


class PictureServer:
    """Hands the engine's descriptors to each screen that connects."""

    def __init__(self) -> None:
        """Make all streams' segments."""
        self.writers = {stream: PictureWriter(stream) for stream in Stream}

    def listen(self, path: Path) -> socket.socket:
        """Bind the picture socket, for :meth:`serve`."""
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(path))
        listener.listen(2)
        listener.setblocking(False)
        return listener

    async def serve(self, listener: socket.socket) -> None:
        """Hand out descriptors until cancelled. Connections stay open: their end tells of the engine's."""
        screens: list[socket.socket] = []
        try:
            while True:
                screen, _ = await asyncio.get_running_loop().sock_accept(listener)
                screens = [*screens[-3:], screen]
                with contextlib.suppress(OSError):
                    socket.send_fds(screen, [b"pictures"], [w.descriptor for w in self.writers.values()])
        finally:
            for screen in (listener, *screens):
                screen.close()


class PictureClient:
    """The screen's connection to the engine's pictures."""

    def __init__(self, path: Path) -> None:
        """``path`` is the engine's picture socket."""
        self._path = path
        self._socket: socket.socket | None = None
        self._readers: dict[Stream, PictureReader] = {}

    def latest(self, stream: Stream) -> Picture | None:
        """Return the newest picture, or None: no engine, no picture. Reconnects by itself; never blocks."""
        if self._gone():
            self._connect()
        reader = self._readers.get(stream)
        return reader.latest() if reader else None

    def _gone(self) -> bool:
        if self._socket is None:
            return True
        try:
            return self._socket.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _connect(self) -> None:
        self._readers = {}
        if self._socket is not None:
            self._socket.close()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(0.2)
        try:
            self._socket.connect(str(self._path))
            _, descriptors, _, _ = socket.recv_fds(self._socket, 16, len(Stream))
            self._socket.setblocking(False)
        except OSError:
            self._socket.close()
            self._socket = None
            return
        self._readers = {s: PictureReader(fd) for s, fd in zip(Stream, descriptors, strict=True)}


def _offset(count: int) -> int:
    return _PAD + (count % SLOTS) * _SLOT_SIZE
