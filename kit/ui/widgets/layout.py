"""Layouts that know how much room their content needs, and leave none for children that are hidden.

Kivy's own keep the gap of an empty child and do not let a row grow with its text, which large type needs.
"""

from collections.abc import Sequence
from typing import Any

from kivy.properties import (
    BooleanProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    VariableListProperty,
)

from kit.ui.widgets.bases import BaseLayout, BaseScroll, BaseWidget

FAR_AWAY = -30_000
"""Where hidden children lie: outside every window, so that they are neither drawn nor touched."""


def share(room: float, wishes: Sequence[tuple[float, float]]) -> list[float]:
    """Divide ``room`` by weight among (weight, minimum), nobody getting less than the minimum."""
    open_ones = set(range(len(wishes)))
    given = [minimum for _, minimum in wishes]
    while open_ones:
        weight = sum(wishes[i][0] for i in open_ones)
        left = room - sum(given[i] for i in range(len(wishes)) if i not in open_ones)
        short = {i for i in open_ones if left * wishes[i][0] < wishes[i][1] * weight}
        if not short:
            for i in open_ones:
                given[i] = left * wishes[i][0] / weight
            break
        open_ones -= short
    return given


class Arranged(BaseLayout):
    """What both layouts have in common: padding, gaps, and a size that may follow the content.

    With ``fit`` the height is what the content needs, at least ``floor``; with ``fit_width`` the width, at
    least ``floor_width``.
    """

    spacing = NumericProperty(0)
    padding = VariableListProperty([0, 0, 0, 0])
    fit = BooleanProperty(False)
    fit_width = BooleanProperty(False)
    floor = NumericProperty(0)
    floor_width = NumericProperty(0)
    minimum_width = NumericProperty(0)
    minimum_height = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        self._drawn: list[Any] = []
        self._hid = False
        super().__init__(**properties)
        again = self._trigger_layout
        for name in ("pos", "size", "spacing", "padding", "children"):
            self.fbind(name, again)
        for name in ("fit", "fit_width", "floor", "floor_width"):
            self.fbind(name, again)

    def add_widget(self, widget: Any, *args: Any, **kwargs: Any) -> None:
        """Add a child and follow what it needs."""
        super().add_widget(widget, *args, **kwargs)
        self._drawn = []
        for name in ("shown", "minimum_width", "minimum_height"):
            if widget.property(name, quiet=True) is not None:
                widget.fbind(name, self._trigger_layout)

    def remove_widget(self, widget: Any, *args: Any, **kwargs: Any) -> None:
        """Remove a child."""
        for name in ("shown", "minimum_width", "minimum_height"):
            if widget.property(name, quiet=True) is not None:
                widget.funbind(name, self._trigger_layout)
        super().remove_widget(widget, *args, **kwargs)

    def do_layout(self, *_: Any) -> None:
        """Place the children, then take the size that they need."""
        present = []
        for child in reversed(self.children):
            if is_shown(child):
                present.append(child)
            else:
                child.pos = FAR_AWAY, FAR_AWAY
        self._draw_only(present)
        self.place(present)
        if self.fit:
            self.size_hint_y = None
            self.height = max(self.floor, self.minimum_height)
        if self.fit_width:
            self.size_hint_x = None
            self.width = max(self.floor_width, self.minimum_width)

    def _draw_only(self, present: list[Any]) -> None:
        """Take hidden children out of the canvas: to draw them outside the window takes as long as inside."""
        hides = len(present) < len(self.children)
        if present == self._drawn or not (hides or self._hid):
            return
        drawn = self.canvas.children
        for child in self.children:
            if child.canvas in drawn:
                self.canvas.remove(child.canvas)
        for child in present:
            self.canvas.add(child.canvas)
        self._drawn, self._hid = present, hides

    def place(self, children: list[Any]) -> None:
        """Give the shown children their sizes and places, and set what is needed at least."""
        raise NotImplementedError


