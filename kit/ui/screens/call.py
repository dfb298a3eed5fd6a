"""The call: the others large, oneself small, and what can be done below."""

from kivy.properties import StringProperty

from kit.ipc.call import Call
from kit.ipc.commands import CameraOff, Command, Mute, OpenPanel, RaiseHand
from kit.ipc.network import WifiStep
from kit.ipc.pictures import Stream
from kit.ipc.state import KitState, NoticeKind, Panel
from kit.ui import coach, theme
from kit.ui.catalogue import Catalogue
from kit.ui.moments import duration
from kit.ui.screens.gallery import Seen, seen
from kit.ui.screens.share import looked_at, may_share
from kit.ui.screens.view import Part, View
from kit.ui.widgets.layout import Veil
from kit.ui.words.notices import NOTICES
from kit.ui.words.wifi import time_left
from kit.visit.model import Step

_FELT = (
    NoticeKind.NETWORK_AWAY,
    NoticeKind.ENGINE_RESTARTING,
    NoticeKind.ROOM_AWAY,
    NoticeKind.NO_CAMERA,
    NoticeKind.NO_MICROPHONE,
    NoticeKind.NO_SPEAKER,
)
"""Faults that those in the call notice."""


_BAR_ALWAYS, _BAR_FITS = 6, 7
"""Buttons of the bar that are always there, and how many fit with words of the usual size."""


class Reconnecting(Part, Veil):
    """Lies over the last picture while the call is on its way back."""


class CallView(View):
    """See the module."""

    escape = "panel.close"
    ground = StringProperty(theme.NIGHT)

    def toggle(self, state: KitState, panel: Panel) -> Command:
        """Open a panel, or close it when it is open."""
        return OpenPanel(Panel.NONE if state.panel is panel else panel)

    def tone(self, state: KitState, panel: Panel) -> str:
        """Return the tone of the button of a panel."""
        return "night-on" if state.panel is panel else "night"

    def mute(self, call: Call) -> Command:
        """Return what the microphone's button does."""
        return Mute(not call.muted)

    def hand(self, call: Call) -> Command:
        """Return what the button of the raised hand does."""
        return RaiseHand(not call.hand_raised)

    def camera(self, call: Call) -> Command:
        """Return what the camera's button does."""
        return CameraOff(not call.camera_off)

    def main_stream(self, state: KitState) -> Stream:
        """Return what is shown large: what staff aims at, else slides before people."""
        return looked_at(state) or (Stream.SLIDES if state.call.slides else Stream.REMOTE)

    def shrink(self, state: KitState) -> float:
        """Return how much smaller the words below are, so that they fit beside each other."""
        able = state.call.capabilities
        return min(1.0, _BAR_FITS / (_BAR_ALWAYS + able.chat + able.raise_hand + may_share(state)))

    def may_share(self, state: KitState) -> bool:
        """Whether there is anything to show the others."""
        return may_share(state)

    def large(self, call: Call, tr: Catalogue) -> Seen:
        """Return who is in the large picture, where the room sends one of each."""
        return seen(call, 0, tr)

    def people(self, call: Call, tr: Catalogue) -> str:
        """Return how many take part."""
        return tr.plural("{n} deltagare", "{n} deltagare", self.count(call))

    def count(self, call: Call) -> int:
        """Return how many are in the meeting; those in the waiting room are not."""
        return sum(not person.waiting for person in call.participants)

    def length(self, state: KitState, now: float) -> str:
        """Return how long the meeting has lasted, its interruptions included."""
        began = state.visit.started_at
        return duration(0.0 if began is None else now - began)

    def away(self, state: KitState) -> bool:
        """Whether the call is on its way back."""
        return state.visit.step is Step.RECONNECTING

    def away_title(self, state: KitState, tr: Catalogue) -> str:
        """Return what is going on while there is no call."""
        if state.visit.resume_asked:
            return tr("Samtalet är brutet")
        if state.call.moving:
            return tr("Ni flyttas till ett annat mötesrum …")
        if state.devices.network.patient.offered:
            return tr("Inget nät just nu")
        if NoticeKind.NETWORK_AWAY in state.notices or state.devices.network.changing:
            return tr("Byter nät …")
        return tr("Kopplar upp igen …")

    def away_text(self, state: KitState, tr: Catalogue) -> str:
        """Return what to do about it."""
        if state.visit.resume_asked:
            return tr("Tryck för att försöka igen, eller ring in på telefon.")
        if state.devices.network.patient.offered:
            return tr("Enheten fortsätter att söka. Ni kan ringa in på telefon.")
        if NoticeKind.ENGINE_RESTARTING in state.notices:
            return tr("Ljud och bild startar om. Ni behöver inte göra något.")
        if NoticeKind.ROOM_AWAY in state.notices:
            return tr("Mötestjänsten svarar inte just nu. Ni behöver inte göra något.")
        return tr("Ni behöver inte göra något.")

    def advice(self, state: KitState, tr: Catalogue) -> str:
        """Return what is wrong: with the path or the kit, else the coach's sentence about the connection."""
        if self.away(state):
            return ""
        if state.call.changing_path or state.devices.network.changing:
            return tr("Byter nät …")
        felt = [NOTICES[kind].title for kind in NOTICES if kind in state.notices and kind in _FELT]
        said = felt[:1] or coach.advice(state.call.quality, state.devices.network)
        return " ".join(tr(sentence) for sentence in said)

    def wifi(self, state: KitState, now: float, tr: Catalogue) -> str:
        """Return for how long the patient's Wi-Fi stays at the most, while it carries the call."""
        patient = state.devices.network.patient
        if self.wifi_matters(state):
            return ""
        return tr("Patientens Wi-Fi: {left}", left=time_left(patient, now, tr).lower())

    def wifi_matters(self, state: KitState) -> bool:
        """Whether something of the patient's Wi-Fi is to be done or read now."""
        patient = state.devices.network.patient
        return patient.step is not WifiStep.ON or patient.ends_soon or patient.stuck

    def silence(self, call: Call, tr: Catalogue) -> str:
        """Return what the others do not get from here."""
        if call.voice_by_phone:
            return tr("Video utan ljud: prata i telefonen")
        if call.moderated:
            return tr("Värden har stängt av din mikrofon")
        if call.muted and call.camera_off:
            return tr("Mikrofonen och kameran är av")
        if call.muted:
            return tr("Mikrofonen är av: ingen hör er")
        return tr("Kameran är av: ingen ser er") if call.camera_off else ""

    def unknown(self, call: Call, tr: Catalogue) -> str:
        """Return who is pointed out."""
        if not call.unknown_names:
            return ""
        return tr.plural("{n} okänd deltagare", "{n} okända deltagare", len(call.unknown_names))

    def joined(self, call: Call, tr: Catalogue) -> str:
        """Return who has just come."""
        return tr("{name} är med", name=_short(call.announced)) if call.announced else ""

    def dial_in(self, state: KitState, tr: Catalogue) -> str:
        """Return the way in by phone in one line."""
        if state.dial_in is None:
            return state.support.phone
        if not state.dial_in.meeting_id:
            return state.dial_in.phone
        return tr("{phone}, mötes-id {id}", phone=state.dial_in.phone, id=state.dial_in.meeting_id)


def _short(name: str) -> str:
    return name if len(name) <= 32 else name[:31] + "…"
