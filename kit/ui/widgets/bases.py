"""Kivy's classes as ours.

Kivy has no type information, so that each of its classes is ``Any`` to the type checker. Subclassing that is
allowed here and nowhere else.
"""

from kivy.properties import BooleanProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.layout import Layout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget


class Shown:
    """Mixin of everything that may be there or not: a hidden child takes no room and no touch."""

    shown = BooleanProperty(True)


class BaseWidget(Shown, Widget):  # type: ignore[misc]
    """``kivy.uix.widget.Widget``."""


class BaseLabel(Shown, Label):  # type: ignore[misc]
    """``kivy.uix.label.Label``."""


class BaseLayout(Shown, Layout):  # type: ignore[misc]
    """``kivy.uix.layout.Layout``."""


class BaseScroll(Shown, ScrollView):  # type: ignore[misc]
    """``kivy.uix.scrollview.ScrollView``."""


class BaseButton(ButtonBehavior):  # type: ignore[misc]
    """``kivy.uix.behaviors.ButtonBehavior``."""
