"""What the kit shows the others beside its main picture: one still picture, or a second camera.

A still picture is held in this process's memory from when it is taken until it is shown no more; then its
bytes are overwritten. It is sent again and again, a few times a second, so that it gets sharp on a narrow
link and who joins late sees it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import av

from kit.ipc import engine as ng
from kit.ipc.call import PresentSource
from kit.ipc.pictures import MAX_HEIGHT, MAX_WIDTH, PictureWriter
from kit.media.camera import SecondCamera, Shot, planes
from kit.media.encoders.ladder import STILL
from kit.media.encoders.scaling import fit
from kit.media.reception import write
from kit.media.rtp.video_out import Content
from kit.media.tracks import CameraTrack

_MOST = MAX_WIDTH * MAX_HEIGHT // 256
_WIPE_AFTER_S = 1.0
"""An encoder may still read the picture; it must not send a half-wiped one."""


class Sharing:
    """One at a time: the source that is aimed at, and the one that is shown."""

    def __init__(
        self,
        second: Callable[[Callable[[Shot], None]], SecondCamera],
        window: PictureWriter,
        track: Callable[[], CameraTrack | None],
        tell: Callable[[ng.Event], None],
    ) -> None:
        """``second`` makes the second camera; ``track`` is where pictures go while something is shown."""
        self.second = second(self._seen)
        self._window = window
        self._track = track
        self._tell = tell
        self._aim = self._shown = PresentSource.NONE
        self._still: av.VideoFrame | None = None
        self._showing: asyncio.Task[None] | None = None

    @property
    def aims_camera(self) -> bool:
        """Whether the kit's own camera is needed for a still picture."""
        return self._aim is PresentSource.STILL

    @property
    def content(self) -> Content:
        """How what is shown is to be coded."""
        return Content.STILL if self._shown is PresentSource.STILL else Content.SCREEN

    @property
    def on(self) -> bool:
        """Whether something is shown."""
        return self._shown is not PresentSource.NONE

    def aim(self, source: PresentSource) -> None:
        """Let staff look at a source; a still picture that is not shown is forgotten."""
        self._aim = source
        if self._shown is not PresentSource.STILL:
            self._forget()
        self._apply()

    def take(self, shot: Shot | None) -> None:
        """Keep the still picture that the camera gave, and let staff see it."""
        self._forget()
        if shot is not None and self._aim is PresentSource.STILL:
            self._still = shot.picture
            write(self._window, fit(shot.picture, STILL[0], _MOST), shot.captured_us)
        self._tell(ng.StillTaken(self._still is not None))

    def show(self, source: PresentSource) -> bool:
        """Begin to show; False when there is nothing to show. NONE ends it, and forgets."""
        if self._showing is not None:
            self._showing.cancel()
            self._showing = None
        still = self._still
        if source is PresentSource.STILL and still is None:
            return False
        before, self._shown = self._shown, source
        if source is PresentSource.STILL and still is not None:
            self._showing = asyncio.create_task(self._repeat(still))
        elif before is PresentSource.STILL or self._aim is PresentSource.NONE:
            self._forget()
        self._apply()
        return True

    def stop(self) -> None:
        """Show nothing, look at nothing, keep nothing."""
        self.show(PresentSource.NONE)
        self.aim(PresentSource.NONE)

    def _apply(self) -> None:
        second = PresentSource.SECOND_CAMERA in (self._aim, self._shown)
        self.second.use(second)
        if not second and self._still is None:
            self._window.clear()

    def _seen(self, shot: Shot) -> None:
        """Show a picture of the second camera."""
        write(self._window, fit(shot.picture, STILL[0], _MOST), shot.captured_us)
        if self._shown is PresentSource.SECOND_CAMERA and (track := self._track()) is not None:
            track.put(shot)

    async def _repeat(self, still: av.VideoFrame) -> None:
        while True:
            if (track := self._track()) is not None:
                track.put(Shot(still, time.time_ns() // 1000))
            await asyncio.sleep(1 / STILL[0].fps)

    def _forget(self) -> None:
        still, self._still = self._still, None
        if still is not None:
            self._window.clear()
            asyncio.get_running_loop().call_later(_WIPE_AFTER_S, wipe, still)


def wipe(picture: av.VideoFrame) -> None:
    """Overwrite a yuv420p picture: freed memory keeps what was in it."""
    for plane in planes(picture):
        plane[:] = 0
