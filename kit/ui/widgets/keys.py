"""Keys on the screen: a Swedish keyboard with what links are made of, and a keypad for codes."""

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kit.ui.widgets.layout import Row, Stack
from kit.ui.widgets.touch import Touchable

BACK, SHIFT, SPACE = "back", "shift", "space"
LETTERS = (
    (*"1234567890", BACK),
    (*"qwertyuiopå",),
    (*"asdfghjklöä",),
    (SHIFT, *"zxcvbnm", "_", ",", "!"),
    ("/", ":", ".", "-", "@", "?", "=", "&", SPACE),
)
COLUMNS = 11
DIGITS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (BACK, "0", "ok"))
_ICONS = {BACK: "delete", SHIFT: "arrow-big-up", SPACE: "space"}


class Key(Touchable):
    """One key; ``value`` is what it types, or the name of what it does."""

    value = StringProperty("")
    text = StringProperty("")
    icon = StringProperty("")
    upper = BooleanProperty(False)


class Keys(Stack):
    """Rows of keys. Dispatches ``on_key`` with a character, or :data:`BACK` or ``ok``."""

    __events__ = ("on_key",)
    upper = BooleanProperty(False)

    def on_key(self, value: str) -> None:
        """Something was typed; bind here."""

    def fill(self, rows: tuple[tuple[str, ...], ...], columns: int) -> None:
        """Make the keys; the space bar takes what is left of its row."""
        for values in rows:
            row = Row()
            self.fbind("spacing", row.setter("spacing"))
            for value in values:
                wide = 1 + columns - len(values) if value == SPACE else 1
                key = Key(value=value, icon=_ICONS.get(value, ""), target=f"key.{value}", size_hint_x=wide)
                key.fbind("on_release", self._pressed)
                self.fbind("upper", key.setter("upper"))
                row.add_widget(key)
            self.add_widget(row)

    def _pressed(self, key: Any) -> None:
        if key.value == SHIFT:
            self.upper = not self.upper
            return
        character = " " if key.value == SPACE else key.value
        self.dispatch("on_key", character.upper() if self.upper and len(character) == 1 else character)
        self.upper = False


class Keyboard(Keys):
    """Eleven columns of Swedish letters, digits, and a row of what links are made of."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.fill(LETTERS, COLUMNS)


class Keypad(Keys):
    """Three columns of digits with delete and OK."""

    ready = BooleanProperty(False)
    """Whether OK means anything yet."""
    type_size = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.fill(DIGITS, 3)
        done = next(key for row in self.children for key in row.children if key.value == "ok")
        done.tone = "action"
        self.fbind("ready", lambda _, ready: setattr(done, "disabled", not ready))
        done.disabled = not self.ready
