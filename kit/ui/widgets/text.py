"""Text that wraps and takes the height it needs, single words, and icons."""

from typing import Any

from kivy.properties import NumericProperty, StringProperty

from kit.ui.widgets.bases import BaseLabel


class Text(BaseLabel):
    """Wraps at its width and takes the height that it needs."""


class Word(BaseLabel):
    """One line, as wide as it is."""


class Snug(BaseLabel):
    """As wide as its text, at most ``limit`` pixels; what is longer wraps."""

    limit = NumericProperty(1e9)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for name in ("text", "font_size", "font_name", "limit"):
            self.fbind(name, self._loosen)
        self.fbind("texture_size", self._tighten)
        self._tighten()

    def _loosen(self, *_: Any) -> None:
        self.text_size = None, None

    def _tighten(self, *_: Any) -> None:
        if self.text_size[0] is None and self.texture_size[0] > self.limit:
            self.text_size = max(1, self.limit), None


class OneLine(BaseLabel):
    """One line of given width; what is too long ends in "…". For names from outside."""


class Icon(BaseLabel):
    """An icon of Lucide by ``name``, in a square of ``extent`` mm."""

    name = StringProperty("")
    extent = NumericProperty(8)
