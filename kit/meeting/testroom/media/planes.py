"""YUV 4:2:0 pictures as numpy planes: make, copy, fit, paste.

A picture stays in YUV from the decoder to the encoder: conversion to RGB and back costs more than all else.
"""

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, VideoReformatter

Plane = npt.NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]

INK_YUV = (36, 138, 120)
"""The dark ground behind pictures."""

_ASPECT_TOLERANCE = 0.03


def blank(width: int, height: int, yuv: tuple[int, int, int] = INK_YUV) -> av.VideoFrame:
    """A new picture of one colour; width and height even."""
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, value in zip(views(frame), yuv, strict=True):
        plane[:] = value
    return frame


def views(frame: av.VideoFrame) -> Planes:
    """The Y, U and V planes of a yuv420p picture, writable, without padding."""
    y, u, v = (
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]  # type: ignore[call-overload]
        for plane in frame.planes
    )
    return y, u, v


def fit(source: tuple[int, int], space: tuple[int, int]) -> tuple[int, int]:
    """The size, a multiple of 4, at which a (width, height) source fills the space without being cut.

    Shapes that differ by no more than 3 % are stretched: encoders round sizes down.
    """
    width, height = space
    ratio = source[0] * height / (source[1] * width)
    if abs(ratio - 1) <= _ASPECT_TOLERANCE:
        return space
    if ratio > 1:
        return width, max(4, round(height / ratio / 4) * 4)
    return max(4, round(width * ratio / 4) * 4), height


def resized(frame: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """The picture as yuv420p of this size, in video range; the same object where it already is.

    Chromium sends canvases in full range (16 is not its black): unless that is converted, the receiver, who
    is not told, shows them washed out.
    """
    full = frame.color_range == ColorRange.JPEG or frame.format.name == "yuvj420p"
    if not full and (frame.width, frame.height, frame.format.name) == (width, height, "yuv420p"):
        return frame
    # A frame's own reformatter is not thread-safe, and one frame may be drawn for several callers at once.
    return VideoReformatter().reformat(
        frame,
        width=width,
        height=height,
        format="yuv420p",
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.MPEG,
    )


def paste(canvas: av.VideoFrame, picture: av.VideoFrame, left: int, top: int) -> None:
    """Copy a yuv420p picture into a canvas that has room for it; left and top even."""
    for index, (target, source) in enumerate(zip(views(canvas), views(picture), strict=True)):
        x, y = (left, top) if index == 0 else (left // 2, top // 2)
        rows, columns = source.shape
        target[y : y + rows, x : x + columns] = source


def blend(canvas: av.VideoFrame, overlay: Planes, alpha: Plane, left: int, top: int) -> None:
    """Lay an overlay over the canvas. ``alpha`` (0–255) has the shape of its Y plane; left and top even."""
    thin = alpha[::2, ::2]
    for index, (target, colour) in enumerate(zip(views(canvas), overlay, strict=True)):
        x, y, weight = (left, top, alpha) if index == 0 else (left // 2, top // 2, thin)
        rows, columns = colour.shape
        below = target[y : y + rows, x : x + columns].astype(np.uint16)
        mixed = below * (255 - weight.astype(np.uint16)) + colour.astype(np.uint16) * weight
        target[y : y + rows, x : x + columns] = (mixed + 127) // 255
