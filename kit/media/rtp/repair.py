"""What is done about pictures that do not come whole: asking for packets, or for a key frame. Sans-io."""

from __future__ import annotations

from collections.abc import Callable

from kit.media.rtp.congestion.brake import Brake
from kit.media.rtp.nack import NackList
from kit.media.rtp.video_buffer import VideoBuffer


class Repair:
    """Packets of one stream come in, with unwrapped numbers; frames come out of :attr:`buffer`."""

    def __init__(self, starts_keyframe: Callable[[bytes], bool], brake: Brake) -> None:
        """``brake`` knows when the link falls, and how far."""
        self.nacks = NackList()
        self.buffer = VideoBuffer(starts_keyframe)
        self._brake, self._falls = brake, brake.falls

    def add(
        self, number: int, timestamp: int, payload: bytes, now: float, *, marker: bool, retransmitted: bool
    ) -> None:
        """Take a packet, itself or its retransmission."""
        self._heed_fall(now)
        self.nacks.add(number, now, retransmitted=retransmitted)
        self.buffer.add(number, timestamp, payload, now, marker=marker)

    def missing(self, now: float) -> list[int]:
        """Return the numbers to ask for now."""
        return self.nacks.due(now, self.buffer.worth_asking(now))

    @property
    def waiting(self) -> bool:
        """Whether something is missing; else :meth:`on_tick` need not be called."""
        return self.buffer.blocked or len(self.nacks) > 0

    def on_tick(self, now: float) -> bool:
        """About every 15 ms; says whether a key frame should be asked for."""
        self._heed_fall(now)
        return self.buffer.on_tick(now)

    def _heed_fall(self, now: float) -> None:
        brake = self._brake
        self.nacks.queue_s = 0.0 if brake.limit is None else max(0.0, brake.queueing.latest)
        if brake.limit is None:
            self.buffer.resume()
        if self._falls == brake.falls:
            return
        self._falls = brake.falls
        if brake.deep:
            self.buffer.give_up(now)
        else:
            self.buffer.repair(now)
