"""What lies beside the call's picture: participants, chat, agenda, phone, settings, fault."""

from typing import Any, NamedTuple

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from kit.ipc.call import Call, ChatLine, Participant, Role
from kit.ipc.commands import Command, ReportFault, SendChat, ShowCaptions, ShowSelfView, VoiceByPhone
from kit.ipc.state import Fault, FaultCategory, KitState, Language, Panel
from kit.ui.catalogue import N_, Catalogue, catalogue
from kit.ui.moments import clock
from kit.ui.screens.confirm import Tick, ticks
from kit.ui.screens.view import Draft, Part
from kit.ui.widgets.layout import Scroll, Veil
from kit.ui.widgets.text import Icon
from kit.ui.widgets.touch import PushButton, Surface, sender_of
from kit.ui.words.faults import STAGES
from kit.ui.words.visit import AGENDA, Words
from kit.visit.events import ShowAgenda
from kit.visit.model import AgendaItem

QUICK = (N_("Ett ögonblick"), N_("Vi hör er inte"), N_("Vi ser er inte"), N_("Ja, det går bra"))
"""Messages that one tap sends; they go out in the screen's language."""
_TITLES = {
    Panel.PARTICIPANTS: N_("Deltagare"),
    Panel.CHAT: N_("Chatt"),
    Panel.AGENDA: N_("Dagordning"),
    Panel.SETTINGS: N_("Inställningar"),
    Panel.PHONE: N_("Telefon"),
    Panel.FAULT: N_("Felanmäl"),
    Panel.SHARE: N_("Visa bild"),
    Panel.CONFIRM: N_("Bekräfta"),
}


class Person(NamedTuple):
    """One line of the list of participants."""

    name: str
    text: str
    icon: str
    marks: tuple[str, ...]
    tone: str


class ChatBubble(NamedTuple):
    """One chat message."""

    head: str
    text: str
    mine: bool


class Quick(NamedTuple):
    """One message to send by a tap."""

    text: str
    target: str
    command: Command


class PersonLine(Surface):
    """One line of the list of participants."""

    item = ObjectProperty(None, rebind=True)


class MarkIcon(Icon):
    """What a participant does or has switched off."""

    item = StringProperty("")


class ChatMessage(Surface):
    """One chat message."""

    item = ObjectProperty(None, rebind=True)


class QuickButton(PushButton):
    """One message to send by a tap."""

    item = ObjectProperty(None, rebind=True)


class ChatLog(Scroll):
    """Stays at the newest message."""

    lines = ObjectProperty(())

    def on_lines(self, *_: Any) -> None:
        """Go to the end."""
        self.scroll_y = 0


class HangUpQuestion(Part, Veil):
    """The question before leaving."""


