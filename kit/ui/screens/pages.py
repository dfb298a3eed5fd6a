"""Pages of the start screen that only tell: help, settings."""

from kivy.properties import ObjectProperty

from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import View
from kit.ui.widgets.layout import Row


class Fact(Row):
    """A name and its value."""

    item = ObjectProperty(None)


class HelpView(View):
    """Phone numbers and what to try: needs no network."""

    escape = "help.back"


class SettingsView(View):
    """Language, and what this kit is."""

    escape = "settings.back"

    def about(self, state: KitState, tr: Catalogue) -> tuple[tuple[str, str], ...]:
        """Return names and values."""
        devices = state.devices
        named = (
            (tr("Enhet"), state.unit_name or state.kit_id),
            (tr("Kit-id"), state.kit_id),
            (tr("Plats"), state.place),
            (tr("Kamera"), devices.camera.label),
            (tr("Mikrofon"), devices.microphone.label),
            (tr("Högtalare"), devices.speaker.label),
        )
        return tuple((name, value or "–") for name, value in named)
