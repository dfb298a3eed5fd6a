"""Pages of the start screen that only tell: network, help, settings."""

from typing import NamedTuple

from kivy.properties import ObjectProperty

from kit.ipc.network import Uplink
from kit.ipc.state import Condition, KitState, Network
from kit.ui.catalogue import N_, Catalogue
from kit.ui.screens.view import View
from kit.ui.widgets.layout import Row
from kit.ui.widgets.touch import Surface
from kit.ui.words.devices import NETWORK_WORDS, TONES, UPLINK_ICONS, UPLINKS

_ORDER = (
    (Uplink.CABLE, N_("Säkrast. Används så snart en sladd sitter i.")),
    (Uplink.CARE_WIFI, N_("Används där vårdens eget nät finns.")),
    (Uplink.MOBILE, N_("Enhetens eget abonnemang. Fungerar i de flesta hem.")),
)
_ADVICE = {
    Condition.OK: N_("Ljud och bild har goda förutsättningar."),
    Condition.WARN: N_("Ställ enheten närmare ett fönster, eller anslut en nätverkskabel."),
    Condition.BAD: N_("Ställ enheten närmare ett fönster, eller anslut en nätverkskabel."),
    Condition.MISSING: N_("Ställ enheten närmare ett fönster, eller anslut en nätverkskabel."),
    Condition.UNKNOWN: N_("Enheten letar efter nätverk."),
}


class Carrier(NamedTuple):
    """One way to the network, and whether it is the one in use."""

    title: str
    text: str
    icon: str
    used: bool


class CarrierLine(Surface):
    """One way to the network."""

    item = ObjectProperty(None, rebind=True)


class Fact(Row):
    """A name and its value."""

    item = ObjectProperty(None)


class NetworkView(View):
    """What carries the kit, and whether the region answers."""

    escape = "network.back"

    def title(self, network: Network, tr: Catalogue) -> str:
        """Return what carries the kit now."""
        return tr("Inget nätverk") if network.uplink is Uplink.NONE else tr(UPLINKS[network.uplink])

    def icon(self, network: Network) -> str:
        """Return its icon."""
        return UPLINK_ICONS[network.uplink]

    def tone(self, network: Network) -> str:
        """Return the tone of its state."""
        return TONES[network.condition]

    def word(self, network: Network, tr: Catalogue) -> str:
        """Return its state in a word."""
        return tr(NETWORK_WORDS[network.condition])

    def advice(self, network: Network, tr: Catalogue) -> str:
        """Return what that means, or what to do."""
        return tr(_ADVICE[network.condition])

    def region(self, network: Network, tr: Catalogue) -> tuple[str, str, str, str]:
        """Return tone, icon, title and text of the contact with the region."""
        if network.region_reachable is None:
            return "unknown", "cloud", tr("Kontrollerar kontakten med regionen"), ""
        if network.region_reachable:
            return "ok", "cloud-check", tr("Kontakt med regionen"), tr("Bokade möten och rapporter går fram.")
        text = tr("Möten kan fungera ändå. Rapporter skickas när kontakten är tillbaka.")
        return "warn", "cloud-off", tr("Ingen kontakt med regionen"), text

    def carriers(self, network: Network, tr: Catalogue) -> tuple[Carrier, ...]:
        """Return the ways to the network in the order in which the kit prefers them."""
        return tuple(
            Carrier(tr(UPLINKS[uplink]), tr(text), UPLINK_ICONS[uplink], uplink is network.uplink)
            for uplink, text in _ORDER
        )


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
