"""The number of a room behind a reception, on a keypad."""

from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import Digits, View
from kit.visit.events import EnterExtension
from kit.visit.model import DoorState


class ExtensionView(Digits, View):
    """See the module."""

    escape = "extension.cancel"

    def entered(self) -> bool:
        """Send the number and forget it."""
        if self.draft:
            self.send(EnterExtension(self.draft))
            self.draft = ""
        return True

    def said(self, state: KitState, tr: Catalogue) -> str:
        """Return what became of the last number."""
        wrong = state.visit.door is DoorState.EXTENSION_WRONG
        return tr("Det finns inget möte med det numret.") if wrong else ""

    def rest(self) -> None:
        """See :class:`View`."""
        self.forget_draft()
        super().rest()
