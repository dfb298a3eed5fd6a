"""A QR code, drawn sharp at any size. What it holds is drawn only; nothing is written anywhere."""

from __future__ import annotations

from typing import Any

import segno
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty

from kit.ui.widgets.bases import BaseWidget

_QUIET = 4
"""Modules of white around (ISO/IEC 18004)."""
_LONGEST = 2048
"""What a phone still reads from a screen at arm's length; a longer text shows no code."""


class QrCode(BaseWidget):
    """The code of ``text``, as large a square as fits; nothing for no text."""

    text = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        with self.canvas:
            self._tint = Color(1, 1, 1, 0)
            self._square = Rectangle()
        self.fbind("text", self._draw)
        for name in ("pos", "size"):
            self.fbind(name, self._arrange)
        self._draw()

    def _draw(self, *_: Any) -> None:
        shown = bool(self.text) and len(self.text) <= _LONGEST
        self._tint.a = 1 if shown else 0
        if not shown:
            self._square.texture = None
            return
        rows = [
            bytes(row) for row in segno.make(self.text, error="m", micro=False).matrix_iter(border=_QUIET)
        ]
        texture = Texture.create(size=(len(rows[0]), len(rows)), colorfmt="luminance")
        texture.mag_filter = texture.min_filter = "nearest"
        light = bytes.maketrans(b"\x00\x01", b"\xff\x00")
        # Textures begin at the lower left.
        texture.blit_buffer(b"".join(reversed(rows)).translate(light), colorfmt="luminance")
        self._square.texture = texture
        self._arrange()

    def _arrange(self, *_: Any) -> None:
        side = min(self.width, self.height)
        self._square.size = side, side
        self._square.pos = self.center_x - side / 2, self.center_y - side / 2
