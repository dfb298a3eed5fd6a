"""What pages are framed by: top bar, strip of news, phone number, status, progress."""

from typing import Any

from kivy.graphics import Color, Rectangle, SmoothRoundedRectangle
from kivy.properties import (
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.utils import get_color_from_hex

from kit.ui import theme
from kit.ui.widgets.bases import BaseWidget
from kit.ui.widgets.layout import Row
from kit.ui.widgets.touch import Surface


class TopBar(Row):
    """Way back, title, and what the page adds at the right."""

    __events__ = ("on_leave",)
    title = StringProperty("")
    back_text = StringProperty("")
    back_icon = StringProperty("arrow-left")
    back_target = StringProperty("")
    back = ObjectProperty(None, allownone=True)
    """The command that leads back; without one, bind ``on_leave``."""

    def on_leave(self) -> None:
        """The way back was touched."""


class Strip(Surface):
    """News in one line: icon, what it is, what to do, and a button that says it was read."""

    title = StringProperty("")
    text = StringProperty("")
    icon = StringProperty("")
    action = StringProperty("")
    action_target = StringProperty("")
    command = ObjectProperty(None, allownone=True)


class PhoneCard(Surface):
    """A phone number to be read at arm's length, and whose it is."""

    title = StringProperty("")
    phone = StringProperty("")
    text = StringProperty("")
    icon = StringProperty("phone")


class StatusCard(Surface):
    """One part of the kit: icon, name, word and mark in the colour of its state."""

    item = ObjectProperty(None, rebind=True)
    """A ``words.devices.Card``."""


class Dots(BaseWidget):
    """How far along: ``count`` dots, the one at ``at`` (from 0) filled and wide."""

    count = NumericProperty(1)
    at = NumericProperty(0)
    ink = ColorProperty(theme.ACTION)
    dim = ColorProperty(theme.LINE)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for name in ("pos", "size", "count", "at", "ink", "dim"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: Any) -> None:
        side = self.height
        self.canvas.clear()
        with self.canvas:
            x = self.x
            for number in range(int(self.count)):
                width = side * 2.5 if number == self.at else side
                Color(*(self.ink if number <= self.at else self.dim))
                SmoothRoundedRectangle(pos=(x, self.y), size=(width, side), radius=[side / 2])
                x += width + side
        self.width = max(0.0, x - side - self.x)


class Meter(BaseWidget):
    """A level from 0 to 1 as a bar of cells."""

    level = NumericProperty(0)
    cells = NumericProperty(24)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for name in ("pos", "size", "level"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: Any) -> None:
        cells = int(self.cells)
        step = self.width / cells
        lit = round(max(0.0, min(1.0, self.level)) * cells)
        self.canvas.clear()
        with self.canvas:
            for cell in range(cells):
                Color(*get_color_from_hex(theme.OK if cell < lit else theme.LINE))
                Rectangle(pos=(self.x + cell * step, self.y), size=(step * 0.7, self.height))
