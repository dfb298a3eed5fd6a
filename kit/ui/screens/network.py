"""What carries the kit, how well, and the link test before a meeting."""

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty

from kit.ipc.network import LinkTest, Mobile, Uplink
from kit.ipc.state import KitState, Network
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import Part, View
from kit.ui.widgets.bases import BaseWidget
from kit.ui.widgets.layout import Row, Stack
from kit.ui.widgets.touch import Surface
from kit.ui.words import mobile
from kit.ui.words.mobile import Said
from kit.ui.words.network import Line, Outcome, figures, lines, others, outcome


class UplinkLine(Surface):
    """One way to the network."""

    item = ObjectProperty(None, rebind=True)


class Bar(BaseWidget):
    """How much of a whole, 0 to 1."""

    value = NumericProperty(0)


class VerdictLine(Row):
    """What was found of one uplink."""

    item = ObjectProperty(None)


class LinkTestPanel(Part, Stack):
    """A link test under way, or its outcome with what to do about it. ``view`` is its screen."""

    test = ObjectProperty(None, allownone=True)
    details = BooleanProperty(False)
    """The figures for IT are shown."""

    def outcome(self, test: LinkTest | None, tr: Catalogue) -> Outcome:
        """Return its words."""
        return outcome(test or LinkTest(uplink=Uplink.NONE), tr)

    def figures(self, test: LinkTest | None, tr: Catalogue) -> tuple[tuple[str, str], ...]:
        """Return what was measured."""
        return figures(test.figures, tr) if test and test.figures else ()

    def others(self, test: LinkTest | None, tr: Catalogue) -> tuple[tuple[str, str], ...]:
        """Return what was found of the other uplinks."""
        return others(test, tr) if test else ()

    def on_test(self, *_: object) -> None:
        """Fold the figures in again when the next test begins."""
        if self.test is None or self.test.running:
            self.details = False


class NetworkView(View):
    """See the module."""

    escape = "network.back"

    def lines(self, network: Network, tr: Catalogue) -> tuple[Line, ...]:
        """Return the uplinks."""
        return lines(network, tr)

    def advice(self, state: KitState, tr: Catalogue) -> str:
        """Return what to do where nothing carries the kit; the patient's Wi-Fi needs a meeting first."""
        if state.devices.network.uplink is not Uplink.NONE:
            return ""
        return tr("Ställ enheten närmare ett fönster, eller anslut en nätverkskabel.")

    def region(self, network: Network, tr: Catalogue) -> tuple[str, str, str, str]:
        """Return tone, icon, title and text of the contact with the region."""
        if network.region_reachable is None:
            return "unknown", "cloud", tr("Kontrollerar kontakten med regionen"), ""
        if network.region_reachable:
            return "ok", "cloud-check", tr("Kontakt med regionen"), tr("Bokade möten och rapporter går fram.")
        text = tr("Möten kan fungera ändå. Rapporter skickas när kontakten är tillbaka.")
        return "warn", "cloud-off", tr("Ingen kontakt med regionen"), text

    def has_mobile(self, modem: Mobile) -> bool:
        """Whether there is anything to say of mobile broadband."""
        return modem != Mobile()

    def mobile(self, state: KitState, tr: Catalogue) -> Said:
        """Return how mobile broadband is."""
        whole = state.support.phone.replace(" ", "\N{NO-BREAK SPACE}")
        return mobile.said(state.devices.network.mobile, whole, tr)

    def data(self, modem: Mobile, tr: Catalogue) -> str:
        """Return what was used this month, with a warning when it is nearly all."""
        used = _gigabytes(modem.used_mb, tr)
        if not modem.budget_mb:
            return tr("{used} använt den här månaden", used=used)
        said = tr("{used} av {all} använt den här månaden", used=used, all=_gigabytes(modem.budget_mb, tr))
        return mobile.data(modem, tr) or said

    def share(self, modem: Mobile) -> float:
        """Return the share of the month's data that is used, at most 1."""
        return min(1.0, modem.used_mb / modem.budget_mb) if modem.budget_mb else 0.0

    def needs_meeting(self, state: KitState) -> bool:
        """Whether only the patient's Wi-Fi is left, which belongs to a meeting."""
        return state.devices.network.uplink is Uplink.NONE


def _gigabytes(megabytes: int, tr: Catalogue) -> str:
    if megabytes < 1000:
        return f"{megabytes} MB"
    return f"{megabytes / 1000:.1f} GB".replace(".", tr(","))
