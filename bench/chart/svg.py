"""The picture: four figures side by side, for each condition the kit's bar over those of Chromium."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from bench.calls.figures import DIRECTIONS, Direction, Row
from bench.chart.means import DRAWN, Measure, means, names, peers, written

KIT = "#00629b"
COLOURS = (KIT, "#b9c2ca", "#8a97a1")
_INK, _FAINT, _PAPER = "#1d2328", "#5c6770", "#ffffff"
_BAR, _GAP, _BETWEEN = 10, 2, 6
_LEFT, _PANEL, _BARS, _TOP = 190, 200, 140, 64
_HEAD: Final = {
    "up": "Up: what the far side saw and heard",
    "down": "Down: what the near side saw and heard",
}


def draw(rows: Sequence[Row]) -> str:
    """Return the picture as SVG."""
    conditions = names(rows)
    block = _TOP + _row(rows) * len(conditions)
    width, height = _LEFT + _PANEL * len(DRAWN), 40 + 2 * block + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" font-family="Inter, system-ui, sans-serif" font-size="12">',
        "<title>Calls in bad networks: the kit beside Chromium</title>",
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>',
        *_legend(rows),
    ]
    for number, direction in enumerate(DIRECTIONS):
        parts += _block(rows, conditions, direction, 40 + number * block)
    return "\n".join([*parts, "</svg>", ""])


def _row(rows: Sequence[Row]) -> int:
    """How high the bars of one condition are, with what is between them and the next."""
    return len(peers(rows)) * (_BAR + _GAP) + _BETWEEN


def _legend(rows: Sequence[Row]) -> Iterator[str]:
    x = _LEFT
    for peer, colour in zip(peers(rows), COLOURS, strict=False):
        yield f'<rect x="{x}" y="14" width="12" height="12" fill="{colour}"/>'
        yield _text(x + 18, 24, peer.name)
        x += 40 + 7 * len(peer.name)


def _block(rows: Sequence[Row], conditions: list[str], direction: Direction, y: int) -> Iterator[str]:
    yield _text(16, y + 24, _HEAD[direction], weight=600, size=14)
    for row, condition in enumerate(conditions):
        yield _text(_LEFT - 14, y + _TOP + row * _row(rows) + 15, condition, anchor="end")
    for column, measure in enumerate(DRAWN):
        yield from _panel(rows, conditions, direction, measure, _LEFT + column * _PANEL, y)


def _panel(
    rows: Sequence[Row], conditions: list[str], direction: Direction, measure: Measure, x: int, y: int
) -> Iterator[str]:
    title = f"{measure.title}, {measure.unit}" if measure.unit else measure.title
    yield _text(x, y + 50, title, colour=_FAINT)
    all_ = [means(rows, condition, direction, measure) for condition in conditions]
    most = max((value for values in all_ for value in values if value is not None), default=0.0) or 1.0
    height = _row(rows) * len(conditions)
    yield f'<rect x="{x - 1}" y="{y + _TOP - 4}" width="1" height="{height}" fill="{_FAINT}"/>'
    for row, values in enumerate(all_):
        top = y + _TOP + row * _row(rows)
        for value, colour in zip(values, COLOURS, strict=False):
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
