"""The kit's camera, whichever it is: opened while it is wanted, replaced when it is pulled out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kit.config import Camera as CameraConfig
from kit.ipc.state import Condition, Device
from kit.media.cameras import found
from kit.media.cameras.found import RASPBERRY, Found
from kit.media.cameras.generated import GENERATED, GeneratedCamera
from kit.media.cameras.raspberry import RaspberryCamera
from kit.media.cameras.source import Shot, Source, planes
from kit.media.cameras.v4l2 import V4l2Camera
from kit.media.choice import Choice
from kit.media.worker import DeviceGone, Worker

__all__ = ["GENERATED", "CameraWorker", "GeneratedCamera", "Shot", "Source", "planes"]

_SCENE = Found("generated", GENERATED.label)


class CameraWorker(Worker[Source]):
    """The kit's camera, by the configuration's ``source``."""

    def __init__(
        self,
        config: CameraConfig,
        taken: Callable[[Shot], None],
        changed: Callable[[Device], None],
        opener: Callable[[Found, CameraConfig], Source] | None = None,
    ) -> None:
        """``taken`` is called in the event loop with each picture; while it is late, pictures are dropped."""
        super().__init__("camera", changed)
        self._config = config
        self._taken = taken
        self._opener = opener or open_source
        self._behind = False
        self._choice = Choice(self._present)
        self._current = _SCENE
        self.corrupt = 0
        """Damaged pictures that were dropped, of all cameras so far."""

    def look(self) -> Device:
        """By the kernel's list: looking does not switch a camera on."""
        first = next(iter(self._choice.ordered()), None)
        if first is None:
            return Device(condition=Condition.MISSING)
        return GENERATED if first == _SCENE else Device(condition=Condition.OK, label=first.label)

    def open(self) -> tuple[Source, Device]:
        """Open the first that gives a picture."""
        worst = Condition.MISSING
        for camera in self._choice.ordered():
            try:
                source = self._opened(camera)
            except DeviceGone as gone:
                self._choice.failed(camera)
                worst = gone.condition
                continue
            self._choice.works(camera)
            self._current = camera
            return source, source.device
        raise DeviceGone(worst)

    def work(self, opened: Source) -> None:
        """Take one picture."""
        before = opened.corrupt
        try:
            shot = opened.read()
        except DeviceGone:
            self._choice.failed(self._current)
            raise
        finally:
            self.corrupt += opened.corrupt - before
        if shot is not None:
            self._offer(shot)

    def better(self) -> bool:
        """A camera that was plugged in goes before the one that is used."""
        return self._choice.better_than(self._current)

    def close(self, opened: Source) -> None:
        """End the source."""
        opened.close()

    def _opened(self, camera: Found) -> Source:
        """A camera that opens may still give nothing: wait for its first picture."""
        source = self._opener(camera, self._config)
        shot = None
        try:
            while self.wanted and shot is None:
                shot = source.read()
        except BaseException:
            source.close()
            raise
        if shot is not None:
            self._offer(shot)
        return source

    def _offer(self, shot: Shot) -> None:
        if not self._behind:
            self._behind = True
            self.post(self._deliver, shot)

    def _deliver(self, shot: Shot) -> None:
        self._behind = False
        if self.wanted:
            self._taken(shot)

    def _present(self) -> list[Found]:
        source = self._config.source
        if source == _SCENE.path:
            return [_SCENE]
        if source == "auto":
            # Never the scene: nobody is to be shown a kitchen that is not there.
            return found.cameras()
        if source == RASPBERRY:
            return [Found(RASPBERRY, "Raspberry Pi")]
        return [Found(source, found.label(source))] if Path(source).exists() else []


def open_source(camera: Found, config: CameraConfig) -> Source:
    """Open a camera that was found; DeviceGone when that fails."""
    if camera == _SCENE:
        return GeneratedCamera(config.width, config.height, config.fps)
    if camera.path == RASPBERRY:
        return RaspberryCamera(config)
    return V4l2Camera(camera.path, camera.label, config)
