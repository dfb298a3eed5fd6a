"""The kit's camera, whichever it is: opened while it is wanted, replaced when it is pulled out."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from kit.config import Camera as CameraConfig
from kit.ipc.state import Condition, Device
from kit.media.cameras import found
from kit.media.cameras.found import RASPBERRY, Found
from kit.media.cameras.generated import GENERATED, GeneratedCamera, GeneratedDocument
from kit.media.cameras.raspberry import RaspberryCamera
from kit.media.cameras.source import Shot, Source, planes
from kit.media.cameras.v4l2 import V4l2Camera
from kit.media.choice import Choice
from kit.media.worker import DeviceGone, Worker

__all__ = ["GENERATED", "CameraWorker", "GeneratedCamera", "SecondCamera", "Shot", "Source", "planes"]

_SCENE = Found("generated", GENERATED.label)
_DOCUMENT = Found("generated document", GENERATED.label)
_FULL, _FULL_FPS = (3840, 2160), 5
"""What is asked of a camera for a still picture; it gives the nearest that it has."""
_SETTLED_PICTURES, _SETTLED_S = 8, 3.0


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
        super().__init__(type(self).__name__, changed)
        self._config = config
        self._taken = taken
        self._opener = opener or open_source
        self._behind = False
        self._choice = Choice(self._present)
        self._current = _SCENE
        self._still: Callable[[Shot | None], None] | None = None
        self.corrupt = 0
        """Damaged pictures that were dropped, of all cameras so far."""

    def look(self) -> Device:
        """By the kernel's list: looking does not switch a camera on."""
        first = next(iter(self._choice.ordered()), None)
        if first is None:
            return Device(condition=Condition.MISSING)
        return (
            GENERATED if first in (_SCENE, _DOCUMENT) else Device(condition=Condition.OK, label=first.label)
        )

    def take_still(self, deliver: Callable[[Shot | None], None]) -> None:
        """Take a picture in the camera's full size, once; None when it gave none.

        ``deliver`` is called in the event loop. The camera must be wanted; its other pictures pause
        meanwhile, because no camera streams in two sizes.
        """
        self._still = deliver
        self.look_again()

    @property
    def current(self) -> Found | None:
        """The camera that is used now, or would be."""
        return self._current if self.wanted else next(iter(self._choice.ordered()), None)

    def open(self) -> tuple[Source, Device]:
        """Open the first that gives a picture, after the still picture that was asked for."""
        if (deliver := self._still) is not None:
            self._still = None
            self.post(deliver, self._taken_in_full())
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
        """A camera that was plugged in goes before the one that is used; a still is taken before all else."""
        return self._still is not None or self._choice.better_than(self._current)

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

    def _taken_in_full(self) -> Shot | None:
        """The last of some pictures: exposure and focus need a moment. A usual one where the size fails."""
        largest = replace(self._config, width=_FULL[0], height=_FULL[1], fps=_FULL_FPS)
        for wish in (largest, self._config):
            with contextlib.suppress(DeviceGone, IndexError):
                source = self._opener(self._choice.ordered()[0], wish)
                try:
                    return _settled(source)
                finally:
                    source.close()
        return None

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


class SecondCamera(CameraWorker):
    """A document or rear camera: another one than the kit's own."""

    def __init__(
        self,
        config: CameraConfig,
        taken: Callable[[Shot], None],
        changed: Callable[[Device], None],
        first: Callable[[], Found | None],
    ) -> None:
        """``first`` says which camera is the kit's own."""
        super().__init__(config, taken, changed)
        self._first = first

    def _present(self) -> list[Found]:
        if self._config.source == _SCENE.path:
            return [_DOCUMENT]
        first = self._first()
        return [camera for camera in super()._present() if first is None or camera.path != first.path]


def _settled(source: Source) -> Shot | None:
    """Read for some pictures, and until time is up."""
    shot, count, began = None, 0, time.monotonic()
    while count < _SETTLED_PICTURES and time.monotonic() - began < _SETTLED_S:
        found = source.read()
        if found is not None:
            shot, count = found, count + 1
    return shot


def open_source(camera: Found, config: CameraConfig) -> Source:
    """Open a camera that was found; DeviceGone when that fails."""
    if camera == _SCENE:
        return GeneratedCamera(min(config.width, 1920), min(config.height, 1080), config.fps)
    if camera == _DOCUMENT:
        return GeneratedDocument(config.width, config.height, config.fps)
    if camera.path == RASPBERRY:
        return RaspberryCamera(config)
    return V4l2Camera(camera.path, camera.label, config)
