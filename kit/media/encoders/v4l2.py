"""``h264_v4l2m2m`` of PyAV's wheel: the video block of a Raspberry Pi 4 (bcm2835-codec, /dev/video11).

libavcodec sets the rate at open only; the driver takes a new one at any time (VIDIOC_S_CTRL). A control
belongs to one open file, so it goes to the file that libavcodec opened, found among this process's own.
https://docs.kernel.org/userspace-api/media/v4l/ext-ctrls-codec.html
"""

from __future__ import annotations

import fcntl
import struct
from pathlib import Path

from av.video.codeccontext import VideoCodecContext

from kit.media.encoders.ladder import Rung
from kit.media.encoders.wheel import WheelEncoder

VIDIOC_S_CTRL = 0xC008561C
CID_BITRATE = 0x009909CF
_NOTICED = 0.02
_OPEN_FILES = Path("/proc/self/fd")


class V4l2Encoder(WheelEncoder):
    """Constrained baseline; the live rate where the driver's file is found."""

    def __init__(self) -> None:
        super().__init__("h264_v4l2m2m")
        self._file: int | None = None
        self._rate = 0.0

    def close(self) -> None:
        """Release the device."""
        super().close()
        self._file = None

    def _setup(self, context: VideoCodecContext, bitrate: float, rung: Rung) -> None:  # noqa: ARG002
        context.bit_rate, context.max_b_frames = int(bitrate), 0
        context.profile = "Constrained Baseline"
        context.options = {"num_capture_buffers": "8", "num_output_buffers": "4"}
        before = video_files()
        context.open()
        opened = video_files() - before
        self._file = opened.pop() if len(opened) == 1 else None
        self._rate = bitrate

    def _must_reopen(self, bitrate: float, now: float) -> bool:
        return self._file is None and self._reopening.due(bitrate, now)

    def _retune(self, context: VideoCodecContext, bitrate: float) -> None:  # noqa: ARG002
        if self._file is None or abs(bitrate / self._rate - 1) <= _NOTICED:
            return
        try:
            fcntl.ioctl(self._file, VIDIOC_S_CTRL, struct.pack("=Ii", CID_BITRATE, int(bitrate)))
            self._rate = bitrate
        except OSError:
            self._file = None


def video_files() -> set[int]:
    """File descriptors of this process that are video devices."""
    found = set()
    for link in _OPEN_FILES.iterdir():
        try:
            target = link.readlink()
        except OSError:
            continue
        if str(target).startswith("/dev/video"):
            found.add(int(link.name))
    return found
