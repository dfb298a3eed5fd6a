"""A kitchen with two people at the table, drawn where there is no camera: demo, training and tests.

Everything moves with the wall clock, so that a still picture is seen to be one: heads nod, mouths talk,
steam rises, clouds pass the window, the second hand turns. The lamp flashes white at each full second. The
time code (:mod:`kit.media.timecode`) covers the top.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from kit.media import paint, timecode
from kit.media.paint import Canvas, Colour, Planes, Sprite

FLASH_MS = 80

_WALL_TOP, _WALL_LOW = (238, 228, 208), (226, 210, 184)
_SKY_TOP, _SKY_LOW = (126, 186, 226), (206, 230, 242)
_WOOD, _WOOD_DARK = (176, 122, 74), (140, 94, 54)
_WHITE, _INK = (250, 250, 246), (44, 40, 44)
_GREEN, _RED = (84, 138, 96), (178, 72, 62)


class Person(NamedTuple):
    """One who sits at the table; lengths are shares of the picture's height."""

    x: float
    skin: Colour
    hair: Colour
    clothes: Colour
    pace: float
    """Nods a second."""


_PATIENT = Person(0.62, (236, 196, 168), (224, 222, 218), (122, 98, 148), 0.23)
_STAFF = Person(1.12, (150, 104, 78), (40, 30, 28), (52, 112, 158), 0.31)