class Stack(Arranged):
    """Children below each other, or side by side in a :class:`Row`.

    Along the stack a child with a size hint shares what is left, by weight. Across, it fills; without a
    hint it keeps its size and lies as ``align`` says. ``justify`` places all when nobody fills what is left.
    """

    across = OptionProperty("column", options=["column", "row"])
    align = OptionProperty("start", options=["start", "center", "end"])
    justify = OptionProperty("start", options=["start", "center", "end"])

    def place(self, children: list[Any]) -> None:
        """See :class:`Arranged`."""
        row = self.across == "row"
        gaps = self.spacing * max(0, len(children) - 1)
        left, top, right, bottom = self.padding
        along = (self.width - left - right) if row else (self.height - top - bottom)
        breadth = (self.height - top - bottom) if row else (self.width - left - right)
        needs = [_need(child, horizontal=row) for child in children]
        hints = [(c.size_hint_x if row else c.size_hint_y) for c in children]
        flexible = [i for i, hint in enumerate(hints) if hint is not None]
        fixed = sum(need for need, hint in zip(needs, hints, strict=True) if hint is None)
        shares = share(along - gaps - fixed, [(max(hints[i], 1e-6), needs[i]) for i in flexible])
        lengths = list(needs)
        for i, length in zip(flexible, shares, strict=True):
            lengths[i] = length
        rest = 0.0 if flexible else along - gaps - fixed
        at = {"start": 0.0, "center": rest / 2, "end": rest}[self.justify]
        for child, length in zip(children, lengths, strict=True):
            self._put(child, at, length, breadth)
            at += length + self.spacing
        across = max((_need(child, horizontal=not row) for child in children), default=0)
        wide, high = (sum(needs) + gaps, across) if row else (across, sum(needs) + gaps)
        self.minimum_width, self.minimum_height = wide + left + right, high + top + bottom

    def _put(self, child: Any, at: float, length: float, breadth: float) -> None:
        row = self.across == "row"
        left, top, _, _ = self.padding
        hint = child.size_hint_y if row else child.size_hint_x
        broad = (child.height if row else child.width) if hint is None else breadth * min(1.0, hint)
        # Only what is ours to set: a height that follows the width would be set back to the old one.
        if child.size_hint_x is not None:
            child.width = length if row else broad
        if child.size_hint_y is not None:
            child.height = broad if row else length
        aside = {"start": 0.0, "center": (breadth - broad) / 2, "end": breadth - broad}[self.align]
        if row:
            child.pos = self.x + left + at, self.top - top - aside - broad
        else:
            child.pos = self.x + left + aside, self.top - top - at - length


class Row(Stack):
    """Children side by side."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(across="row", **properties)


class Grid(Arranged):
    """Equal columns; rows share the height, or fit their content."""

    columns = NumericProperty(2)

    def place(self, children: list[Any]) -> None:
        """See :class:`Arranged`."""
        columns = max(1, min(int(self.columns), len(children)))
        rows = [children[i : i + columns] for i in range(0, len(children), columns)]
        left, top, right, bottom = self.padding
        width = (self.width - left - right - self.spacing * (columns - 1)) / columns
        gaps = self.spacing * max(0, len(rows) - 1)
        needs = [max(_need(child, horizontal=False) for child in row) for row in rows]
        room = sum(needs) if self.fit else self.height - top - bottom - gaps
        y = self.top - top
        for row, height in zip(rows, share(room, [(1, need) for need in needs]), strict=True):
            y -= height
            for number, child in enumerate(row):
                child.size = width, height
                child.pos = self.x + left + number * (width + self.spacing), y
            y -= self.spacing
        self.minimum_height = sum(needs) + gaps + top + bottom


class Repeat(Stack):
    """One child for each of ``items``, made by ``make`` and told by its ``item`` property.

    Children are kept and told anew when the items change, so that a list does not flicker.
    """

    items = ObjectProperty(())
    make = ObjectProperty(None, allownone=True)

    def on_items(self, *_: Any) -> None:
        """Follow the items."""
        _follow(self)

    on_make = on_items


class RepeatGrid(Grid):
    """As :class:`Repeat`, in columns."""

    items = ObjectProperty(())
    make = ObjectProperty(None, allownone=True)

    def on_items(self, *_: Any) -> None:
        """Follow the items."""
        _follow(self)

    on_make = on_items


class Layers(Arranged):
    """Children over each other, each as large as the whole; the last one is on top."""

    def place(self, children: list[Any]) -> None:
        """See :class:`Arranged`."""
        for child in children:
            child.size = self.size
            child.pos = self.pos


class Space(BaseWidget):
    """Room that nobody fills.

    Not Kivy's own Widget: to give one of those a property of ours gives it to all of them.
    """


class Veil(Stack):
    """Lies over everything and lets no touch through to what is below."""

    modal = True

    def on_touch_down(self, touch: Any) -> bool:
        """Give the touch to what lies on the veil, and to nobody else."""
        super().on_touch_down(touch)
        return is_shown(self) and self.collide_point(*touch.pos)


class Scroll(BaseScroll):
    """A part that may be longer than the room for it."""

    def update_from_scroll(self, *words: Any) -> None:
        """Scroll by whole pixels: between them letters are blurred."""
        super().update_from_scroll(*words)
        x, y = self.g_translate.xy
        self.g_translate.xy = round(x), round(y)


def is_shown(widget: Any) -> bool:
    """Whether the widget takes part in its parent's layout."""
    return bool(getattr(widget, "shown", True))


def _need(child: Any, *, horizontal: bool) -> float:
    if (child.size_hint_x if horizontal else child.size_hint_y) is None:
        return float(child.width if horizontal else child.height)
    content = getattr(child, "minimum_width" if horizontal else "minimum_height", 0)
    return max(float(content), (child.size_hint_min_x if horizontal else child.size_hint_min_y) or 0.0)


def _follow(layout: Any) -> None:
    if layout.make is None:
        return
    there = list(reversed(layout.children))
    for spare in there[len(layout.items) :]:
        layout.remove_widget(spare)
    for child, item in zip(there, layout.items, strict=False):
        child.item = item
    for item in layout.items[len(there) :]:
        layout.add_widget(layout.make(item=item))
