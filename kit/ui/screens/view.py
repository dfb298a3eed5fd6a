"""What every screen is: drawn from the snapshot, the time and the language, and nothing else."""

from typing import Any, ClassVar

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from kit.ipc.commands import Command
from kit.ipc.pictures import Picture, Stream
from kit.ipc.state import KitState, Language
from kit.ui import theme
from kit.ui.catalogue import catalogue
from kit.ui.widgets.layout import Layers, is_shown
from kit.ui.widgets.picture import PictureTile
from kit.ui.widgets.touch import sender_of


class View(Layers):
    """Base of all screens."""

    state = ObjectProperty(KitState(), rebind=True)
    now = NumericProperty(0)
    """Unix seconds, moved on once a second."""
    tr = ObjectProperty(catalogue(Language.SWEDISH))
    ground = StringProperty(theme.CANVAS)
    escape: ClassVar[str] = ""
    """The target that the Escape key touches."""

    def send(self, command: Command) -> None:
        """Pass a command on to the agent."""
        sender_of(self.parent).send(command)

    def rest(self) -> None:
        """Leave the window: let go of everything that was shown, and of what was typed."""
        self.state = KitState(language=self.state.language)
        for tile in self.tiles():
            tile.clear()

    def tiles(self) -> list[PictureTile]:
        """Return the picture tiles of this screen."""
        if self._tiles is None:
            self._tiles = [widget for widget in self.walk() if isinstance(widget, PictureTile)]
        return self._tiles

    def draw_pictures(self, pictures: Any) -> list[tuple[Stream, Picture]]:
        """Draw what is new in the tiles that are shown; return it."""
        new = []
        for tile in self._live_tiles():
            picture = tile.show(pictures)
            if picture is not None:
                new.append((tile.stream, picture))
        return new

    def typed(self, text: str) -> None:
        """Take text from a real keyboard or a reader of QR codes."""

    def erased(self) -> None:
        """Take a backspace from a real keyboard."""

    def entered(self) -> bool:
        """Take Enter from a real keyboard; True where it meant something."""
        return False

    def _live_tiles(self) -> list[PictureTile]:
        return [tile for tile in self.tiles() if _is_visible(tile, self)]

    _tiles: list[PictureTile] | None = None


class Part:
    """Mixin: a part of a screen with kv rules of its own that draws from the same snapshot."""

    view = ObjectProperty(None, allownone=True, rebind=True)


class Draft:
    """Mixin: text that is being typed, with the keyboard on the screen or a real one."""

    draft = StringProperty("")
    typing = BooleanProperty(False)
    longest = NumericProperty(200)

    def key(self, value: str) -> None:
        """Take one key of the keyboard on the screen."""
        self.draft = self.draft[:-1] if value == "back" else (self.draft + value)[: self.longest]

    def typed(self, text: str) -> None:
        """See :class:`View`."""
        if self.typing:
            self.draft = (self.draft + text)[: self.longest]

    def erased(self) -> None:
        """See :class:`View`."""
        self.draft = self.draft[:-1]

    def forget_draft(self) -> None:
        """Nothing that was typed is kept."""
        self.draft = ""
        self.typing = False


class Digits(Draft):
    """Mixin: a number that is being typed on the keypad or a real keyboard; OK or Enter ends it."""

    longest = NumericProperty(20)

    def key(self, value: str) -> None:
        """Take one key of the keypad."""
        if value == "ok":
            self.entered()
        else:
            super().key(value)

    def typed(self, text: str) -> None:
        """Take digits from a real keyboard."""
        digits = "".join(character for character in text if character in "0123456789")
        self.draft = (self.draft + digits)[: self.longest]

    def entered(self) -> bool:
        """See :class:`View`."""
        return False


def _is_visible(widget: Any, top: Any) -> bool:
    while widget is not top:
        if not is_shown(widget):
            return False
        widget = widget.parent
    return True
