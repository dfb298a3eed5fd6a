"""libx264 in PyAV's wheel: constrained baseline, level 3.1 unless more is taken, live rate, one thread.

Chosen with ``make bench-encoders``: 720p is where the processor time goes. It does without deblocking, which
takes away more detail at such rates than edges of blocks, and sub-pixel search: 10 % less time, 0.3 dB more.
"""

from __future__ import annotations

from av.video.codeccontext import VideoCodecContext

from kit.media.encoders.interface import LEVEL_3_1_MACROBLOCKS, MAX_BPS
from kit.media.encoders.ladder import Rung
from kit.media.encoders.wheel import WheelEncoder

_BUFFER_S = 0.12
_SCREEN_BUFFER_S = 1.0
_CEILING = 1.5
_REOPEN = (0.4, 3.0)
_NOTICED = 0.02


class X264Encoder(WheelEncoder):
    """Software, wherever Python runs."""

    def __init__(self) -> None:
        super().__init__("libx264")
        self._rate = self._opened_rate = 0.0

    def _setup(self, context: VideoCodecContext, bitrate: float, rung: Rung) -> None:
        # Opened as constant rate at the rung's ceiling: x264 then follows a lowered bit_rate without a key
        # frame, but never above the maxrate of the open. bufsize stays absolute.
        ceiling = int(max(bitrate, min(MAX_BPS, _CEILING * rung.below)))
        buffer_s = _SCREEN_BUFFER_S if rung.screen else _BUFFER_S
        context.bit_rate = ceiling
        context.options = {
            "tune": "zerolatency",
            "profile": "baseline",
            "level": "3.1" if rung.macroblocks <= LEVEL_3_1_MACROBLOCKS else "4",
            "maxrate": str(ceiling),
            "bufsize": str(int(bitrate * buffer_s)),
            **_effort(rung),
        }
        context.open()
        context.bit_rate = int(bitrate)
        self._rate = self._opened_rate = bitrate

    def _must_reopen(self, bitrate: float, now: float) -> bool:  # noqa: ARG002
        low, high = _REOPEN
        return not low < bitrate / self._opened_rate < high

    def _retune(self, context: VideoCodecContext, bitrate: float) -> None:
        if abs(bitrate / self._rate - 1) > _NOTICED:
            self._rate = bitrate
            context.bit_rate = int(bitrate)


def _effort(rung: Rung) -> dict[str, str]:
    """Slides come seldom, so that each may take its time, and their edges must not be smoothed away."""
    if rung.screen:
        return {"preset": "faster", "x264-params": "scenecut=0:deblock=-3,-3:aq-mode=0:ref=1"}
    if rung.height > 540:
        return {"preset": "ultrafast", "x264-params": "scenecut=0:aq-mode=1:partitions=i4x4"}
    return {"preset": "superfast", "x264-params": "scenecut=0"}
