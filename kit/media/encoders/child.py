"""An encoder in a child process: Debian's ``ffmpeg``, which has VAAPI where PyAV's wheel has not.

Pictures go in as Matroska, because its time stamps are ours: a jump of
:data:`kit.media.encoders.process.JUMP_MS` asks for a key frame (``-force_key_frames expr``). H.264 comes out
as FLV, which tells the size of each picture, so that none waits for the next one's start code. FFmpeg cannot
change the rate of an open encoder: a second child is begun beside the first with the new rate, and takes over
with a key frame once it has shown that it encodes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import av
from av.video.reformatter import VideoReformatter

from kit.media.encoders.interface import LEVEL_3_1_MACROBLOCKS, MAX_BPS, Encoded, EncoderFailed, Reopening
from kit.media.encoders.ladder import Rung
from kit.media.encoders.process import Child
from kit.media.encoders.scaling import fit

START_S, STALL_S = 4.0, 1.0


class Codec(NamedTuple):
    """What of the command line belongs to one codec."""

    name: str
    label: str
    """A static word for health."""
    device: str
    """Pattern of the device's file below /dev, put in place of ``{}`` before the input; empty for none."""
    before_input: tuple[str, ...]
    filters: str
    """``-vf``; empty for none."""
    options: tuple[str, ...]
    rate: Callable[[int], tuple[str, ...]]
    """Options for a bit rate."""


def _constant(buffer_s: float) -> Callable[[int], tuple[str, ...]]:
    def options(bps: int) -> tuple[str, ...]:
        return ("-b:v", str(bps), "-maxrate", str(bps), "-bufsize", str(int(bps * buffer_s)))

    return options


VAAPI = Codec(
    name="h264_vaapi",
    label="ffmpeg_h264_vaapi",
    device="dri/renderD*",
    before_input=("-vaapi_device", "{}"),
    filters="format=nv12,hwupload",
    options=("-profile:v", "constrained_baseline", "-level", "31", "-rc_mode", "CBR", "-async_depth", "1"),
    rate=_constant(0.2),
)
"""https://trac.ffmpeg.org/wiki/Hardware/VAAPI"""
VAAPI_LOW_POWER = VAAPI._replace(label="ffmpeg_h264_vaapi_lp", options=(*VAAPI.options, "-low_power", "1"))
"""Intel's newer chips have only this entry point (VAEntrypointEncSliceLP)."""
STAND_IN = Codec(
    name="libx264",
    label="ffmpeg_libx264",
    device="",
    before_input=(),
    filters="",
    options=(
        *("-preset", "superfast", "-tune", "zerolatency", "-profile:v", "baseline", "-level", "3.1"),
        *("-x264-params", "scenecut=0:subme=0", "-threads", "1"),
    ),
    rate=_constant(0.12),
)
"""Software by the same road, to prove the road where there is no such hardware."""


class ChildEncoder:
    """One ``ffmpeg`` at a time, two while the rate changes."""

    def __init__(self, codec: Codec, program: str = "ffmpeg") -> None:
        self._codec, self._program = codec, program
        self._child: Child | None = None
        self._next: Child | None = None
        self._shape: tuple[int, int, int] | None = None
        self._scaler = VideoReformatter()
        self._reopening = Reopening()
        self._past_cpu_s = 0.0

    @property
    def name(self) -> str:
        """The codec's label."""
        return self._codec.label

    @property
    def processes(self) -> list[int]:
        """Process ids of the children."""
        return [child.pid for child in (self._child, self._next) if child is not None]

    def encode(
        self, frame: av.VideoFrame, rung: Rung, bitrate: float, now: float, *, keyframe: bool
    ) -> Encoded:
        """See :class:`kit.media.encoders.interface.VideoEncoder`."""
        picture = fit(frame, rung, LEVEL_3_1_MACROBLOCKS, self._scaler)
        shape = (picture.width, picture.height, rung.fps)
        bitrate = min(bitrate, MAX_BPS)
        if self._child is None or shape != self._shape:
            self.close()
            self._shape = shape
            self._child = self._begin(shape, bitrate, now)
        elif self._next is not None and self._next.has_encoded():
            self._end(self._child)
            self._child, self._next = self._next, None
            keyframe = True
        elif self._next is None and self._reopening.due(bitrate, now):
            self._next = self._begin(shape, bitrate, now)
            self._next.put(picture, keyframe=False, deadline_s=STALL_S)
        child = self._child
        made = child.encode(picture, keyframe=keyframe, deadline_s=STALL_S if child.warm else START_S)
        return Encoded(made.data, made.keyframe, shape[:2])

    def cpu_elsewhere_s(self) -> float:
        """What the children used."""
        return self._past_cpu_s + sum(c.cpu_s() for c in (self._child, self._next) if c is not None)

    def close(self) -> None:
        """End the children."""
        for child in (self._child, self._next):
            if child is not None:
                self._end(child)
        self._child = self._next = None

    def _end(self, child: Child) -> None:
        self._past_cpu_s += child.cpu_s()
        child.close()

    def _begin(self, shape: tuple[int, int, int], bitrate: float, now: float) -> Child:
        self._reopening.opened(bitrate, now)
        width, height, fps = shape
        try:
            return Child(self._command(int(bitrate), fps), width, height, fps)
        except OSError as error:
            raise EncoderFailed("no_ffmpeg") from error

    def _command(self, bps: int, fps: int) -> list[str]:
        codec = self._codec
        before = [word.format(_device(codec.device)) for word in codec.before_input]
        return [
            *(self._program, "-hide_banner", "-loglevel", "quiet", "-nostdin", *before),
            *("-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0"),
            *("-f", "matroska", "-i", "pipe:0", "-an", "-fps_mode", "passthrough"),
            *(("-vf", codec.filters) if codec.filters else ()),
            *("-c:v", codec.name, *codec.options, *codec.rate(bps)),
            *("-bf", "0", "-g", str(300 * fps)),
            *("-force_key_frames", "expr:gte(t,n_forced*1000)"),
            *("-f", "flv", "-flvflags", "no_duration_filesize", "-flush_packets", "1", "pipe:1"),
        ]


def _device(pattern: str) -> Path:
    found = sorted(Path("/dev").glob(pattern))
    if not found:
        raise EncoderFailed("no_device")
    return found[0]
