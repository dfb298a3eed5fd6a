"""Hold an invitation's QR code before the camera."""

from kit.ipc.scan import ScanTrouble
from kit.ipc.state import Condition, KitState
from kit.ui.catalogue import N_, Catalogue
from kit.ui.screens.view import View

_HINTS = {
    ScanTrouble.NONE: (
        N_("Håll koden mot kameran"),
        N_("Koden ska synas hel i rutan. Mötet öppnas av sig självt."),
    ),
    ScanTrouble.SEVERAL: (
        N_("Visa en kod i taget"),
        N_("Flera koder syns. Täck över dem som inte gäller mötet."),
    ),
    ScanTrouble.UNCLEAR: (
        N_("Koden går inte att läsa"),
        N_("Håll den stilla, rakt och lite längre bort, i bra ljus. Är den skadad kan du skriva länken."),
    ),
}


class ScanView(View):
    """See the module."""

    escape = "scan.back"

    def title(self, state: KitState, tr: Catalogue) -> str:
        """Return what to do now."""
        if self.blind(state):
            return tr("Kameran hittas inte")
        return tr(_HINTS[state.scan_trouble][0])

    def hint(self, state: KitState, tr: Catalogue) -> str:
        """Return how."""
        if self.blind(state):
            return tr("Kontrollera att kamerans sladd sitter i, eller skriv länken eller koden.")
        return tr(_HINTS[state.scan_trouble][1])

    def tone(self, state: KitState) -> str:
        """Return the tone of the hint."""
        calm = state.scan_trouble is ScanTrouble.NONE and not self.blind(state)
        return "card" if calm else "warn"

    def icon(self, state: KitState) -> str:
        """Return the icon of the hint."""
        if self.blind(state):
            return "camera-off"
        return "qr-code" if state.scan_trouble is ScanTrouble.NONE else "triangle-alert"

    def blind(self, state: KitState) -> bool:
        """Whether there is no camera to read with."""
        return state.devices.camera.condition is Condition.MISSING
