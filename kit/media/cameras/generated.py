"""Generated pictures in a camera's place: demo, training and tests."""

from __future__ import annotations

import math
import time

import av

from kit.ipc.state import Condition, Device
from kit.media import paint, timecode
from kit.media.cameras.source import Shot, planes
from kit.media.paint import Canvas
from kit.media.scene import Scene

_FINGER = (226, 178, 150)
GENERATED = Device(condition=Condition.OK, label="generated", simulated=True)


class _Pace:
    """Every ``1 / fps`` of the wall clock; who comes late skips some."""

    def __init__(self, fps: int) -> None:
        self._fps, self._next = fps, 0

    def wait(self) -> float:
        """Return the unix seconds of the moment."""
        now = time.time()
        self._next = max(self._next + 1, int(now * self._fps))
        time.sleep(max(self._next / self._fps - now, 0))
        return time.time()


class GeneratedCamera:
    """The scene, drawn at each ``1 / fps`` of the wall clock. Implements :class:`Source`."""

    device = GENERATED
    corrupt = 0

    def __init__(self, width: int, height: int, fps: int) -> None:
        """Odd sizes lose a line: I420 has one chroma sample for two."""
        self._scene = Scene(width // 2 * 2, height // 2 * 2)
        self._pace = _Pace(fps)

    def read(self) -> Shot:
        """Never fails; a late caller skips pictures."""
        at = self._pace.wait()
        frame = av.VideoFrame(self._scene.width, self._scene.height, "yuv420p")
        self._scene.draw(planes(frame), int(at * 1000))
        return Shot(frame, int(at * 1_000_000))

    def close(self) -> None:
        """Nothing to end."""


class GeneratedDocument:
    """A paper under a document camera, with a time code and a pointing finger that moves over the lines.

    Implements :class:`Source`.
    """

    device = GENERATED
    corrupt = 0

    def __init__(self, width: int, height: int, fps: int) -> None:
        """Odd sizes lose a line."""
        self._width, self._height = width // 2 * 2, height // 2 * 2
        on = paint.canvas(self._width, self._height)
        _paper(on)
        self._still = paint.cut(on)
        finger = paint.canvas(0.10 * height, 0.10 * height)
        paint.disc(finger, (0.05 * height, 0.05 * height), 0.04 * height, _FINGER)
        self._finger = paint.cut(finger)
        self._pace = _Pace(fps)

    def read(self) -> Shot:
        """Never fails; a late caller skips pictures."""
        at = self._pace.wait()
        frame = av.VideoFrame(self._width, self._height, "yuv420p")
        on = planes(frame)
        on.y[:], on.u[:], on.v[:] = self._still.y, self._still.u, self._still.v
        across = 0.5 + 0.3 * math.sin(at)
        paint.put(on, self._finger, across * self._width, 0.55 * self._height)
        timecode.write(on.y, int(at * 1000))
        strip = timecode.strip_height(self._height) // 2 + 1
        on.u[:strip], on.v[:strip] = 128, 128
        return Shot(frame, int(at * 1_000_000))

    def close(self) -> None:
        """Nothing to end."""


def _paper(on: Canvas) -> None:
    """A sheet with lines of writing on a dark table."""
    h, w = on.shape[:2]
    paint.fade(on, (70, 58, 50), (50, 42, 38))
    paint.box(on, (0.16 * w, 0.12 * h), (0.68 * w, 0.84 * h), (250, 249, 244), 0.01 * h)
    for line in range(9):
        top = (0.22 + 0.075 * line) * h
        for word in range(5 - line % 3):
            size = (0.07 + 0.02 * ((line + word) % 3)) * w
            paint.box(on, ((0.20 + 0.115 * word) * w, top), (size, 0.018 * h), (44, 48, 60), 0.006 * h)
