"""The composed picture that one participant is sent: the others, or a hold picture.

Nothing is ever drawn over the upper part of a picture, so that a time code in its top rows survives; names go
to the lower edge.
"""

import asyncio
import math
import threading

import av
import msgspec

from kit.meeting.testroom.media import lettering, planes

MOST_TILES = 16
LARGEST_SLIDES = (1920, 1080)


class PictureSource:
    """The latest picture of one participant, and its scaled copies.

    Written on the event loop; ``fitted`` may be called from worker threads.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.at = -math.inf
        self._frame: av.VideoFrame | None = None
        self._scaled: dict[tuple[int, int], tuple[int, av.VideoFrame]] = {}
        self._lock = threading.Lock()
        self._changed = asyncio.Event()

    def put(self, frame: av.VideoFrame, now: float) -> None:
        """A new picture has come; ``now`` in seconds of a monotonic clock."""
        self._frame, self.seq, self.at = frame, self.seq + 1, now
        self._changed.set()
        self._changed = asyncio.Event()

    async def newer(self) -> None:
        """Wait for the next picture."""
        await self._changed.wait()

    @property
    def has_picture(self) -> bool:
        """True from the first picture until ``clear``."""
        return self._frame is not None

    def clear(self) -> None:
        """Forget the picture: the participant sends none any more."""
        self._frame, self.at = None, -math.inf
        self._scaled.clear()

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the newest picture; None without one."""
        frame = self._frame
        return None if frame is None else (frame.width, frame.height)

    def fitted(self, width: int, height: int) -> av.VideoFrame | None:
        """The picture, scaled to fit the space; do not draw into it. One scaling serves all who look."""
        frame, seq = self._frame, self.seq
        if frame is None:
            return None
        size = planes.fit((frame.width, frame.height), (width, height))
        with self._lock:
            known = self._scaled.get(size)
            if known is None or known[0] != seq:
                known = (seq, planes.resized(frame, *size))
                self._scaled = {k: v for k, v in self._scaled.items() if v[0] == seq} | {size: known}
        return known[1]


class Tile(msgspec.Struct, frozen=True):
    """One participant in the picture; without a source a name plate stands for it."""

    name: str
    source: PictureSource | None
    muted: bool = False


class Scene(msgspec.Struct, frozen=True):
    """What to compose: tiles, or the words of a hold picture."""

    tiles: tuple[Tile, ...] = ()
    hold: str = ""

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to show."""
        return not self.tiles and not self.hold

    @property
    def live(self) -> tuple[PictureSource, ...]:
        """Sources in the picture that send."""
        return tuple(tile.source for tile in self.tiles if tile.source is not None)


def slides_size(scene: Scene) -> tuple[int, int]:
    """A presentation keeps the size in which it comes, up to :data:`LARGEST_SLIDES`; multiples of 4."""
    size = scene.live[0].size if scene.live else None
    width, height = size or LARGEST_SLIDES
    scale = min(1.0, LARGEST_SLIDES[0] / width, LARGEST_SLIDES[1] / height)
    return max(16, int(width * scale) // 4 * 4), max(16, int(height * scale) // 4 * 4)


def grid(count: int, width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of each tile, multiples of 4; the last row is centred."""
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    w, h = width // columns // 4 * 4, height // columns // 4 * 4
    above = (height - rows * h) // 2 // 2 * 2
    places = []
    for index in range(count):
        row, column = divmod(index, columns)
        in_row = min(columns, count - row * columns)
        left = (width - in_row * w) // 2 // 2 * 2
        places.append((left + column * w, above + row * h, w, h))
    return places


def compose(scene: Scene, width: int, height: int, tick: int) -> av.VideoFrame:
    """A new yuv420p picture of this size; ``tick`` moves the hold picture."""
    if not scene.tiles:
        return _copy(lettering.hold(scene.hold, width, height, tick % 3), width, height)
    shown = scene.tiles[:MOST_TILES]
    canvas = planes.blank(width, height)
    for tile, place in zip(shown, grid(len(shown), width, height), strict=True):
        _draw(canvas, tile, place)
    return canvas


def _draw(canvas: av.VideoFrame, tile: Tile, place: tuple[int, int, int, int]) -> None:
    left, top, width, height = place
    picture = tile.source.fitted(width, height) if tile.source is not None else None
    shown = picture or lettering.name_plate(tile.name, width, height)
    x = left + (width - shown.width) // 2 // 2 * 2
    y = top + (height - shown.height) // 2 // 2 * 2
    planes.paste(canvas, shown, x, y)
    if tile.name and (picture is not None or tile.muted):
        text_height = max(10, height // 24)
        overlay, alpha = lettering.label(tile.name, tile.muted, text_height)
        margin = text_height // 2 // 2 * 2
        rows = alpha.shape[0]
        columns = min(alpha.shape[1], (width - 2 * margin) // 2 * 2)
        cut = (overlay[0][:, :columns], overlay[1][:, : columns // 2], overlay[2][:, : columns // 2])
        corner = (left + width - columns - margin, top + height - rows - margin)
        planes.blend(canvas, cut, alpha[:, :columns], *corner)


def _copy(picture: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    canvas = av.VideoFrame(width, height, "yuv420p")
    planes.paste(canvas, picture, 0, 0)
    return canvas