class Scene:
    """Draws I420 pictures of one even size."""

    def __init__(self, width: int, height: int) -> None:
        """Draw everything that does not change."""
        self.width, self.height = width, height
        still = paint.canvas(width, height)
        _room(still)
        self._still = paint.cut(still)
        self._clouds = [_cloud(height, size) for size in (0.09, 0.06)]
        self._window = _window_frame(height)
        self._people = [(_PATIENT, _faces(_PATIENT, height)), (_STAFF, _faces(_STAFF, height))]
        self._front = _table(width, height)
        self._steam = _steam(height)
        self._hands: dict[int, Sprite] = {}
        self._lamp = [_lamp(height, colour) for colour in ((222, 178, 92), (255, 255, 255))]

    def draw(self, on: Planes, wall_ms: int) -> None:
        """Draw the moment ``wall_ms`` (unix time in milliseconds) into planes of this scene's size."""
        h, t = self.height, wall_ms / 1000
        on.y[:], on.u[:], on.v[:] = self._still.y, self._still.u, self._still.v
        self._draw_window(on, t)
        paint.put(on, self._second_hand(int(t) % 60), 0.89 * h, 0.14 * h)
        paint.put(on, self._lamp[wall_ms % 1000 < FLASH_MS], 1.30 * h, 0.10 * h)
        for person, faces in self._people:
            nod = math.sin(2 * math.pi * person.pace * t) * 0.012 * h
            sway = math.sin(2 * math.pi * person.pace * 0.37 * t) * 0.010 * h
            talks = math.sin(2 * math.pi * 0.11 * t + person.x * 5) > 0 and int(t * 6) % 2
            paint.put(on, faces[bool(talks)], (person.x - 0.16) * h + sway, 0.36 * h + nod)
        paint.put(on, self._front, 0, 0.74 * h)
        for wisp in range(3):
            rise = (t * 0.35 + wisp / 3) % 1
            drift = math.sin(6 * rise + wisp) * 0.012
            paint.put(on, self._steam[int(rise * 8)], (0.845 + drift) * h, (0.76 - 0.16 * rise) * h)
        timecode.write(on.y, wall_ms)
        strip = timecode.strip_height(h) // 2 + 1
        on.u[:strip], on.v[:strip] = 128, 128

    def _second_hand(self, second: int) -> Sprite:
        if second not in self._hands:
            self._hands[second] = _hand(self.height, second)
        return self._hands[second]

    def _draw_window(self, on: Planes, t: float) -> None:
        h = self.height
        left, top, size = int(0.08 * h), int(0.14 * h), int(0.42 * h)
        pane = Planes(
            on.y[top // 2 * 2 : (top + size) // 2 * 2, left // 2 * 2 : (left + size) // 2 * 2],
            on.u[top // 2 : (top + size) // 2, left // 2 : (left + size) // 2],
            on.v[top // 2 : (top + size) // 2, left // 2 : (left + size) // 2],
        )
        for number, cloud in enumerate(self._clouds):
            across = (t * (0.02 + 0.011 * number) + 0.4 * number) % 1
            paint.put(pane, cloud, (across * 1.5 - 0.4) * size, (0.12 + 0.3 * number) * size)
        paint.put(on, self._window, left - 0.02 * h, top - 0.02 * h)


def _room(on: Canvas) -> None:
    h = on.shape[0]
    paint.fade(on, _WALL_TOP, _WALL_LOW)
    sky = on[int(0.14 * h) // 2 * 2 : int(0.56 * h), int(0.08 * h) // 2 * 2 : int(0.50 * h)]
    paint.fade(sky, _SKY_TOP, _SKY_LOW)
    paint.disc(sky, (0.30 * h, 0.46 * h), 0.20 * h, _GREEN, 0.7)
    paint.disc(sky, (0.08 * h, 0.48 * h), 0.18 * h, (104, 158, 108), 0.6)
    for x, colour in ((1.24, _RED), (1.34, _GREEN), (1.43, (214, 170, 80)), (1.56, _WHITE)):
        paint.box(on, (x * h, 0.44 * h), (0.07 * h, 0.09 * h), colour, 0.015 * h)
    paint.box(on, (1.20 * h, 0.53 * h), (0.50 * h, 0.025 * h), _WOOD_DARK, 0.005 * h)
    paint.disc(on, (0.97 * h, 0.22 * h), 0.085 * h, _INK)
    paint.disc(on, (0.97 * h, 0.22 * h), 0.076 * h, _WHITE)
    for hour in range(12):
        angle = hour * math.pi / 6
        x, y = 0.97 * h + 0.062 * h * math.sin(angle), 0.22 * h - 0.062 * h * math.cos(angle)
        paint.disc(on, (x, y), 0.005 * h, _INK)


def _window_frame(h: int) -> Sprite:
    on = paint.canvas(0.46 * h, 0.46 * h)
    edge, far = 0.02 * h, 0.44 * h
    for at in (edge, 0.23 * h, far):
        paint.line(on, (at, edge), (at, far), 0.022 * h, _WHITE)
        paint.line(on, (edge, at), (far, at), 0.022 * h, _WHITE)
    return paint.cut(on)


def _cloud(h: int, size: float) -> Sprite:
    on = paint.canvas(3.4 * size * h, 1.6 * size * h)
    for x, y, radius in ((0.8, 1.0, 0.5), (1.5, 0.7, 0.65), (2.3, 0.9, 0.6)):
        paint.disc(on, (x * size * h, y * size * h), radius * size * h, _WHITE)
    paint.soften(on, 0.9)
    return paint.cut(on)


def _faces(person: Person, h: int) -> tuple[Sprite, Sprite]:
    return _figure(person, h, talks=False), _figure(person, h, talks=True)


def _figure(person: Person, h: int, *, talks: bool) -> Sprite:
    on = paint.canvas(0.34 * h, 0.50 * h)
    x, y, r = 0.17 * h, 0.13 * h, 0.095 * h
    paint.box(on, (x - 0.15 * h, 0.25 * h), (0.30 * h, 0.40 * h), person.clothes, 0.11 * h)
    paint.box(on, (x - 0.035 * h, 0.19 * h), (0.07 * h, 0.09 * h), person.skin, 0.02 * h)
    paint.disc(on, (x, y - 0.02 * h), r * 1.10, person.hair)
    paint.disc(on, (x, y + 0.012 * h), r, person.skin, 1.05)
    paint.box(on, (x - 0.075 * h, y - 0.095 * h), (0.15 * h, 0.045 * h), person.hair, 0.022 * h)
    for side in (-1, 1):
        paint.disc(on, (x + side * 0.036 * h, y + 0.005 * h), 0.0105 * h, _INK)
    if talks:
        paint.disc(on, (x, y + 0.058 * h), 0.024 * h, (120, 44, 44), 0.75)
    else:
        paint.arc(on, (x, y + 0.040 * h), 0.030 * h, 0.010 * h, (120, 44, 44))
    return paint.cut(on)


def _table(width: int, h: int) -> Sprite:
    on = paint.canvas(width, 0.26 * h)
    paint.box(on, (0, 0.06 * h), (width, 0.24 * h), _WOOD)
    paint.box(on, (0, 0.06 * h), (width, 0.018 * h), (198, 146, 96))
    paint.box(on, (0.845 * h, 0.02 * h), (0.085 * h, 0.10 * h), _RED, 0.015 * h)
    paint.line(on, (0.945 * h, 0.05 * h), (0.945 * h, 0.085 * h), 0.016 * h, _RED)
    paint.box(on, (1.28 * h, 0.10 * h), (0.26 * h, 0.035 * h), _WHITE, 0.006 * h)
    paint.disc(on, (0.38 * h, 0.10 * h), 0.11 * h, _WHITE, 0.3)
    for x, colour in ((0.34, _RED), (0.39, (214, 170, 80)), (0.43, _GREEN)):
        paint.disc(on, (x * h, 0.075 * h), 0.032 * h, colour)
    return paint.cut(on)


def _steam(h: int) -> list[Sprite]:
    wisps = []
    for age in range(8):
        on = paint.canvas(0.07 * h, 0.07 * h)
        paint.disc(on, (0.035 * h, 0.035 * h), (0.012 + 0.0025 * age) * h, _WHITE)
        paint.soften(on, 0.55 * (1 - age / 8))
        wisps.append(paint.cut(on))
    return wisps


def _hand(h: int, second: int) -> Sprite:
    on = paint.canvas(0.16 * h, 0.16 * h)
    middle, angle = 0.08 * h, second * math.pi / 30
    tip = (middle + 0.066 * h * math.sin(angle), middle - 0.066 * h * math.cos(angle))
    paint.line(on, (middle, middle), (middle, 0.045 * h), 0.010 * h, _INK)
    paint.line(on, (middle, middle), (0.105 * h, middle), 0.012 * h, _INK)
    paint.line(on, (middle, middle), tip, 0.007 * h, _RED)
    return paint.cut(on)


def _lamp(h: int, glow: Colour) -> Sprite:
    on = paint.canvas(0.30 * h, 0.28 * h)
    paint.line(on, (0.15 * h, 0), (0.15 * h, 0.10 * h), 0.008 * h, _INK)
    paint.disc(on, (0.15 * h, 0.20 * h), 0.05 * h, glow)
    paint.disc(on, (0.15 * h, 0.17 * h), 0.10 * h, _GREEN, 0.6)
    return paint.cut(on)


def frame_planes(width: int, height: int) -> Planes:
    """Return planes of an even size to draw into."""
    return Planes(
        np.zeros((height, width), np.uint8),
        np.zeros((height // 2, width // 2), np.uint8),
        np.zeros((height // 2, width // 2), np.uint8),
    )
