"""Pictures at the size that a rung wants."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation, VideoReformatter

from kit.media.cameras.source import planes
from kit.media.encoders.ladder import Rung


def fit(
    frame: av.VideoFrame,
    rung: Rung,
    most_macroblocks: int | None = None,
    scaler: VideoReformatter | None = None,
) -> av.VideoFrame:
    """Scale to the rung's shorter side, never up, keeping the shape; sides are even, the format yuv420p.

    ``scaler`` is the caller's own, for one thread: to set one up costs as much as to scale a picture.
    """
    short = min(frame.width, frame.height)
    height = min(short, rung.height)
    width, height = _scaled(frame, height / short)
    while most_macroblocks is not None and -(-width // 16) * -(-height // 16) > most_macroblocks:
        width, height = _scaled(frame, (min(width, height) - 2) / short)
    while _can_halve(frame) and 2 * width <= frame.width and 2 * height <= frame.height:
        frame = halved(frame)
    if (width, height) == (frame.width, frame.height) and frame.format.name == "yuv420p":
        return frame
    # A frame's own reformatter is not thread-safe, and one frame may go to several encoders at once.
    # With more threads than one, starting them for each picture costs twice the scaling.
    scaler = scaler or VideoReformatter()
    return scaler.reformat(
        frame, width=width, height=height, format="yuv420p", interpolation=Interpolation.AREA, threads=1
    )


def own(picture: av.VideoFrame) -> av.VideoFrame:
    """Another frame around the same yuv420p picture: its time and kind may be set, others may have it too."""
    return av.VideoFrame.from_dlpack(planes(picture), format="yuv420p")


def halved(picture: av.VideoFrame) -> av.VideoFrame:
    """Half as wide and as high, each pixel the mean of four, for yuv420p with sides that four divides.

    Bit by bit what swscale's area makes of it, in a third of the time: numpy adds whole rows at once.
    """
    return av.VideoFrame.from_dlpack([_mean_of_four(plane) for plane in planes(picture)], format="yuv420p")


def _can_halve(picture: av.VideoFrame) -> bool:
    return picture.format.name == "yuv420p" and picture.width % 4 == 0 and picture.height % 4 == 0


def _mean_of_four(plane: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    pairs = plane.view(np.uint16)
    sums = (pairs & 0xFF) + (pairs >> 8)
    return ((sums[0::2] + sums[1::2] + 2) >> 2).astype(np.uint8)


def _scaled(frame: av.VideoFrame, scale: float) -> tuple[int, int]:
    width, height = (2 * round(side * scale / 2) for side in (frame.width, frame.height))
    return width, height
