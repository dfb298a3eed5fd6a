"""The pictures that the kit receives, on their way to the screen."""

from __future__ import annotations

import time
from collections.abc import Callable

import av

from kit.ipc import engine as ng
from kit.ipc.pictures import OTHERS, PictureWriter, Plane, Stream

PLACES = (Stream.REMOTE, *OTHERS)
"""Where rooms that send a picture of each participant show them, the large one first."""
_I420 = frozenset({"yuv420p", "yuvj420p"})


class Reception:
    """Implements :class:`kit.media.leg.Sink` and :class:`kit.media.subscription.Gallery`.

    Says when the large picture and slides begin and end.
    """

    def __init__(
        self,
        writers: dict[Stream, PictureWriter],
        tell: Callable[[ng.Event], None],
    ) -> None:
        self._writers = writers
        self._tell = tell
        self._shown = dict.fromkeys((*PLACES, Stream.SLIDES), False)
        self._presented = False
        self.too_large = 0
        """Pictures that did not fit and were dropped."""

    def picture(self, picture: av.VideoFrame) -> None:
        """The main picture, to the screen."""
        self._show(Stream.REMOTE, picture)

    def slide(self, picture: av.VideoFrame) -> None:
        """A slide, to the screen; one that was still under way when the presentation ended is dropped."""
        if self._presented:
            self._show(Stream.SLIDES, picture)

    def picture_at(self, place: int, picture: av.VideoFrame) -> None:
        """A participant's picture, to the screen."""
        self._show(PLACES[place], picture)

    def vacate(self, place: int) -> None:
        """Nobody is shown there any more."""
        stream = PLACES[place]
        if self._shown[stream]:
            self._writers[stream].clear()
            self._set({**self._shown, stream: False})

    def gone(self) -> None:
        """Nothing comes any more: clear what was shown."""
        for stream in self._shown:
            self._writers[stream].clear()
        self._set(dict.fromkeys(self._shown, False))

    def presented(self, *, on: bool) -> None:
        """A presentation has begun or ended."""
        self._presented = on
        if not on:
            self._writers[Stream.SLIDES].clear()
            self._set({**self._shown, Stream.SLIDES: False})

    def _show(self, stream: Stream, picture: av.VideoFrame) -> None:
        if write(self._writers[stream], picture, time.time_ns() // 1000):
            self._set({**self._shown, stream: True})
        else:
            self.too_large += 1

    def _set(self, shown: dict[Stream, bool]) -> None:
        before, self._shown = self._shown, shown
        if any(shown[stream] != before[stream] for stream in (Stream.REMOTE, Stream.SLIDES)):
            self._tell(ng.MediaChanged(shown[Stream.REMOTE], shown[Stream.SLIDES]))


def write(writer: PictureWriter, picture: av.VideoFrame, captured_us: int) -> bool:
    """Publish a picture in I420, its planes copied once; False when it is too large."""
    if picture.format.name not in _I420:
        picture = picture.reformat(format="yuv420p")
    y, u, v = (Plane(memoryview(plane), plane.line_size, plane.height) for plane in picture.planes)
    try:
        writer.write((picture.width, picture.height), captured_us, (y, u, v))
    except ValueError:
        return False
    return True
