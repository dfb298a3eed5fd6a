"""What can be touched now, and where: for tests, the demo's hands, and the keyboard."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kit.ui.widgets.bases import BaseScroll
from kit.ui.widgets.layout import Veil, is_shown
from kit.ui.widgets.touch import Touchable

_LEAST_VISIBLE = 0.5
"""A target that is scrolled out by more than this share of its height is not counted as visible."""


class Box(NamedTuple):
    """A rectangle in the window's pixels, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    def cut(self, other: "Box") -> "Box":
        """Return what both have in common; it may be empty."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Box(x, y, max(0.0, right - x), max(0.0, bottom - y))

    def holds(self, other: "Box") -> bool:
        """Whether the other one's middle lies in this one."""
        x, y = other.x + other.width / 2, other.y + other.height / 2
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


class Target(NamedTuple):
    """One thing to touch."""

    id: str
    text: str
    rect: Box
    enabled: bool
    widget: Any


def box_of(widget: Any, window_height: float) -> Box:
    """Return where a widget is in the window."""
    left, bottom = widget.to_window(widget.x, widget.y)
    return Box(left, window_height - bottom - widget.height, widget.width, widget.height)


def visible(root: Any) -> list[Target]:
    """Return the targets that a finger would reach, in reading order of the layout."""
    found: list[Target] = []
    _collect(root, Box(0, 0, root.width, root.height), root.height, found)
    return found


def encode(targets: Sequence[Target]) -> bytes:
    """Return the JSON list of ``--targets``: id, text, rect [x, y, width, height], enabled."""
    rows = [
        {"id": t.id, "text": t.text, "rect": [round(v) for v in t.rect], "enabled": t.enabled}
        for t in targets
    ]
    return json.dumps(rows, ensure_ascii=False).encode()


def write(path: Path, content: bytes) -> None:
    """Replace the file at once, so that a reader never sees half of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _collect(widget: Any, clip: Box, window_height: float, found: list[Target]) -> None:
    if not is_shown(widget):
        return
    if isinstance(widget, Veil):
        veil = box_of(widget, window_height)
        found[:] = [target for target in found if not veil.holds(target.rect)]
    if isinstance(widget, Touchable) and widget.target:
        whole = box_of(widget, window_height)
        seen = whole.cut(clip)
        if seen.width > 0 and seen.height >= whole.height * _LEAST_VISIBLE:
            found.append(Target(widget.target, widget.label, seen, not widget.disabled, widget))
        return
    if isinstance(widget, BaseScroll):
        clip = clip.cut(box_of(widget, window_height))
    for child in reversed(widget.children):
        _collect(child, clip, window_height, found)