class Panels(Draft, Surface):
    """See the module: one panel at a time, by the snapshot's ``panel``."""

    state = ObjectProperty(KitState(), rebind=True)
    tr = ObjectProperty(catalogue(Language.SWEDISH))
    now = NumericProperty(0)
    longest = NumericProperty(2000)
    reported = BooleanProperty(False)
    """A fault was reported from this panel since it was opened."""
    title = StringProperty("")

    def heading(self, panel: Panel, tr: Catalogue) -> str:
        """Return the panel's title."""
        return tr(_TITLES.get(panel, ""))

    def on_state(self, *_: Any) -> None:
        """What was begun in a panel ends with it."""
        if self.state.panel is not Panel.CHAT:
            self.forget_draft()
        if self.state.panel is not Panel.FAULT:
            self.reported = False

    def people(self, call: Call, tr: Catalogue) -> tuple[Person, ...]:
        """Return the list of participants: unknown ones first, waiting ones last."""
        ordered = sorted(call.participants, key=lambda p: (p.waiting, p.name not in call.unknown_names))
        return tuple(_person(person, call, tr) for person in ordered)

    def ticks(self, state: KitState, tr: Catalogue) -> tuple[Tick, ...]:
        """Return the confirmations that an unplanned call has begun without."""
        return ticks(state, tr)

    def bubbles(self, call: Call, tr: Catalogue) -> tuple[ChatBubble, ...]:
        """Return the chat."""
        return tuple(ChatBubble(_head(line, tr), line.text, line.mine) for line in call.chat)

    def quick(self, tr: Catalogue) -> tuple[Quick, ...]:
        """Return the messages that one tap sends."""
        return tuple(Quick(tr(text), f"chat.quick.{n}", SendChat(tr(text))) for n, text in enumerate(QUICK))

    def entered(self) -> bool:
        """Send what was typed."""
        text = self.draft.strip()
        if text:
            sender_of(self).send(SendChat(text))
            self.draft = ""
        return bool(self.typing)

    def agenda(self, item: AgendaItem) -> Words:
        """Return one item's words."""
        return AGENDA[item]

    def number(self, item: AgendaItem) -> int:
        """Return an item's number, from 0."""
        return list(AgendaItem).index(item)

    def step(self, item: AgendaItem, by: int) -> Command | None:
        """Return the command to the item before or after; None at the ends."""
        items = list(AgendaItem)
        at = items.index(item) + by
        return ShowAgenda(items[at]) if 0 <= at < len(items) else None

    def following(self, item: AgendaItem, tr: Catalogue) -> str:
        """Return what comes after this item."""
        command = self.step(item, 1)
        if not isinstance(command, ShowAgenda):
            return ""
        return tr("Sedan: {title}", title=tr(AGENDA[command.item].title))

    def voice(self, call: Call) -> Command:
        """Return what the button of "video utan ljud" does."""
        return VoiceByPhone(not call.voice_by_phone)

    def captions(self, call: Call) -> Command:
        """Return what the switch of the captions does."""
        return ShowCaptions(not call.captions_on)

    def self_view(self, call: Call) -> Command:
        """Return what the switch of the own picture does."""
        return ShowSelfView(not call.self_view)

    def report(self, category: FaultCategory) -> None:
        """Send a fault report without words."""
        sender_of(self).send(ReportFault(category))
        self.reported = True

    def fault_words(self, fault: Fault | None, tr: Catalogue) -> tuple[str, str, str, str]:
        """Return tone, icon, title and text of the newest report."""
        if fault is None:
            return "info", "clock", tr("Felanmälan skickas"), ""
        stage = STAGES[fault.state]
        number = tr("Ärende {number}", number=fault.number) if fault.number else ""
        return stage.tone, stage.icon, tr(stage.title), number or tr(stage.text, unit=fault.replaced_by)


def _person(person: Participant, call: Call, tr: Catalogue) -> Person:
    unknown = person.name in call.unknown_names
    if person.waiting:
        text = tr("I väntrummet")
    elif unknown:
        text = tr("Okänd. Fråga vem det är.")
    else:
        text = tr("Värd") if person.role is Role.HOST else tr("Gäst")
    if person.me:
        text = tr("Ni själva")
    elif person.speaking:
        text = tr("{role} · talar", role=text)
    elif _seen(person, call) and not all(_seen(p, call) for p in call.participants if not p.me):
        text = tr("{role} · i bild", role=text)
    marks = (
        *(("hand",) if person.hand_raised else ()),
        *(["presentation"] if person.presenting else []),
        *(["volume-2"] if person.speaking else []),
        *(["mic-off"] if person.muted else []),
        *(["video-off"] if person.camera_off else []),
    )
    tone = "bad" if unknown else "chosen" if person.speaking else "card"
    icon = "user-search" if unknown else "clock" if person.waiting else "user"
    return Person(person.name or tr("Utan namn"), text, icon, marks[:3], tone)


def _seen(person: Participant, call: Call) -> bool:
    return person.pictured or person.uuid in call.pictures


def _head(line: ChatLine, tr: Catalogue) -> str:
    parts = [tr("Ni") if line.mine else line.author, clock(line.at)]
    if line.failed:
        parts.append(tr("gick inte fram"))
    elif line.delivered is False:
        parts.append(tr("skickas …"))
    return " · ".join(parts)
