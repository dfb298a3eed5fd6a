"""Every kind of encoder, best first. The last of a codec is software and needs nothing but the wheel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from kit.media.encoders.child import VAAPI, VAAPI_LOW_POWER, ChildEncoder
from kit.media.encoders.device import NVENC, QSV, DeviceEncoder
from kit.media.encoders.guard import GuardedEncoder
from kit.media.encoders.interface import VideoEncoder
from kit.media.encoders.picamera import PicameraEncoder
from kit.media.encoders.v4l2 import V4l2Encoder
from kit.media.encoders.vp8 import Vp8Encoder
from kit.media.encoders.x264 import X264Encoder


class Kind(NamedTuple):
    """``name`` is the :attr:`VideoEncoder.name` of what ``make`` makes."""

    name: str
    make: Callable[[], VideoEncoder]
    hardware: bool = False


def _guarded(make: Callable[[], VideoEncoder]) -> Callable[[], VideoEncoder]:
    return partial(GuardedEncoder, make)


KINDS: dict[str, tuple[Kind, ...]] = {
    "H264": (
        Kind("h264_nvenc", _guarded(partial(DeviceEncoder, "h264_nvenc", NVENC)), hardware=True),
        Kind("h264_qsv", _guarded(partial(DeviceEncoder, "h264_qsv", QSV)), hardware=True),
        Kind("ffmpeg_h264_vaapi", partial(ChildEncoder, VAAPI), hardware=True),
        Kind("ffmpeg_h264_vaapi_lp", partial(ChildEncoder, VAAPI_LOW_POWER), hardware=True),
        Kind("h264_v4l2m2m", _guarded(V4l2Encoder), hardware=True),
        Kind("picamera2_h264", _guarded(PicameraEncoder), hardware=True),
        Kind("libx264", X264Encoder),
    ),
    "VP8": (Kind("libvpx", Vp8Encoder),),
}
