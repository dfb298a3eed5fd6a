"""Layouts: who gets which room, and what is hidden."""

from typing import Any

import pytest
from kivy.uix.widget import Widget

from kit.ui.widgets.layout import FAR_AWAY, Grid, Layers, Repeat, Row, Stack, Veil, share
from kit.ui.widgets.touch import Touchable
from tests.kit.ui.driver import Driver
from tests.kit.ui.scenes import SCENES


@pytest.mark.parametrize(
    ("room", "wishes", "given"),
    [
        (100, [(1, 0), (1, 0)], [50, 50]),
        (90, [(2, 0), (1, 0)], [60, 30]),
        (100, [(1, 70), (1, 0)], [70, 30]),
        (100, [(1, 60), (1, 50)], [60, 50]),
        (100, [(1, 45), (1, 40), (1, 0)], [45, 40, 15]),
        (100, [], []),
    ],
)
def test_room_is_shared_by_weight_and_nobody_gets_less_than_the_least(
    room: float, wishes: list[tuple[float, float]], given: list[float]
) -> None:
    assert share(room, wishes) == pytest.approx(given)


def box(width: float = 10, height: float = 10) -> Any:
    return Widget(size_hint=(None, None), size=(width, height))


def laid(layout: Any) -> Any:
    layout.do_layout()
    return layout


def test_a_column_goes_from_the_top_and_shares_what_is_left(hands: Driver) -> None:
    fixed, flexible = box(20, 30), Widget()
    column = Stack(size=(100, 200), padding=[5, 10, 5, 10], spacing=4)
    for child in (fixed, flexible):
        column.add_widget(child)
    laid(column)
    assert (fixed.x, fixed.top, fixed.size) == (5, 190, [20, 30])
    assert (flexible.x, flexible.top, flexible.y, flexible.width) == (5, 156, 10, 90)


def test_a_hidden_child_takes_neither_room_nor_gap_nor_time(hands: Driver) -> None:
    first, hidden, last = box(), Touchable(shown=False, size_hint=(None, None), size=(50, 50)), box()
    row = Row(size=(100, 20), spacing=6)
    for child in (first, hidden, last):
        row.add_widget(child)
    laid(row)
    assert (first.x, last.x, hidden.x) == (0, 16, FAR_AWAY)
    assert hidden.canvas not in row.canvas.children
    hidden.shown = True
    laid(row)
    assert (hidden.x, last.x) == (16, 72)
    assert row.canvas.children.index(hidden.canvas) < row.canvas.children.index(last.canvas)


@pytest.mark.parametrize(
    ("justify", "align", "place"), [("start", "end", (90, 90)), ("end", "center", (45, 0))]
)
def test_alone_a_child_lies_where_it_is_told(
    hands: Driver, justify: str, align: str, place: tuple[float, float]
) -> None:
    child = box()
    column = Stack(size=(100, 100), justify=justify, align=align)
    column.add_widget(child)
    laid(column)
    assert tuple(child.pos) == place


def test_a_layout_that_fits_is_as_high_as_its_content_and_never_lower_than_its_floor(hands: Driver) -> None:
    row = Row(fit=True, fit_width=True, floor=25, padding=[1, 2, 3, 4])
    row.add_widget(box(40, 10))
    assert (laid(row).height, row.width) == (25, 44)
    row.add_widget(box(40, 60))
    assert laid(row).height == 66


def test_a_grid_has_equal_columns_and_leaves_no_holes(hands: Driver) -> None:
    grid = Grid(size=(100, 100), columns=2, spacing=10)
    children = [Touchable() for _ in range(3)]
    for child in children:
        grid.add_widget(child)
    children[0].shown = False
    laid(grid)
    assert (tuple(children[1].pos), tuple(children[1].size)) == ((0, 0), (45, 100))
    assert tuple(children[2].pos) == (55, 0)


def test_a_list_keeps_the_children_that_it_can(hands: Driver) -> None:
    class Line(Widget):  # type: ignore[misc]
        item: Any = None

        def __init__(self, item: Any) -> None:
            super().__init__()
            self.item = item

    repeat = Repeat()
    repeat.make = Line
    repeat.items = ("a", "b")
    first = repeat.children[-1]
    repeat.items = ("c", "d", "e")
    assert [child.item for child in reversed(repeat.children)] == ["c", "d", "e"]
    assert repeat.children[-1] is first
    repeat.items = ("f",)
    assert [child.item for child in repeat.children] == ["f"]


def test_a_veil_lets_no_touch_through(hands: Driver) -> None:
    layers = Layers(size=hands.root.size)
    below, veil = Touchable(), Veil()
    touched = []
    below.fbind("on_release", lambda *_: touched.append(1))
    layers.add_widget(below)
    layers.add_widget(veil)
    hands.root.add_widget(layers)
    hands.settle()
    hands.tap_at(100, 100)
    assert touched == []
    veil.shown = False
    hands.settle()
    hands.tap_at(100, 100)
    assert touched == [1]


def test_no_screen_gives_kivys_own_widget_a_property_of_ours(hands: Driver) -> None:
    for scene in SCENES:
        hands.show(scene.state)
    assert not hasattr(Widget, "shown")
