"""Everything that is touched, and the surfaces that look like it."""

from typing import Any, Protocol

from kivy.properties import (
    BooleanProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)

from kit.ipc.commands import Command
from kit.ui import theme
from kit.ui.widgets.bases import BaseButton
from kit.ui.widgets.layout import Stack


class Sender(Protocol):
    """An ancestor that takes commands to the agent."""

    def send(self, command: Command) -> None:
        """Take one command."""


class Surface(Stack):
    """A card: ground and thin outline in the colours of ``tone``."""

    tone = StringProperty("card")
    colours = ObjectProperty(theme.TONES["card"], rebind=True)
    ground = StringProperty(theme.SURFACE)
    radius = NumericProperty(theme.RADIUS)


class Touchable(BaseButton, Surface):
    """A surface that is touched. It sends its ``command`` to the agent, if it has one.

    ``target`` names it for tests, the demo and the keyboard; it never changes with the language.
    ``label`` is its text for those who cannot see it.
    """

    target = StringProperty("")
    command = ObjectProperty(None, allownone=True)
    label = StringProperty("")
    focused = BooleanProperty(False)

    def on_release(self) -> None:
        """Send the command to the nearest ancestor that takes commands."""
        if self.command is not None:
            sender_of(self).send(self.command)


class PushButton(Touchable):
    """Icon and word side by side."""

    text = StringProperty("")
    icon = StringProperty("")
    icon_extent = NumericProperty(8)
    type_size = NumericProperty(theme.STRONG)
    quiet = BooleanProperty(False)
    """Regular type and softer ink, for what is seldom needed."""


class Field(Surface):
    """What is being typed: its end, with a caret; ``hint`` while it is empty."""

    text = StringProperty("")
    hint = StringProperty("")


class ActionCard(Touchable):
    """Icon, title, a line of text, and an arrow: leads somewhere."""

    title = StringProperty("")
    text = StringProperty("")
    icon = StringProperty("")
    type_size = NumericProperty(theme.HEADING)


class TickCard(Touchable):
    """Title and text with a box that is ticked or not."""

    title = StringProperty("")
    text = StringProperty("")
    icon = StringProperty("")
    ticked = BooleanProperty(False)


class BarButton(Touchable):
    """Icon above a word, with a count when something is new."""

    text = StringProperty("")
    icon = StringProperty("")
    badge = NumericProperty(0)
    shrink = NumericProperty(1)
    """By how much the word is smaller than usual, where many buttons stand side by side."""


def sender_of(widget: Any) -> Sender:
    """Return the nearest ancestor with a ``send`` method; LookupError outside a screen."""
    while widget is not None and widget is not getattr(widget, "parent", None):
        if callable(getattr(widget, "send", None)):
            sender: Sender = widget
            return sender
        widget = widget.parent
    raise LookupError("nobody takes commands here")
