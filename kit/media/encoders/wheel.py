"""What the encoders of PyAV's wheel share: opening at a new size, time stamps, key frames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from kit.media.encoders.interface import MAX_BPS, Encoded, EncoderFailed, Reopening, Tuner
from kit.media.encoders.ladder import Rung
from kit.media.encoders.scaling import fit, own

KEYFRAME_STEPS = 9000
"""Pictures between key frames that nobody asked for."""


class WheelEncoder(ABC):
    """One ``libavcodec`` encoder; subclasses say how it is set up and how it follows the rate."""

    def __init__(self, name: str) -> None:
        """``name`` is that of the codec in ``libavcodec``."""
        self._name = name
        self._context: VideoCodecContext | None = None
        self._shape: tuple[int, int, int, bool] | None = None
        self._steps = 0
        self._scaler = VideoReformatter()
        self._tuner = Tuner()
        self._reopening = Reopening()

    @property
    def name(self) -> str:
        """The codec's name."""
        return self._name

    def encode(
        self, frame: av.VideoFrame, rung: Rung, bitrate: float, now: float, *, keyframe: bool
    ) -> Encoded:
        """See :class:`kit.media.encoders.interface.VideoEncoder`."""
        fitting = fit(frame, rung, rung.macroblocks, self._scaler)
        picture = own(frame) if fitting is frame else fitting
        bitrate = min(bitrate, MAX_BPS)
        shape = (picture.width, picture.height, rung.fps, rung.screen)
        try:
            if self._context is None or shape != self._shape or self._must_reopen(bitrate, now):
                self._context, self._shape, keyframe = self._open(shape, bitrate, rung), shape, True
                self._reopening.opened(bitrate, now)
                self._tuner.restart(now)
            else:
                self._retune(self._context, bitrate * self._tuner.factor)
            data, made_key = self._run(self._context, picture, rung.fps, keyframe=keyframe)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise EncoderFailed(type(error).__name__) from error
        self._tuner.add(len(data), bitrate / rung.fps, now)
        return Encoded(data, made_key, shape[:2])

    def cpu_elsewhere_s(self) -> float:
        """All of it is used in this process."""
        return 0.0

    def close(self) -> None:
        """Release the codec."""
        self._context = None

    def _run(
        self, context: VideoCodecContext, picture: av.VideoFrame, fps: int, *, keyframe: bool
    ) -> tuple[bytes, bool]:
        picture.pts, picture.time_base = self._steps, Fraction(1, fps)
        self._steps += 1
        picture.pict_type = PictureType.I if keyframe else PictureType.NONE
        packets = context.encode(picture)
        return b"".join(map(bytes, packets)), any(packet.is_keyframe for packet in packets)

    def _open(self, shape: tuple[int, int, int, bool], bitrate: float, rung: Rung) -> VideoCodecContext:
        width, height, fps, _ = shape
        self.close()
        context = cast(VideoCodecContext, av.CodecContext.create(self._name, "w"))
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.framerate, context.time_base = Fraction(fps), Fraction(1, fps)
        context.thread_count = 1
        context.gop_size = KEYFRAME_STEPS
        self._setup(context, bitrate, rung)
        return context

    @abstractmethod
    def _setup(self, context: VideoCodecContext, bitrate: float, rung: Rung) -> None:
        """Set what the codec needs and open it."""

    @abstractmethod
    def _must_reopen(self, bitrate: float, now: float) -> bool:
        """Whether the rate is out of reach of the open codec."""

    @abstractmethod
    def _retune(self, context: VideoCodecContext, bitrate: float) -> None:
        """Change the rate of the open codec, where it can."""
