"""Received sound leaves aiortc as it comes; waiting and concealment are :mod:`kit.media.playout`'s.

aiortc's own buffer holds 80 ms and has no clock: one lost packet costs it 100 ms of sound. The seam is the
name ``JitterBuffer`` in ``aiortc.rtcrtpreceiver``.
"""

from __future__ import annotations

from typing import Any

import aiortc.rtcrtpreceiver
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.utils import uint16_gt


class PassThrough(JitterBuffer):
    """Hands each sound packet on at once; doubles and late ones are dropped. Video is buffered as before."""

    def __init__(self, capacity: int, prefetch: int = 0, is_video: bool = False) -> None:
        super().__init__(capacity, prefetch, is_video)
        self._newest: int | None = None

    def add(self, packet: Any) -> tuple[bool, JitterFrame | None]:
        """Return whether a key frame must be asked for, and what is ready to be decoded."""
        if self._is_video:
            ready: tuple[bool, JitterFrame | None] = super().add(packet)
            return ready
        number = packet.sequence_number
        if self._newest is not None and not uint16_gt(number, self._newest):
            return False, None
        self._newest = number
        return False, JitterFrame(packet._data, packet.timestamp)


def install() -> None:
    """Let every aiortc receiver of this process work like that. May be called again."""
    setattr(aiortc.rtcrtpreceiver, "JitterBuffer", PassThrough)  # noqa: B010 - the module only imports the name
