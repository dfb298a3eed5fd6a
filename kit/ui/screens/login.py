"""A login that the room demands: made on somebody's own phone, which reads the address from the screen."""

from typing import Any

from kivy.properties import ObjectProperty

from kit.ui.screens.view import View
from kit.ui.widgets import code  # noqa: F401 - kv finds the class by name
from kit.ui.widgets.layout import Stack
from kit.ui.widgets.touch import ActionCard
from kit.visit.events import ChooseLogin


class LoginView(View):
    """See the module."""

    escape = "login.cancel"


class WayCard(ActionCard):
    """One way of logging in."""


class WayCards(Stack):
    """The ways to choose among, as the room names them."""

    ways = ObjectProperty(())

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.fbind("ways", self._fill)

    def _fill(self, *_: Any) -> None:
        self.clear_widgets()
        for number, way in enumerate(self.ways):
            self.add_widget(
                WayCard(title=way.name, target=f"login.way.{number}", command=ChooseLogin(way.id))
            )
