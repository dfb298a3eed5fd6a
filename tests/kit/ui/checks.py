"""What must hold for every screen: all text can be read, everything that is touched can be hit."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from kivy.metrics import mm

from kit.ui import theme
from kit.ui.targets import Box, Target, box_of, visible
from kit.ui.widgets.bases import BaseLabel, BaseScroll
from kit.ui.widgets.layout import Veil, is_shown
from kit.ui.widgets.text import OneLine
from kit.ui.widgets.touch import Surface

SLACK = 1.5
"""Pixels by which rounding may differ."""


def problems(root: Any) -> list[str]:
    """Return what is wrong with what is shown; empty where all is well."""
    texts = list(_texts(root))
    targets = visible(root)
    found = [problem for text, box, scrolls in texts for problem in _text(root, text, box, scrolls)]
    found += [
        f"texts lie over each other: {one.text!r}, {other.text!r}"
        for (one, box, _), (other, second, _) in combinations(texts, 2)
        if _overlap(box, second)
    ]
    found += [problem for surface in _surfaces(root) for problem in _inside(root, surface)]
    found += [problem for target in targets for problem in _target(root, target)]
    found += [
        f"targets lie over each other: {one.id}, {other.id}"
        for one, other in combinations(targets, 2)
        if _overlap(one.rect, other.rect)
    ]
    return found


def _texts(root: Any) -> Iterator[tuple[Any, Box, bool]]:
    """Visible labels that say something, where their letters are, and whether they can be scrolled."""
    found: list[tuple[Any, Box, bool]] = []
    _collect(root, root.height, None, found)
    return iter(found)


def _collect(widget: Any, window_height: float, part: Box | None, found: list[tuple[Any, Box, bool]]) -> None:
    """``part`` is the visible part of what is scrolled."""
    if not is_shown(widget):
        return
    if isinstance(widget, Veil):
        veil = box_of(widget, window_height)
        found[:] = [known for known in found if not veil.holds(known[1])]
    if isinstance(widget, BaseLabel) and widget.text.strip():
        letters = _letters(widget, window_height)
        found.append((widget, letters if part is None else letters.cut(part), part is not None))
    if isinstance(widget, BaseScroll):
        part = box_of(widget, window_height)
    for child in reversed(widget.children):
        _collect(child, window_height, part, found)


def _letters(label: Any, window_height: float) -> Box:
    whole = box_of(label, window_height)
    width, height = label.texture_size
    spare = {"left": 0.0, "auto": 0.0, "center": 0.5, "right": 1.0}[label.halign] * (whole.width - width)
    return Box(whole.x + spare, whole.y + (whole.height - height) / 2, width, height)


def _text(root: Any, label: Any, letters: Box, scrolls: bool) -> Iterator[str]:
    if label.texture_size[0] > label.width + SLACK or label.texture_size[1] > label.height + SLACK:
        yield f"clipped: {label.text!r} {label.texture_size} in {label.size}"
    if not isinstance(label, OneLine) and label.text_size[0]:
        wide = max(label.text.split(), key=lambda word: label._label.get_extents(word)[0])
        if label._label.get_extents(wide)[0] > label.text_size[0] + SLACK:
            yield f"a word is broken: {wide!r} in {label.text!r}"
    if scrolls:
        return
    outside = [Box(0, 0, root.width, root.height)]
    surface = _surface(label)
    if surface is not None:
        outside.append(box_of(surface, root.height))
    for box in outside:
        if not _within(letters, box):
            yield f"sticks out: {label.text!r} {letters} from {box}"


def _surfaces(widget: Any) -> Iterator[Any]:
    """Shown surfaces that are not part of something that scrolls."""
    if is_shown(widget) and not isinstance(widget, BaseScroll):
        if isinstance(widget, Surface):
            yield widget
        for child in widget.children:
            yield from _surfaces(child)


def _inside(root: Any, surface: Any) -> Iterator[str]:
    around = _surface(surface.parent)
    whole = box_of(around, root.height) if around else Box(0, 0, root.width, root.height)
    if not _within(box_of(surface, root.height), whole):
        said = [w.text for w in surface.walk() if isinstance(w, BaseLabel)]
        yield f"a card sticks out: {said} {box_of(surface, root.height)} from {whole}"


def _surface(widget: Any) -> Any:
    while widget is not None and widget is not widget.parent:
        if isinstance(widget, Surface):
            return widget
        widget = widget.parent
    return None


def _target(root: Any, target: Target) -> Iterator[str]:
    least = mm(theme.KEY if target.id.startswith("key.") else theme.TOUCH) - SLACK
    if min(target.rect.width, target.rect.height) < least:
        yield f"too small: {target.id} {target.rect}"
    if not _within(target.rect, Box(0, 0, root.width, root.height)):
        yield f"outside the window: {target.id} {target.rect}"
    if not target.text.strip():
        yield f"says nothing: {target.id}"


def _within(inner: Box, outer: Box) -> bool:
    return (
        inner.x >= outer.x - SLACK
        and inner.y >= outer.y - SLACK
        and inner.x + inner.width <= outer.x + outer.width + SLACK
        and inner.y + inner.height <= outer.y + outer.height + SLACK
    )


def _overlap(one: Box, other: Box) -> bool:
    common = one.cut(other)
    return min(common.width, common.height) > 2 * SLACK
