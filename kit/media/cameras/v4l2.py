"""A camera on a V4L2 node: USB cameras and those built into tablets."""

from __future__ import annotations

import contextlib
import ctypes
import errno
from collections.abc import Callable

from kit.config import Camera as Wish
from kit.ipc.state import Condition, Device
from kit.media.cameras import uapi
from kit.media.cameras.decode import Corrupt, Decoder
from kit.media.cameras.modes import Mode, best
from kit.media.cameras.node import KernelNode, Node, is_camera, modes
from kit.media.cameras.source import WAIT_S, Patience, Shot, unix_us
from kit.media.worker import DeviceGone

_BUFFERS = 4
_GONE = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO})


class V4l2Camera:
    """Streams one mode. Implements :class:`kit.media.cameras.source.Source`."""

    def __init__(self, path: str, label: str, wish: Wish, opened: Callable[[str], Node] = KernelNode) -> None:
        """Open, choose the mode nearest to the wish and begin; DeviceGone when that fails."""
        self.device = Device(condition=Condition.OK, label=label)
        self.corrupt = 0
        self.late = 0
        """Pictures that nobody fetched before the next came."""
        self._patience = Patience()
        try:
            self._node = opened(path)
        except OSError as error:
            raise _gone(error) from None
        try:
            self._buffers = self._begin(wish)
        except (OSError, ValueError) as error:
            self.close()
            raise _gone(error) from None

    def read(self) -> Shot | None:
        """See :meth:`Source.read`; the newest of what waits."""
        try:
            while self._node.wait(WAIT_S):
                filled = self._newest()
                if filled is None:
                    break
                try:
                    return self._shot(filled)
                finally:
                    self._node.ioctl(uapi.QBUF, filled)
        except OSError as error:
            raise _gone(error) from None
        except Corrupt:
            self.corrupt += 1
        self._patience.check()
        return None

    def close(self) -> None:
        """See :meth:`Source.close`."""
        with contextlib.suppress(OSError):
            self._node.ioctl(uapi.STREAMOFF, ctypes.c_int32(uapi.BUF_TYPE_VIDEO_CAPTURE))
        self._buffers = []
        self._node.close()

    def _begin(self, wish: Wish) -> list[memoryview]:
        if not is_camera(self._node):
            raise ValueError("not a camera")
        mode = best(modes(self._node), wish.width, wish.height, wish.fps)
        if mode is None:
            raise ValueError("no format that is known here")
        self.mode = self._set(mode, wish.fps)
        """What was agreed with the driver."""
        buffers = [self._mapped(index) for index in range(self._requested())]
        self._node.ioctl(uapi.STREAMON, ctypes.c_int32(uapi.BUF_TYPE_VIDEO_CAPTURE))
        return buffers

    def _set(self, mode: Mode, fps: float) -> Mode:
        asked = uapi.Format(
            type=uapi.BUF_TYPE_VIDEO_CAPTURE,
            width=mode.width,
            height=mode.height,
            pixelformat=uapi.number_of(mode.fourcc),
            field=uapi.FIELD_NONE,
        )
        self._node.ioctl(uapi.S_FMT, asked)
        # The driver may answer with something else; what it says is what will come.
        agreed = Mode(uapi.fourcc(asked.pixelformat), asked.width, asked.height, mode.fps or fps)
        if best([agreed], asked.width, asked.height, fps) is None or asked.width % 2 or asked.height % 2:
            raise ValueError("the driver changed the format")
        self._decoder = Decoder(agreed.fourcc, agreed.width, agreed.height, asked.bytesperline)
        rate = uapi.StreamParameters(
            type=uapi.BUF_TYPE_VIDEO_CAPTURE, numerator=1000, denominator=round(agreed.fps * 1000)
        )
        with contextlib.suppress(OSError):
            # Drivers with one rate need not know this call.
            self._node.ioctl(uapi.S_PARM, rate)
        return agreed

    def _requested(self) -> int:
        asked = uapi.RequestBuffers(count=_BUFFERS, type=uapi.BUF_TYPE_VIDEO_CAPTURE, memory=uapi.MEMORY_MMAP)
        self._node.ioctl(uapi.REQBUFS, asked)
        if not 0 < asked.count <= uapi.MAX_FRAME:
            raise ValueError("no buffers")
        return int(asked.count)

    def _mapped(self, index: int) -> memoryview:
        asked = uapi.Buffer(index=index, type=uapi.BUF_TYPE_VIDEO_CAPTURE, memory=uapi.MEMORY_MMAP)
        self._node.ioctl(uapi.QUERYBUF, asked)
        view = self._node.map(asked.length, asked.offset)
        self._node.ioctl(uapi.QBUF, asked)
        return view

    def _newest(self) -> uapi.Buffer | None:
        """Take all filled buffers, give all but the newest back."""
        newest: uapi.Buffer | None = None
        while True:
            filled = uapi.Buffer(type=uapi.BUF_TYPE_VIDEO_CAPTURE, memory=uapi.MEMORY_MMAP)
            try:
                self._node.ioctl(uapi.DQBUF, filled)
            except BlockingIOError:
                return newest
            if newest is not None:
                self.late += 1
                self._node.ioctl(uapi.QBUF, newest)
            newest = filled
            if not self._node.wait(0):
                return newest

    def _shot(self, filled: uapi.Buffer) -> Shot:
        if filled.flags & uapi.BUF_FLAG_ERROR or not filled.bytesused:
            raise Corrupt
        data = self._buffers[filled.index][: filled.bytesused]
        picture = self._decoder.picture(data)
        self._patience.seen()
        monotonic = filled.flags & uapi.BUF_FLAG_TIMESTAMP_MASK == uapi.BUF_FLAG_TIMESTAMP_MONOTONIC
        # Without a date of the driver's, the arrival counts.
        at = filled.seconds * 1_000_000 + filled.microseconds if monotonic else 0
        return Shot(picture, unix_us(at))


def _gone(error: Exception) -> DeviceGone:
    missing = isinstance(error, OSError) and error.errno in _GONE
    return DeviceGone(Condition.MISSING if missing else Condition.BAD)
