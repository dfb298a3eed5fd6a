"""Encoders of the graphics chip that PyAV's wheel can open: Intel Quick Sync and NVENC.

They have no live rate through libavcodec: a new rate opens the encoder again.
"""

from __future__ import annotations

from collections.abc import Mapping

from av.video.codeccontext import VideoCodecContext

from kit.media.encoders.ladder import Rung
from kit.media.encoders.wheel import WheelEncoder

QSV: Mapping[str, str] = {
    "preset": "veryfast",
    "profile": "baseline",
    "level": "31",
    "async_depth": "1",
    "low_delay_brc": "1",
    "forced_idr": "1",
    "look_ahead": "0",
}
NVENC: Mapping[str, str] = {
    "preset": "p2",
    "tune": "ull",
    "profile": "baseline",
    "level": "3.1",
    "rc": "cbr",
    "delay": "0",
    "zerolatency": "1",
    "forced-idr": "1",
}
_BUFFER_S = 0.2


class DeviceEncoder(WheelEncoder):
    """``options`` are the codec's own, without the rate."""

    _FORMATS: Mapping[str, str] = {"h264_qsv": "nv12"}

    def __init__(self, name: str, options: Mapping[str, str]) -> None:
        super().__init__(name)
        self._options = options

    def _setup(self, context: VideoCodecContext, bitrate: float, rung: Rung) -> None:  # noqa: ARG002
        context.pix_fmt = self._FORMATS.get(self._name, "yuv420p")
        context.bit_rate, context.max_b_frames = int(bitrate), 0
        rate = {"maxrate": str(int(bitrate)), "bufsize": str(int(bitrate * _BUFFER_S))}
        context.options = {**self._options, **rate}
        context.open()

    def _must_reopen(self, bitrate: float, now: float) -> bool:
        return self._reopening.due(bitrate, now)

    def _retune(self, context: VideoCodecContext, bitrate: float) -> None:
        """There is no way."""
