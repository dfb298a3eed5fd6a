"""The picture: four figures side by side, for each condition the kit's bar over Chromium's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from bench.calls.figures import DIRECTIONS, Direction, Row
from bench.chart.means import DRAWN, Measure, names, pair, written

KIT, CHROMIUM = "#00629b", "#b9c2ca"
_INK, _FAINT, _PAPER = "#1d2328", "#5c6770", "#ffffff"
_ROW, _BAR, _GAP = 30, 10, 2
_LEFT, _PANEL, _BARS, _TOP = 190, 200, 140, 64
_HEAD: Final = {
    "up": "Up: what the far side saw and heard",
    "down": "Down: what the near side saw and heard",
}


def draw(rows: Sequence[Row]) -> str:
    """Return the picture as SVG."""
    conditions = names(rows)
    block = _TOP + _ROW * len(conditions)
    width, height = _LEFT + _PANEL * len(DRAWN), 40 + 2 * block + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" font-family="Inter, system-ui, sans-serif" font-size="12">',
        "<title>Calls in bad networks: the kit beside Chromium</title>",
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>',
        *_legend(),
    ]
    for number, direction in enumerate(DIRECTIONS):
        parts += _block(rows, conditions, direction, 40 + number * block)
    return "\n".join([*parts, "</svg>", ""])


def _legend() -> Iterator[str]:
    for x, colour, name in ((_LEFT, KIT, "kit"), (_LEFT + 70, CHROMIUM, "Chromium in its place")):
        yield f'<rect x="{x}" y="14" width="12" height="12" fill="{colour}"/>'
        yield _text(x + 18, 24, name)


def _block(rows: Sequence[Row], conditions: list[str], direction: Direction, y: int) -> Iterator[str]:
    yield _text(16, y + 24, _HEAD[direction], weight=600, size=14)
    for row, condition in enumerate(conditions):
        yield _text(_LEFT - 14, y + _TOP + row * _ROW + 15, condition, anchor="end")
    for column, measure in enumerate(DRAWN):
        yield from _panel(rows, conditions, direction, measure, _LEFT + column * _PANEL, y)


def _panel(
    rows: Sequence[Row], conditions: list[str], direction: Direction, measure: Measure, x: int, y: int
) -> Iterator[str]:
    title = f"{measure.title}, {measure.unit}" if measure.unit else measure.title
    yield _text(x, y + 50, title, colour=_FAINT)
    pairs = [pair(rows, condition, direction, measure) for condition in conditions]
    most = max((value for both in pairs for value in both if value is not None), default=0.0) or 1.0
    height = _ROW * len(conditions)
    yield f'<rect x="{x - 1}" y="{y + _TOP - 4}" width="1" height="{height}" fill="{_FAINT}"/>'
    for row, both in enumerate(pairs):
        top = y + _TOP + row * _ROW
        for value, colour in zip(both, (KIT, CHROMIUM), strict=True):
            long = max(0.0, value or 0.0) / most * _BARS
            yield f'<rect x="{x}" y="{top}" width="{long:.1f}" height="{_BAR}" fill="{colour}"/>'
            yield _text(x + long + 5, top + 9, written(value, measure), size=10, colour=_FAINT)
            top += _BAR + _GAP


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    colour: str = _INK,
    size: int = 12,
    weight: int = 400,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"'
        f' font-weight="{weight}">{escape(text)}</text>'
    )
