"""The patient's own Wi-Fi as an emergency: two questions, the network, its password, and its removal."""

from typing import Any, ClassVar, NamedTuple

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty

from kit.ipc.commands import Command
from kit.ipc.network import PatientWifi, Signal, WifiNetwork, WifiSecurity, WifiStep, WifiTrouble
from kit.ipc.state import KitState
from kit.ipc.wifi import BackWifi, ChooseWifi, EnterWifiKey, TypeWifiName
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import Draft, Part, View
from kit.ui.widgets.frame import Strip
from kit.ui.widgets.keys import BACK, COLUMNS, SHIFT, SPACE, Keys
from kit.ui.widgets.touch import Touchable
from kit.ui.words.network import SIGNALS, WIFI_ICONS
from kit.ui.words.wifi import (
    NOTHING,
    SECURITIES,
    SECURITY_ICONS,
    STUCK,
    TITLES,
    TROUBLES,
    News,
    Words,
    news,
)
from kit.visit.model import Step

LONGEST_NAME, LONGEST_KEY = 64, 128
LEAST_USUAL = 8
"""Characters of the shortest password that home routers take."""
SIGNS, LETTERS = "#+=", "abc"
PASSWORD_LETTERS = (
    (*"1234567890", BACK),
    (*"qwertyuiopå",),
    (*"asdfghjklöä",),
    (SHIFT, *"zxcvbnm", "_", "-", "."),
    (SIGNS, "!", "@", "?", SPACE),
)
PASSWORD_SIGNS = (
    (*"1234567890", BACK),
    (*"!\"#$%&'()*+",),
    (*",-./:;<=>?@",),
    (*"[\\]^_`{|}~",),
    (LETTERS, SPACE),
)
"""With the letters: every printable character of ASCII, which is what a password may hold."""


class Found(NamedTuple):
    """One network of the scan."""

    name: str
    text: str
    warning: str
    icon: str
    lock: str
    usable: bool
    target: str
    command: Command


class NetworkCard(Touchable):
    """One network of the scan."""

    item = ObjectProperty(None, rebind=True)


class PasswordLetters(Keys):
    """Letters and digits, and the way to the signs."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.fill(PASSWORD_LETTERS, COLUMNS)


class PasswordSigns(Keys):
    """Signs, and the way back to the letters."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.fill(PASSWORD_SIGNS, COLUMNS)


class WifiStrip(Part, Strip):
    """What the visit's other screens say of it; takes no room while there is nothing to say."""

    news = ObjectProperty(NOTHING, rebind=True)

    def told(self, state: KitState, now: float, tr: Catalogue) -> News:
        """Return what is said."""
        return news(state.devices.network.patient, now, tr)


class TroubleStrip(Part, Strip):
    """What is the matter on the flow's own screen, and the way out."""


