"""picamera2's ``H264Encoder`` (Raspberry Pi 4 and older), fed with our own pictures.

It takes pictures as file descriptors of DMA buffers from a libcamera request; here the buffer comes from the
kernel's DMA heap and the request is a stand-in with the attributes that the encoder reads (picamera2 0.3.38,
``encoders/v4l2_encoder.py``). On a Raspberry Pi 5 picamera2 would silently encode in software: refused.
"""

from __future__ import annotations

import fcntl
import importlib
import mmap
import queue
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
from av.video.reformatter import VideoReformatter

from kit.media.encoders.interface import LEVEL_3_1_MACROBLOCKS, MAX_BPS, Encoded, EncoderFailed
from kit.media.encoders.ladder import Rung
from kit.media.encoders.scaling import fit
from kit.media.encoders.v4l2 import CID_BITRATE, VIDIOC_S_CTRL

DEVICE = Path("/dev/video11")
_STALL_S, _START_S = 0.7, 4.0
_PERIOD = 9000
_NOTICED = 0.02


class _Buffer:
    """One picture in memory that the encoder's hardware can read."""

    def __init__(self, size: int) -> None:
        heap = importlib.import_module("picamera2.dma_heap").DmaHeap()
        self._file = heap.alloc("encoder", size)
        self.fd: int = self._file.get()
        self.memory = mmap.mmap(self.fd, size)


class PicameraEncoder:
    """The rate changes live (VIDIOC_S_CTRL on picamera2's open device); ``force_key_frame`` is its own."""

    def __init__(self) -> None:
        self._encoder: Any = None
        self._buffer: _Buffer | None = None
        self._shape: tuple[int, int, int] | None = None
        self._made: queue.Queue[tuple[bytes, bool]] = queue.Queue()
        self._scaler = VideoReformatter()
        self._rate = 0.0

    @property
    def name(self) -> str:
        """The library and its class."""
        return "picamera2_h264"

    def encode(
        self, frame: av.VideoFrame, rung: Rung, bitrate: float, now: float, *, keyframe: bool
    ) -> Encoded:
        """See :class:`kit.media.encoders.interface.VideoEncoder`."""
        picture = fit(frame, rung, LEVEL_3_1_MACROBLOCKS, self._scaler)
        shape = (picture.width, picture.height, rung.fps)
        bitrate = min(bitrate, MAX_BPS)
        try:
            fresh = self._encoder is None or shape != self._shape
            if fresh:
                self._open(shape, int(bitrate))
            else:
                self._retune(bitrate)
                if keyframe:
                    self._encoder.force_key_frame()
            self._put(picture, now)
            data, key = self._made.get(timeout=_START_S if fresh else _STALL_S)
        except queue.Empty:
            raise EncoderFailed("stalled") from None
        except (ImportError, AttributeError, RuntimeError, OSError, TypeError) as error:
            raise EncoderFailed(type(error).__name__) from error
        return Encoded(data, key, shape[:2])

    def cpu_elsewhere_s(self) -> float:
        """All of it is used in this process."""
        return 0.0

    def close(self) -> None:
        """Stop picamera2's thread and close the device."""
        encoder, self._encoder, self._buffer = self._encoder, None, None
        if encoder is not None and encoder.running:
            encoder.stop()

    def _open(self, shape: tuple[int, int, int], bps: int) -> None:
        self.close()
        if not DEVICE.exists():
            raise EncoderFailed("no_device")
        encoders = importlib.import_module("picamera2.encoders")
        outputs = importlib.import_module("picamera2.outputs")
        made = self._made = queue.Queue()

        class Collected(outputs.Output):  # type: ignore[name-defined, misc]
            def outputframe(self, frame: bytes, keyframe: bool = True, *_: object, **__: object) -> None:
                made.put((bytes(frame), keyframe))

        width, height, fps = shape
        encoder = encoders.H264Encoder(
            bitrate=bps, repeat=True, iperiod=_PERIOD, framerate=fps, profile="constrained baseline"
        )
        encoder.size, encoder.format, encoder.stride = (width, height), "YUV420", width
        encoder.output = Collected()
        encoder.start()
        self._encoder, self._shape, self._rate = encoder, shape, float(bps)
        self._buffer = _Buffer(width * height * 3 // 2)

    def _retune(self, bitrate: float) -> None:
        if abs(bitrate / self._rate - 1) > _NOTICED:
            fcntl.ioctl(self._encoder.vd, VIDIOC_S_CTRL, struct.pack("=Ii", CID_BITRATE, int(bitrate)))
            self._rate = bitrate

    def _put(self, picture: av.VideoFrame, now: float) -> None:
        assert self._buffer is not None
        data = picture.to_ndarray().tobytes()
        self._buffer.memory[: len(data)] = data
        stream = SimpleNamespace(configuration=SimpleNamespace(frame_size=len(data)))
        plane = SimpleNamespace(fd=self._buffer.fd)
        filled = SimpleNamespace(planes=[plane], metadata=SimpleNamespace(timestamp=int(now * 1e9)))
        request = SimpleNamespace(
            request=SimpleNamespace(buffers=_One(filled), metadata=_One(int(now * 1e9))),
            acquire=_nothing,
            release=_nothing,
        )
        self._encoder.encode(stream, request)


class _One:
    """Answers every key with the same value: there is one stream, and one time stamp."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __getitem__(self, _key: object) -> object:
        return self._value


def _nothing() -> None:
    """Nobody else waits for the buffer."""
