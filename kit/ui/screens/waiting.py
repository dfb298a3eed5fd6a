"""In the room, and nobody else is: the waiting room, or the first one there."""

from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.moments import clock, minutes
from kit.ui.screens.view import View


class WaitingView(View):
    """See the module."""

    escape = "waiting.leave"

    def since(self, state: KitState, now: float, tr: Catalogue) -> str:
        """Return since when, and how long that is."""
        passed = minutes(now - state.visit.since)
        began = tr("Ni har väntat sedan kl. {time}", time=clock(state.visit.since))
        if not passed:
            return began
        length = tr.plural("{n} minut", "{n} minuter", passed)
        return f"{began} · {length}"
