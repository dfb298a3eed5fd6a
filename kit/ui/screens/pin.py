"""The room's PIN, on a keypad."""

from kivy.properties import NumericProperty

from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import Draft, View
from kit.visit.events import EnterPin
from kit.visit.model import PinState


class PinView(Draft, View):
    """See the module."""

    escape = "pin.cancel"
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
        """Send the PIN and forget it."""
        if self.draft:
            self.send(EnterPin(self.draft))
            self.draft = ""
        return True

    def said(self, state: KitState, tr: Catalogue) -> str:
        """Return what became of the last PIN."""
        if state.visit.pin is not PinState.WRONG:
            return ""
        left = state.visit.pin_tries_left
        return tr.plural("Fel PIN-kod. {n} försök kvar.", "Fel PIN-kod. {n} försök kvar.", left)

    def rest(self) -> None:
        """See :class:`View`."""
        self.forget_draft()
        super().rest()
