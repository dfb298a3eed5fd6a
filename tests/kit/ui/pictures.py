"""Real pictures in shared memory, without an engine."""

import os
from functools import cache

import numpy as np
import numpy.typing as npt

from kit.ipc.pictures import Picture, PictureReader, PictureWriter, Plane, Stream

Bytes = npt.NDArray[np.uint8]


def planes(luma: Bytes, blue: Bytes, red: Bytes) -> tuple[Plane, Plane, Plane]:
    """Return I420 planes of arrays of (rows, stride)."""
    y, u, v = (Plane(memoryview(p.tobytes()), p.shape[1], p.shape[0]) for p in (luma, blue, red))
    return y, u, v


class FakeCamera:
    """Stands for a PictureClient: the same shared memory, written here."""

    def __init__(self, width: int = 640, height: int = 360) -> None:
        self._pairs = {}
        for stream in Stream:
            writer = PictureWriter(stream)
            self._pairs[stream] = (writer, PictureReader(os.dup(writer.descriptor)))
            self.write(stream, *_scene(width, height))

    def write(self, stream: Stream, luma: Bytes, blue: Bytes, red: Bytes, width: int | None = None) -> None:
        """Publish a picture; ``width`` where the rows are padded."""
        size = (width or luma.shape[1], luma.shape[0])
        self._pairs[stream][0].write(size, 1, planes(luma, blue, red))

    def clear(self, stream: Stream) -> None:
        """Nothing comes any more."""
        self._pairs[stream][0].clear()

    def latest(self, stream: Stream) -> Picture | None:
        """See PictureClient."""
        return self._pairs[stream][1].latest()


@cache
def fake_camera() -> FakeCamera:
    """One for all who only want to see something."""
    return FakeCamera()


def flat(
    width: int, height: int, luma: int, blue: int, red: int, padding: int = 0
) -> tuple[Bytes, Bytes, Bytes]:
    """Return one colour; ``padding`` columns of another one to the right."""
    whole = []
    for rows, columns, value, pad in (
        (height, width, luma, padding),
        ((height + 1) // 2, (width + 1) // 2, blue, padding // 2),
        ((height + 1) // 2, (width + 1) // 2, red, padding // 2),
    ):
        plane = np.full((rows, columns + pad), 0, np.uint8)
        plane[:, :columns] = value
        whole.append(plane)
    y, u, v = whole
    return y, u, v


def _scene(width: int, height: int) -> tuple[Bytes, Bytes, Bytes]:
    """Return a figure before a wall, so that a picture is known for a picture."""
    luma, blue, red = flat(width, height, 150, 120, 132)
    rows, columns = np.mgrid[0:height, 0:width]
    head = (columns - width / 2) ** 2 + (rows - height * 0.4) ** 2 < (height * 0.18) ** 2
    body = ((columns - width / 2) / (width * 0.2)) ** 2 + ((rows - height) / (height * 0.42)) ** 2 < 1
    luma[body], luma[head] = 80, 190
    blue[body[::2, ::2]], red[head[::2, ::2]] = 150, 145
    return luma, blue, red
