"""Flat drawing for generated pictures: antialiased shapes on an RGB canvas, cut out as I420 sprites.

Canvases are ``float32`` (height, width, 4): RGB 0–255 and coverage 0–1. Coordinates are pixels, y down.
Colours become BT.601 in limited range, which is what decoders of WebRTC video assume for want of a better
word in the stream.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Canvas = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
Point = tuple[float, float]


class Sprite(NamedTuple):
    """An I420 cut-out of even size: planes and coverage 0–256, for luma and for chroma."""

    y: Bytes
    u: Bytes
    v: Bytes
    cover: npt.NDArray[np.uint16]
    cover_half: npt.NDArray[np.uint16]


class Planes(NamedTuple):
    """The Y, U and V planes of one picture, as writable arrays (height, width) and half of each."""

    y: Bytes
    u: Bytes
    v: Bytes


def canvas(width: float, height: float) -> Canvas:
    """Return an empty canvas, its size rounded up to even numbers."""
    return np.zeros((2 * -(-int(height) // 2), 2 * -(-int(width) // 2), 4), np.float32)


def disc(on: Canvas, centre: Point, radius: float, colour: Colour, squash: float = 1.0) -> None:
    """Fill a circle; ``squash`` makes it lower."""
    part, x, y = _around(on, centre, radius, radius)
    _fill(part, np.hypot(x - centre[0], (y - centre[1]) / squash) - radius, colour)


def box(on: Canvas, left_top: Point, size: Point, colour: Colour, radius: float = 0.0) -> None:
    """Fill a rectangle with rounded corners."""
    half_x, half_y = size[0] / 2, size[1] / 2
    centre = (left_top[0] + half_x, left_top[1] + half_y)
    part, x, y = _around(on, centre, half_x, half_y)
    dx = np.abs(x - centre[0]) - half_x + radius
    dy = np.abs(y - centre[1]) - half_y + radius
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
    _fill(part, outside + np.minimum(np.maximum(dx, dy), 0) - radius, colour)


def line(on: Canvas, start: Point, end: Point, width: float, colour: Colour) -> None:
    """Draw a line with round ends."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    centre = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    part, x, y = _around(on, centre, (abs(dx) + width) / 2, (abs(dy) + width) / 2)
    along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
    _fill(part, np.hypot(x - start[0] - along * dx, y - start[1] - along * dy) - width / 2, colour)


def arc(on: Canvas, centre: Point, radius: float, width: float, colour: Colour) -> None:
    """Draw the lower half of a circle's outline: a smile."""
    part, x, y = _around(on, centre, radius + width, radius + width)
    ring = np.abs(np.hypot(x - centre[0], y - centre[1]) - radius) - width / 2
    _fill(part, np.maximum(ring, centre[1] - y), colour)


def fade(on: Canvas, top: Colour, bottom: Colour) -> None:
    """Fill everything from one colour at the top to another at the bottom."""
    share = np.linspace(0, 1, on.shape[0], dtype=np.float32)[:, None, None]
    on[..., :3] = np.array(top, np.float32) * (1 - share) + np.array(bottom, np.float32) * share
    on[..., 3] = 1


def soften(on: Canvas, factor: float) -> None:
    """Make everything on the canvas more transparent."""
    on[..., 3] *= factor


def cut(on: Canvas) -> Sprite:
    """Turn a canvas into a sprite."""
    rgb, cover = on[..., :3], on[..., 3]
    y = 16 + rgb @ np.array([65.738, 129.057, 25.064], np.float32) / 256
    half = _halved(rgb)
    u = 128 + half @ np.array([-37.945, -74.494, 112.439], np.float32) / 256
    v = 128 + half @ np.array([112.439, -94.154, -18.285], np.float32) / 256
    whole = (cover * 256).astype(np.uint16)
    small = (_halved(cover[..., None])[..., 0] * 256).astype(np.uint16)
    return Sprite(_bytes(y), _bytes(u), _bytes(v), whole, small)


def put(on: Planes, sprite: Sprite, x: float, y: float) -> None:
    """Lay a sprite on the planes; its corner moves in steps of two pixels, and what is outside is cut off."""
    x2, y2 = int(x) // 2, int(y) // 2
    _blend(on.y, sprite.y, sprite.cover, 2 * x2, 2 * y2)
    _blend(on.u, sprite.u, sprite.cover_half, x2, y2)
    _blend(on.v, sprite.v, sprite.cover_half, x2, y2)


def _blend(plane: Bytes, what: Bytes, cover: npt.NDArray[np.uint16], x: int, y: int) -> None:
    height, width = plane.shape
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + what.shape[1], width), min(y + what.shape[0], height)
    if left >= right or top >= bottom:
        return
    part = (slice(top - y, bottom - y), slice(left - x, right - x))
    below = plane[top:bottom, left:right].astype(np.uint16)
    share = cover[part]
    plane[top:bottom, left:right] = (below * (256 - share) + what[part].astype(np.uint16) * share) >> 8


def _around(
    on: Canvas, centre: Point, half_x: float, half_y: float
) -> tuple[Canvas, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the part of the canvas that a shape can touch, and its pixels' centres."""
    height, width = on.shape[:2]
    left, right = max(int(centre[0] - half_x) - 1, 0), min(int(centre[0] + half_x) + 2, width)
    top, bottom = max(int(centre[1] - half_y) - 1, 0), min(int(centre[1] + half_y) + 2, height)
    y, x = np.ogrid[top : max(bottom, top), left : max(right, left)]
    return on[top:bottom, left:right], x.astype(np.float32) + 0.5, y.astype(np.float32) + 0.5


def _fill(on: Canvas, distance: npt.NDArray[np.floating], colour: Colour) -> None:
    """Paint where the distance to the shape is negative, with an edge one pixel wide."""
    cover = np.clip(0.5 - distance, 0, 1).astype(np.float32)
    below = on[..., 3] * (1 - cover)
    total = cover + below
    share = np.divide(cover, total, out=np.zeros_like(cover), where=total > 0)[..., None]
    on[..., :3] = on[..., :3] * (1 - share) + np.array(colour, np.float32) * share
    on[..., 3] = total


def _halved(pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    height, width, depth = pixels.shape
    quarters: Canvas = pixels.reshape(height // 2, 2, width // 2, 2, depth).mean(axis=(1, 3))
    return quarters


def _bytes(values: npt.NDArray[np.floating]) -> Bytes:
    whole: Bytes = np.clip(values + 0.5, 0, 255).astype(np.uint8)
    return whole