class WifiView(Draft, View):
    """See the module."""

    escape: ClassVar[str] = "wifi.back"
    longest = NumericProperty(LONGEST_KEY)
    consented = BooleanProperty(False)
    """Staff has ticked that the patient said yes."""
    naming = BooleanProperty(False)
    """The name of a hidden network is being typed."""
    visible = BooleanProperty(False)
    """The password is shown as it is typed."""
    signs = BooleanProperty(False)

    def patient(self, state: KitState) -> PatientWifi:
        """Return what is known of it."""
        return state.devices.network.patient

    def on_state(self, *_: Any) -> None:
        """Let go of what belonged to the last step; a password stays while it is tried."""
        step = self.patient(self.state).step
        if step is not WifiStep.CONSENT:
            self.consented = False
        if step is not WifiStep.CHOOSE:
            self.naming = False
        if step not in (WifiStep.KEY, WifiStep.JOINING) and not self.naming:
            self.forget_draft()
        self.typing = step is WifiStep.KEY or self.naming

    def on_naming(self, *_: Any) -> None:
        """Begin with nothing, and forget what was begun."""
        self.draft = ""
        self.typing = self.naming
        self.longest = LONGEST_NAME if self.naming else LONGEST_KEY

    def title(self, state: KitState, naming: bool, tr: Catalogue) -> str:
        """Return the step's title."""
        if naming:
            return tr("Skriv nätets namn")
        patient = self.patient(state)
        return tr("Läs routerns QR-kod") if patient.reading_code else tr(TITLES[patient.step])

    def leave(self) -> None:
        """Go one step back; from a name that is being typed to the list."""
        if self.naming:
            self.naming = False
        else:
            self.send(BackWifi())

    def at(self, state: KitState, *steps: WifiStep) -> bool:
        """Whether the flow is at one of these steps."""
        return self.patient(state).step in steps

    def waits(self, state: KitState, tr: Catalogue) -> str:
        """Return what the meeting does meanwhile."""
        return tr("Mötet väntar på nät") if state.visit.step is Step.RECONNECTING else ""

    def trouble(self, state: KitState) -> Words:
        """Return what is the matter, and the way out; no title for nothing."""
        return TROUBLES[self.patient(state).trouble]

    def networks(self, state: KitState, tr: Catalogue) -> tuple[Found, ...]:
        """Return the networks in reach, the strongest first."""
        return tuple(_found(network, tr) for network in self.patient(state).networks)

    def empty(self, state: KitState, tr: Catalogue) -> Words:
        """Return what stands in place of the list while it is empty."""
        if self.patient(state).scanning:
            return Words(tr("Letar efter nät …"), tr("Det tar några sekunder."))
        return Words(tr("Inga nät hittades"), tr("Ställ enheten närmare patientens router och leta igen."))

    def masked(self, draft: str, visible: bool) -> str:
        """Return the password as it is shown."""
        return draft if visible else "•" * len(draft)

    def hint(self, draft: str, tr: Catalogue) -> str:
        """Return how long the password is, and that most have eight characters at least."""
        count = tr.plural("{n} tecken", "{n} tecken", len(draft))
        return count if len(draft) >= LEAST_USUAL else tr("{count}. Minst 8 brukar behövas.", count=count)

    def submission(self, draft: str, naming: bool) -> Command | None:
        """Return the command that sends what was typed; None while there is nothing."""
        if not draft:
            return None
        return TypeWifiName(draft) if naming else EnterWifiKey(draft)

    def key(self, value: str) -> None:
        """Take one key, or change between letters and signs."""
        if value.casefold() in (SIGNS, LETTERS):
            self.signs = value == SIGNS
        else:
            super().key(value)

    def entered(self) -> bool:
        """Send what was typed."""
        command = self.submission(self.draft, self.naming) if self.typing else None
        if command is not None:
            self.send(command)
        return bool(self.typing)

    def removal(self, state: KitState, tr: Catalogue) -> Words:
        """Return what is said while it is being removed, and when it is gone."""
        patient = self.patient(state)
        if patient.stuck:
            return Words(tr(STUCK.title), tr(STUCK.text))
        title = tr(TITLES[patient.step])
        if patient.step is WifiStep.REMOVED:
            return Words(title, tr("Enheten har kontrollerat att namn, lösenord och adress är borta."))
        return Words(title, tr("Det tar några sekunder."))

    def removal_tone(self, state: KitState) -> str:
        """Return its tone."""
        patient = self.patient(state)
        return "bad" if patient.stuck else "chosen" if patient.step is WifiStep.REMOVED else "current"

    def removal_icon(self, state: KitState) -> str:
        """Return its icon."""
        patient = self.patient(state)
        if patient.stuck:
            return "power-off"
        return "shield-check" if patient.step is WifiStep.REMOVED else "loader"

    def after(self, state: KitState) -> Words:
        """Return why it was removed, where staff did not do it."""
        patient = self.patient(state)
        return self.trouble(state) if patient.step is WifiStep.REMOVED else TROUBLES[WifiTrouble.NONE]

    def rest(self) -> None:
        """See :class:`View`."""
        self.naming = self.visible = self.signs = self.consented = False
        self.forget_draft()
        super().rest()


def _found(network: WifiNetwork, tr: Catalogue) -> Found:
    signal = SIGNALS[network.signal]
    return Found(
        name=network.label,
        text=f"{tr(signal)} · {tr(SECURITIES[network.security])}",
        warning=tr("Ser ut som en telefon") if network.hotspot else "",
        icon=WIFI_ICONS[network.signal] if network.signal is not Signal.NONE else "wifi-zero",
        lock=SECURITY_ICONS[network.security],
        usable=network.security is not WifiSecurity.NOT_SUPPORTED,
        target=f"wifi.choose.{network.number}",
        command=ChooseWifi(network.number),
    )
