"""Lips and voice: how far picture and sound of one sender are apart, and what to hold back for it.

Sender reports tie both streams to the sender's wall clock (RFC 3550, 6.4.1).
"""

from __future__ import annotations

from kit.media.rtp.rtcp import SenderReport
from kit.media.rtp.serial import Unwrapper

MAX_LEAD_S = 0.06
"""A picture may be this much ahead of its sound; EN 301 549, 6.5.4 allows 100 ms."""
MAX_LAG_S = 0.08
"""A picture may be this much behind its sound, or the sound waits."""
MAX_HOLD_S, MAX_SOUND_HOLD_S = 0.4, 0.15
_NTP_UNIT = 1 / (1 << 32)
_STEP = 0.05


class CaptureClock:
    """Wall clock of capture for the RTP timestamps of one stream."""

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._unwrap = Unwrapper(32)
        self._anchor: tuple[int, float] | None = None

    def on_sender_report(self, report: SenderReport) -> None:
        """Take a new anchor."""
        self._anchor = (self._unwrap(report.rtp_timestamp), report.ntp * _NTP_UNIT)

    def captured_at(self, timestamp: int) -> float | None:
        """Seconds of the sender's wall clock; None before the first report."""
        if self._anchor is None:
            return None
        ticks, wall = self._anchor
        return wall + (self._unwrap(timestamp) - ticks) / self._clock_rate


class LipSync:
    """Compares the age at which sound and pictures are shown.

    Sound may be told of in another thread: each field has one writer, and holds a number.
    """

    def __init__(self) -> None:
        self._sound_age: float | None = None
        self._picture_age: float | None = None
        self.hold_s = 0.0
        """Seconds to hold a picture back now."""
        self.sound_hold_s = 0.0
        """Seconds to hold sound back now, while pictures come late."""

    @property
    def offset_s(self) -> float | None:
        """Picture later than its sound is positive; None until both are known."""
        if self._sound_age is None or self._picture_age is None:
            return None
        return self._picture_age - self._sound_age

    def on_sound(self, captured_at: float, now: float) -> None:
        """Sound of this capture time leaves the speaker path."""
        self._sound_age = _follow(self._sound_age, now - captured_at)

    def on_picture(self, captured_at: float, now: float) -> None:
        """A picture of this capture time is shown, after it was held for :attr:`hold_s`."""
        self._picture_age = _follow(self._picture_age, now - captured_at)
        offset = self.offset_s
        if offset is not None:
            self.hold_s = _towards(self.hold_s, -offset - MAX_LEAD_S, MAX_HOLD_S)
            self.sound_hold_s = _towards(self.sound_hold_s, offset - MAX_LAG_S, MAX_SOUND_HOLD_S)


def _towards(hold: float, missing: float, most: float) -> float:
    """Move a hold by a part of what is missing, between 0 and ``most``."""
    return hold + _STEP * (min(most, max(0.0, hold + missing)) - hold)


def _follow(average: float | None, value: float) -> float:
    """Smooth; a jump (another source, a restart) is followed at once."""
    if average is None or abs(value - average) > 1.0:
        return value
    return 0.9 * average + 0.1 * value
