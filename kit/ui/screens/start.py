"""The start screen: how the kit is, and the one thing that most visits begin with."""

from kivy.properties import BooleanProperty

from kit.ipc.commands import ChooseMeeting, Command, Dismiss, Open
from kit.ipc.state import Fault, FaultState, KitState, Page
from kit.ui import upcoming
from kit.ui.catalogue import Catalogue
from kit.ui.moments import clock, minutes
from kit.ui.screens.ring import Contact, contacts
from kit.ui.screens.view import View
from kit.ui.words import network
from kit.ui.words.devices import Card, battery_card, device_card
from kit.ui.words.faults import STAGES
from kit.ui.words.notices import NOTICES


class StartView(View):
    """See the module."""

    tight = BooleanProperty(False)
    """What can be done without is left out."""

    def unit(self, state: KitState) -> str:
        """Name and place in one line."""
        return " · ".join(part for part in (state.unit_name or state.kit_id, state.place) if part)

    def cards(self, state: KitState, tr: Catalogue) -> tuple[Card, ...]:
        """Return the status row."""
        devices = state.devices
        return (
            battery_card(devices.battery, tr),
            network.card(devices.network, tr),
            device_card("camera", tr("Kamera"), "camera", devices.camera, tr),
            device_card("microphone", tr("Mikrofon"), "mic", devices.microphone, tr),
            device_card("speaker", tr("Högtalare"), "volume-2", devices.speaker, tr),
        )

    def contacts(self, state: KitState, tr: Catalogue) -> tuple[Contact, ...]:
        """Return whom staff reaches at once with one tap."""
        return contacts(state, tr)

    def overline(self, state: KitState, now: float, tr: Catalogue) -> str:
        """Return what stands above the large words: when the meeting begins that they lead to."""
        meeting = upcoming.offered(state.meetings, now)
        if meeting is None:
            return ""
        left = minutes(meeting.starts_at - now + 59)
        if left == 0:
            return tr("Mötet har börjat")
        return tr.plural("Börjar om {n} minut", "Börjar om {n} minuter", left)

    def main_words(self, state: KitState, now: float, tr: Catalogue) -> str:
        """Return the large words."""
        meeting = upcoming.offered(state.meetings, now)
        if meeting is None:
            return tr("Anslut till möte")
        return tr("Gå till mötet {time}", time=clock(meeting.starts_at))

    def hint(self, state: KitState, now: float, tr: Catalogue) -> str:
        """Return what stands below the large words."""
        meeting = upcoming.offered(state.meetings, now)
        if meeting:
            return meeting.title
        later = upcoming.next_later(state.meetings, now)
        if later:
            return tr("Nästa möte kl. {time}", time=clock(later.starts_at))
        return tr("Kod, länk eller QR-kod")

    def main_command(self, state: KitState, now: float) -> Command:
        """Return what the large button does."""
        meeting = upcoming.offered(state.meetings, now)
        return ChooseMeeting(meeting.number) if meeting else Open(Page.MEETING)

    def offers(self, state: KitState, now: float) -> bool:
        """Whether the large button leads straight to a meeting."""
        return upcoming.offered(state.meetings, now) is not None

    def news(self, state: KitState, tr: Catalogue) -> tuple[str, str, str, str]:
        """Return tone, icon, title and text of the strip; no title for no news."""
        if state.takes_over:
            title = tr("Den här enheten ersätter {unit}", unit=state.takes_over)
            return "info", "repeat", title, tr("Inställningar och bokade möten har följt med.")
        known = [kind for kind in NOTICES if kind in state.notices]
        if known:
            words = NOTICES[known[0]]
            return words.tone, words.icon, tr(words.title), tr(words.text)
        fault = state.fault
        if fault and fault.state in (FaultState.REPLACEMENT_CHOSEN, FaultState.SWAPPED):
            stage = STAGES[fault.state]
            return stage.tone, stage.icon, tr(stage.title), tr(stage.text, unit=fault.replaced_by)
        return "info", "", "", ""

    def news_command(self, state: KitState) -> Command | None:
        """Return what the strip's button does."""
        return Dismiss() if state.takes_over else None

    def fault_hint(self, fault: Fault | None, tr: Catalogue) -> str:
        """Return the line of the fault card: the open case, if there is one."""
        if fault is None or fault.state is FaultState.CLOSED:
            return tr("Beskriv felet så hjälper supporten")
        title = tr(STAGES[fault.state].title)
        return f"{fault.number}: {title}" if fault.number else title

    def support(self, state: KitState, tr: Catalogue) -> str:
        """Return the footer's phone line."""
        if not state.support.phone:
            return tr("Hjälp")
        line = tr("Support {phone}", phone=state.support.phone)
        return f"{line}, {state.support.hours}" if state.support.hours else line
