"""Pictures from a V4L2 camera, or from the generated scene where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import av
import numpy as np
from av.container import InputContainer

from kit.config import Camera as CameraConfig
from kit.ipc.state import Condition, Device
from kit.media.paint import Planes
from kit.media.scene import Scene
from kit.media.worker import RETRY_S, DeviceGone, Worker

_CLASS = Path("/sys/class/video4linux")
_NOT_CAMERAS = ("bcm2835-", "rpi", "pispbe", "v4l2loopback output")
"""Codecs and image processors of a Raspberry Pi are video nodes too."""
_READ_S = 5.0
_FORMATS: tuple[dict[str, str], ...] = ({"input_format": "mjpeg"}, {})
"""Many USB cameras reach their full rate as MJPEG only."""

GENERATED = Device(condition=Condition.OK, label="generated", simulated=True)


class Shot(NamedTuple):
    """A picture in yuv420p and its unix time in µs."""

    picture: av.VideoFrame
    captured_us: int


class Source(Protocol):
    """Where pictures come from; used in the camera's thread."""

    device: Device

    def read(self) -> Shot:
        """Wait for the next picture; DeviceGone when none comes any more."""

    def close(self) -> None:
        """End it."""


class GeneratedCamera:
    """The scene, drawn at each ``1 / fps`` of the wall clock."""

    device = GENERATED

    def __init__(self, width: int, height: int, fps: int) -> None:
        """Odd sizes lose a line: I420 has one chroma sample for two."""
        self._scene = Scene(width // 2 * 2, height // 2 * 2)
        self._fps = fps
        self._next = 0

    def read(self) -> Shot:
        """Never fails; a late caller skips pictures."""
        now = time.time()
        self._next = max(self._next + 1, int(now * self._fps))
        time.sleep(max(self._next / self._fps - now, 0))
        at = time.time()
        frame = av.VideoFrame(self._scene.width, self._scene.height, "yuv420p")
        self._scene.draw(planes(frame), int(at * 1000))
        return Shot(frame, int(at * 1_000_000))

    def close(self) -> None:
        """Nothing to end."""


class OpenedCamera:
    """A camera that FFmpeg reads: V4L2 on the kit."""

    def __init__(self, path: str, config: CameraConfig, kind: str = "v4l2") -> None:
        """``kind`` is FFmpeg's name of the input; DeviceGone when it cannot be opened."""
        self.device = Device(condition=Condition.OK, label=label(path))
        self._container = _open(path, kind, config)
        self._pictures: Iterator[av.VideoFrame] = self._container.decode(video=0)

    def read(self) -> Shot:
        """MJPEG arrives as yuvj422p, other cameras give YUYV or NV12: all become yuv420p, never RGB."""
        try:
            picture = next(self._pictures)
        except (StopIteration, av.FFmpegError):
            raise DeviceGone(Condition.BAD) from None
        if picture.format.name != "yuv420p":
            picture = picture.reformat(format="yuv420p")
        return Shot(picture, time.time_ns() // 1000)

    def close(self) -> None:
        """Give the device back."""
        self._container.close()


class CameraWorker(Worker[Source]):
    """The kit's camera, by the configuration's ``source``."""

    def __init__(
        self, config: CameraConfig, taken: Callable[[Shot], None], changed: Callable[[Device], None]
    ) -> None:
        """``taken`` is called in the event loop with each picture; while it is late, pictures are dropped."""
        super().__init__("camera", changed)
        self._config = config
        self._taken = taken
        self._behind = False
        self._looked_at = 0.0

    def look(self) -> Device:
        """By the kernel's list: looking does not switch a camera on."""
        path = self._path()
        if path is None:
            return GENERATED
        if not Path(path).exists():
            return Device(condition=Condition.MISSING)
        return Device(condition=Condition.OK, label=label(path))

    def open(self) -> tuple[Source, Device]:
        """A camera goes before the scene."""
        path, config = self._path(), self._config
        source: Source
        if path is None:
            source = GeneratedCamera(config.width, config.height, config.fps)
        else:
            source = OpenedCamera(path, config)
        return source, source.device

    def work(self, opened: Source) -> None:
        """Take one picture; a camera that was plugged in takes over from the scene."""
        shot = opened.read()
        if not self._behind:
            self._behind = True
            self.post(self._deliver, shot)
        if opened.device.simulated and time.monotonic() - self._looked_at > RETRY_S:
            self._looked_at = time.monotonic()
            if self._path() is not None:
                raise DeviceGone(Condition.UNKNOWN)

    def close(self, opened: Source) -> None:
        """End the source."""
        opened.close()

    def _deliver(self, shot: Shot) -> None:
        self._behind = False
        if self.wanted:
            self._taken(shot)

    def _path(self) -> str | None:
        source = self._config.source
        if source == "generated":
            return None
        return first_camera() if source == "auto" else source


def first_camera() -> str | None:
    """Return the device of the first V4L2 camera, or None."""
    for node in sorted(_CLASS.glob("video*"), key=lambda node: (len(node.name), node.name)):
        # A camera's further nodes carry metadata.
        if _text(node / "index") == "0" and not _text(node / "name").startswith(_NOT_CAMERAS):
            return f"/dev/{node.name}"
    return None


def label(path: str) -> str:
    """Return a camera's name as its driver gives it, or its device's name."""
    node = Path(path).name
    return (_text(_CLASS / node / "name") or node)[:64]


def planes(frame: av.VideoFrame) -> Planes:
    """Return a yuv420p picture's planes as writable arrays without padding."""
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    )
    return Planes(y, u, v)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _open(path: str, kind: str, config: CameraConfig) -> InputContainer:
    wish = {"video_size": f"{config.width}x{config.height}", "framerate": str(config.fps)}
    for options in (*({**wish, **extra} for extra in _FORMATS), {}):
        try:
            return av.open(path, format=kind, options=options, timeout=_READ_S)
        except (av.FFmpegError, ValueError):
            continue
        except OSError:
            break
    raise DeviceGone(Condition.BAD if Path(path).exists() else Condition.MISSING)
