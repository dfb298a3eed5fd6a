"""What every camera is to the engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

import av
import numpy as np

from kit.ipc.state import Condition, Device
from kit.media.paint import Planes
from kit.media.worker import DeviceGone

WAIT_S = 0.1
"""How long a source waits for a picture before it lets its caller look round."""
_STALL_S = 5.0
_BELIEVED_US = 1_000_000
"""Driver clocks are known to jump; a picture that claims to be older than this is dated by its arrival."""


class Shot(NamedTuple):
    """A picture in yuv420p and its unix time in µs."""

    picture: av.VideoFrame
    captured_us: int


class Source(Protocol):
    """An open camera; used in the camera's thread only."""

    device: Device
    corrupt: int
    """Pictures that came damaged and were dropped."""

    def read(self) -> Shot | None:
        """Wait for the next picture; None after :data:`WAIT_S` without one; DeviceGone when it failed.

        The picture has even sides, is in limited range (BT.601) and belongs to the caller.
        """

    def close(self) -> None:
        """Give the camera back; may be called again."""


class Patience:
    """A camera that is open but gives nothing usable is ill, not slow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` counts seconds."""
        self._clock = clock
        self._since = clock()

    def seen(self) -> None:
        """A good picture came."""
        self._since = self._clock()

    def check(self) -> None:
        """Raise DeviceGone when none has come for 5 s."""
        if self._clock() - self._since > _STALL_S:
            raise DeviceGone(Condition.BAD)


def unix_us(monotonic_us: int) -> int:
    """Return the unix time of a moment just now that a driver dated by the monotonic clock."""
    age = time.monotonic_ns() // 1000 - monotonic_us
    return time.time_ns() // 1000 - (age if 0 <= age <= _BELIEVED_US else 0)


def planes(frame: av.VideoFrame) -> Planes:
    """Return a yuv420p picture's planes as writable arrays without padding."""
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    )
    return Planes(y, u, v)
