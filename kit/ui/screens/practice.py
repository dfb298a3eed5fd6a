"""Practise at any time: the region's test room, and the room that sends back what one says."""

from kit.ipc.state import Condition, KitState
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import View


class PracticeView(View):
    """See the module."""

    escape = "practice.back"

    def offline(self, state: KitState) -> bool:
        """Whether nothing can be joined now; the function test can be made all the same."""
        return state.devices.network.condition is Condition.MISSING

    def advice(self, state: KitState, tr: Catalogue) -> str:
        """Return what stands below the title."""
        if self.offline(state):
            return tr("Utan nätverk går det bara att kontrollera utrustningen.")
        return tr("Inget hembesök börjar, och ingenting rapporteras.")
