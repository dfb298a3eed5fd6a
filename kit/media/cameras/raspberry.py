"""The Raspberry Pi's own camera, through libcamera. Debian's package or the ``pi`` extra brings picamera2."""

from __future__ import annotations

import contextlib
from types import ModuleType
from typing import Any

import numpy as np

from kit.config import Camera as Wish
from kit.ipc.state import Condition, Device
from kit.media.cameras.decode import Corrupt, Decoder
from kit.media.cameras.source import WAIT_S, Patience, Shot, unix_us
from kit.media.worker import DeviceGone

_STREAM = "main"
_BUFFERS = 4


def library() -> ModuleType:
    """Import picamera2, which takes a second and looks for cameras; DeviceGone where it is not installed."""
    try:
        import picamera2
    except ImportError:
        raise DeviceGone(Condition.MISSING) from None
    module: ModuleType = picamera2
    return module


class RaspberryCamera:
    """YUV420 as the image processor makes it. Implements :class:`kit.media.cameras.source.Source`."""

    def __init__(self, wish: Wish, picamera2: ModuleType | None = None) -> None:
        """Open the first camera that is not a USB camera; DeviceGone when that fails."""
        self._library = picamera2 or library()
        self.corrupt = 0
        self._patience = Patience()
        self._job: Any = None
        number, model = _first(self._library)
        self.device = Device(condition=Condition.OK, label=model[:64])
        try:
            self._camera = self._library.Picamera2(number)
        except (RuntimeError, IndexError):
            # libcamera says RuntimeError for a camera that another process has.
            raise DeviceGone(Condition.BAD) from None
        try:
            self._decoder = self._begin(wish)
        except (RuntimeError, ValueError):
            self.close()
            raise DeviceGone(Condition.BAD) from None

    def read(self) -> Shot | None:
        """See :meth:`Source.read`."""
        if self._job is None:
            self._job = self._camera.capture_request(wait=False)
        try:
            request = self._job.get_result(timeout=WAIT_S)
        except TimeoutError:
            # The job stays: a request that came later with nobody to release it would be lost to the camera.
            self._patience.check()
            return None
        self._job = None
        try:
            shot = self._shot(request)
        except Corrupt:
            self.corrupt += 1
            self._patience.check()
            return None
        finally:
            request.release()
        self._patience.seen()
        return shot

    def close(self) -> None:
        """See :meth:`Source.close`."""
        with contextlib.suppress(RuntimeError):
            self._camera.stop()
        with contextlib.suppress(RuntimeError):
            self._camera.close()

    def _begin(self, wish: Wish) -> Decoder:
        wanted = self._camera.create_video_configuration(
            main={"size": (wish.width // 2 * 2, wish.height // 2 * 2), "format": "YUV420"},
            controls={"FrameRate": float(wish.fps)},
            buffer_count=_BUFFERS,
            queue=False,
        )
        self._camera.configure(wanted)
        # Sizes may have been aligned, and rows are longer than the picture is wide.
        agreed = self._camera.camera_configuration()[_STREAM]
        width, height = agreed["size"]
        self._camera.start()
        return Decoder("YU12", width, height, agreed["stride"])

    def _shot(self, request: Any) -> Shot:
        with self._library.MappedArray(request, _STREAM, reshape=False, write=False) as mapped:
            picture = self._decoder.picture(np.ascontiguousarray(mapped.array).data)
        sensed_us = int(request.get_metadata().get("SensorTimestamp", 0)) // 1000
        return Shot(picture, unix_us(sensed_us))


def _first(picamera2: ModuleType) -> tuple[int, str]:
    for found in picamera2.Picamera2.global_camera_info():
        if "/usb" not in found["Id"]:
            return int(found["Num"]), str(found.get("Model", ""))
    raise DeviceGone(Condition.MISSING)
