"""The room's PIN, on a keypad."""

from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import Digits, View
from kit.visit.events import EnterPin
from kit.visit.model import PinState


class PinView(Digits, View):
    """See the module."""

    escape = "pin.cancel"

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
