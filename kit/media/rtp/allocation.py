"""How the estimate is shared: sound first, then repetition, then pictures."""

from __future__ import annotations

from typing import NamedTuple

from kit.media.rtp.packet import LOWER_LAYERS

FLOOR_BPS = 70_000
"""The least that is sent in all: sound in packets of 40 ms, and reports."""
VIDEO_STOPS_BPS, VIDEO_RESUMES_BPS = 80_000, 100_000
_STOP_AFTER_S, _RESUME_AFTER_S = 1.0, 2.0
_PLENTY_BPS, _RESUME_PLENTY_AFTER_S = 250_000, 0.2
"""A link that was away, not narrow: waiting would only keep the picture still."""
_PACKET_OVERHEAD = 12 + 16 + LOWER_LAYERS
_FRAME_MARGIN = 0.94
_MAX_REPETITION = 0.4
_PROTECT_LOSS = 0.03
_PROTECT_BPS = 600_000
_PROTECT_SHARE = 0.9
_HEAVY_LOSS, _HEAVY_VIDEO_BPS = 0.08, 600_000
"""Who sends all twice into a link that loses a tenth leaves room for others on it: 360 lines are enough."""
MIN_VIDEO_BPS = 30_000
"""Encoders open at no less; a room that allows less is not taken at its word."""


class Sound(NamedTuple):
    """How speech is coded."""

    bitrate: int
    packet_ms: int
    repeated: bool
    """Each packet is sent twice, a packet time apart."""

    @property
    def link_bps(self) -> float:
        """What it takes of the link."""
        times = 2 if self.repeated else 1
        return times * (self.bitrate + _PACKET_OVERHEAD * 8000 / self.packet_ms)


_TIERS = ((100_000, Sound(16_000, 40, repeated=False)), (180_000, Sound(20_000, 40, repeated=False)))
_NORMAL = Sound(32_000, 20, repeated=False)
_REPEATED = Sound(32_000, 20, repeated=True)
_REPEATED_LOSS = 0.008
_REPEATED_BPS, _ALWAYS_REPEATED_BPS = 260_000, 700_000


class Shares(NamedTuple):
    """What each may take, bit/s; ``video`` is 0 while pictures are stopped."""

    sound: Sound
    video: float
    protect: bool
    """Send each packet of a picture twice: loss is high and the link has room."""


class Allocation:
    """Remembers whether pictures are stopped, so that they do not come and go."""

    def __init__(self) -> None:
        self.video_stopped = False
        self._since: float | None = None

    def share(self, now: float, target: float, loss: float, repetition: float, queue_s: float) -> Shares:
        """Divide ``target``; ``repetition`` is what was sent again over the last second, bit/s."""
        sound = self._sound(target, loss)
        if self._stop_video(now, target):
            return Shares(sound, 0.0, protect=False)
        protect = loss > _PROTECT_LOSS and target > _PROTECT_BPS and queue_s < 0.04
        left = target - sound.link_bps
        video = left / (1 + _PROTECT_SHARE) if protect else left - min(_MAX_REPETITION * target, repetition)
        if protect and loss > _HEAVY_LOSS:
            video = min(video, _HEAVY_VIDEO_BPS)
        return Shares(sound, max(MIN_VIDEO_BPS, video * _FRAME_MARGIN), protect)

    @staticmethod
    def _sound(target: float, loss: float) -> Sound:
        for below, sound in _TIERS:
            if target < below:
                return sound
        lossy = loss > _REPEATED_LOSS and target > _REPEATED_BPS
        return _REPEATED if lossy or target > _ALWAYS_REPEATED_BPS else _NORMAL

    def _stop_video(self, now: float, target: float) -> bool:
        wrong = target > VIDEO_RESUMES_BPS if self.video_stopped else target < VIDEO_STOPS_BPS
        if not wrong:
            self._since = None
            return self.video_stopped
        self._since = now if self._since is None else self._since
        if now - self._since > self._patience(target):
            self.video_stopped, self._since = not self.video_stopped, None
        return self.video_stopped

    def _patience(self, target: float) -> float:
        if not self.video_stopped:
            return _STOP_AFTER_S
        return _RESUME_PLENTY_AFTER_S if target > _PLENTY_BPS else _RESUME_AFTER_S
