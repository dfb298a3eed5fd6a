"""VP8 by libvpx, set up as for a call: constant rate, live rate and size, key frames only when asked for."""

from __future__ import annotations

import av
from av.video.reformatter import VideoReformatter

from kit.media.encoders import libvpx
from kit.media.encoders.interface import MAX_BPS, Encoded, EncoderFailed
from kit.media.encoders.ladder import Rung
from kit.media.encoders.scaling import fit

_SPEED, _SCREEN_SPEED = -9, -6
_MAX_INTRA_PERCENT = 300
_NOTICED = 0.02


class Vp8Encoder:
    """Software, wherever Python runs."""

    def __init__(self) -> None:
        self._context: libvpx.Vp8Context | None = None
        self._config = libvpx.Config()
        self._scaler = VideoReformatter()
        self._shape: tuple[int, int, int, bool] | None = None
        self._steps = 0

    @property
    def name(self) -> str:
        """The library's name."""
        return "libvpx"

    def encode(
        self,
        frame: av.VideoFrame,
        rung: Rung,
        bitrate: float,
        now: float,  # noqa: ARG002
        *,
        keyframe: bool,
    ) -> Encoded:
        """See :class:`kit.media.encoders.interface.VideoEncoder`."""
        picture = fit(frame, rung, rung.macroblocks if rung.screen else None, self._scaler)
        kbps = max(1, round(min(bitrate, MAX_BPS) / 1000))
        shape = (picture.width, picture.height, rung.fps, rung.screen)
        if self._context is None or shape != self._shape:
            self._context = self._open(shape, kbps)
            self._shape, keyframe = shape, True
        elif abs(kbps / self._config.target_kbps - 1) > _NOTICED:
            self._config.target_kbps = kbps
            self._context.configure(self._config)
        self._steps += 1
        data, key = self._context.encode(picture, self._steps, libvpx.FORCE_KEYFRAME if keyframe else 0)
        return Encoded(data, key, shape[:2])

    def cpu_elsewhere_s(self) -> float:
        """All of it is used in this process."""
        return 0.0

    def close(self) -> None:
        """Free the encoder."""
        if self._context is not None:
            self._context.close()
        self._context = None

    def _open(self, shape: tuple[int, int, int, bool], kbps: int) -> libvpx.Vp8Context:
        self.close()
        width, height, fps, screen = shape
        config = self._config = libvpx.default_config()
        config.width, config.height, config.threads = width, height, 1
        config.time_num, config.time_den = 1, fps
        config.lag_in_frames, config.resize_allowed, config.drop_threshold = 0, 0, 0
        config.end_usage, config.target_kbps = libvpx.CBR, kbps
        config.min_quantizer, config.max_quantizer = 2, 56
        config.undershoot_percent, config.overshoot_percent = 100, 15
        config.buffer_ms, config.buffer_initial_ms, config.buffer_optimal_ms = 1000, 500, 600
        config.keyframe_mode = 0
        if not 0 < width <= 0x3FFF or not 0 < height <= 0x3FFF:
            raise EncoderFailed("size")
        context = libvpx.Vp8Context(config)
        context.control(libvpx.SET_CPU_USED, _SCREEN_SPEED if screen else _SPEED)
        context.control(libvpx.SET_STATIC_THRESHOLD, 100 if screen else 1)
        context.control(libvpx.SET_MAX_INTRA_PERCENT, _MAX_INTRA_PERCENT)
        context.control(libvpx.SET_SCREEN_CONTENT, int(screen))
        return context
