"""A refusal in plain words, over whatever screen is shown."""

from kivy.properties import ObjectProperty

from kit.ipc.state import KitState, Language
from kit.ui.catalogue import Catalogue, catalogue
from kit.ui.route import refusal_shown
from kit.ui.widgets.layout import Veil
from kit.ui.words.refusals import REFUSALS, Call, Words
from kit.visit.model import Refusal

_NOTHING = Words("", "")


class RefusalVeil(Veil):
    """See the module. Shown while the snapshot carries a refusal."""

    state = ObjectProperty(KitState(), rebind=True)
    tr = ObjectProperty(catalogue(Language.SWEDISH))
    escape = "refusal.dismiss"

    def words(self, state: KitState) -> Words:
        """Return the refusal's words."""
        reason = refusal_shown(state)
        return REFUSALS[reason] if reason else _NOTHING

    def phone(self, state: KitState, tr: Catalogue) -> tuple[str, str, str]:
        """Return title, number and text of the number that helps; no number for nobody."""
        call = self.words(state).call
        if call is Call.DIAL_IN and state.dial_in:
            meeting = state.dial_in.meeting_id
            return (
                tr("Ring in till mötet"),
                state.dial_in.phone,
                tr("Mötes-id {id}", id=meeting) if meeting else "",
            )
        if call is not Call.NOBODY and state.support.phone:
            return state.support.name or tr("Support"), state.support.phone, state.support.hours
        return "", "", ""

    def hosts(self, state: KitState, tr: Catalogue) -> str:
        """Return the meeting services that are allowed, where that helps."""
        if refusal_shown(state) is not Refusal.LINK_HOST_NOT_ALLOWED or not state.allowed_hosts:
            return ""
        return tr("Godkända: {hosts}", hosts=", ".join(state.allowed_hosts[:3]))

    def code(self, state: KitState, tr: Catalogue) -> str:
        """Return what the region's support knows the error by."""
        code = state.refused.support_code if state.refused else ""
        return tr("Supportkod {code}", code=code) if code else ""
