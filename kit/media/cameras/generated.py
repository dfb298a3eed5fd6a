"""The generated scene in a camera's place: demo, training and tests."""

from __future__ import annotations

import time

import av

from kit.ipc.state import Condition, Device
from kit.media.cameras.source import Shot, planes
from kit.media.scene import Scene

GENERATED = Device(condition=Condition.OK, label="generated", simulated=True)


class GeneratedCamera:
    """The scene, drawn at each ``1 / fps`` of the wall clock. Implements :class:`Source`."""

    device = GENERATED
    corrupt = 0

    def __init__(self, width: int, height: int, fps: int) -> None:
        """Odd sizes lose a line: I420 has one chroma sample for two."""
        self._scene = Scene(width // 2 * 2, height // 2 * 2)
        self._fps = fps
        self._next = 0

    def read(self) -> Shot:
        """Never fails; a late caller skips pictures."""
        now = time.time()
        self._next = max(self._next + 1, int(now * self._fps))
        time.sleep(max(self._next / self._fps - now, 0))
        at = time.time()
        frame = av.VideoFrame(self._scene.width, self._scene.height, "yuv420p")
        self._scene.draw(planes(frame), int(at * 1000))
        return Shot(frame, int(at * 1_000_000))

    def close(self) -> None:
        """Nothing to end."""
