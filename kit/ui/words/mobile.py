"""Mobile broadband in plain words: how it is, and what to do about it. Pure."""

from typing import Final, NamedTuple

from kit.ipc.network import DataLevel, Mobile, Registration, Signal, SimState, Technology
from kit.ui.catalogue import N_, Catalogue
from kit.ui.words.network import MOBILE_ICONS, SIGNALS, TECHNOLOGIES

WINDOW: Final = N_("Ställ enheten närmare ett fönster.")
RESTART: Final = N_("Stäng av enheten och starta den igen.")
NO_PIN_HERE: Final = N_("Ni ska inte skriva någon kod.")
WAIT: Final = N_("Det kan ta en minut.")
SLOW: Final = {
    Technology.GSM: N_("2G räcker inte till ett videomöte."),
    Technology.UMTS: N_("3G kan ge dålig bild."),
}
DATA: Final = {
    DataLevel.WITHIN: "",
    DataLevel.NEARLY: N_("Det mesta av månadens mobildata är använt. Möten fungerar som vanligt."),
    DataLevel.OVER: N_("Månadens mobildata är slut. Möten fungerar ändå. Säg till supporten."),
}


class Said(NamedTuple):
    """Title, what to do, tone and icon."""

    title: str
    text: str
    tone: str
    icon: str


class _Words(NamedTuple):
    title: str
    text: str
    tone: str
    calls: bool
    """Only support can help: its number is added."""


SIMS: Final = {
    SimState.UNKNOWN: _Words(N_("Mobilt bredband startar"), WAIT, "unknown", calls=False),
    SimState.NO_SERVICE: _Words(N_("Mobilt bredband svarar inte"), RESTART, "bad", calls=True),
    SimState.NO_MODEM: _Words(N_("Modemet hittas inte"), RESTART, "bad", calls=True),
    SimState.MISSING: _Words(N_("SIM-kortet saknas"), "", "bad", calls=True),
    SimState.PIN_NEEDED: _Words(N_("SIM-kortets PIN-kod saknas"), NO_PIN_HERE, "bad", calls=True),
    SimState.PIN_WRONG: _Words(N_("SIM-kortets PIN-kod är fel"), NO_PIN_HERE, "bad", calls=True),
    SimState.PUK_NEEDED: _Words(N_("SIM-kortet är låst"), NO_PIN_HERE, "bad", calls=True),
    SimState.FAILED: _Words(N_("SIM-kortet fungerar inte"), RESTART, "bad", calls=True),
}
"""Every state but READY, of which the registration tells."""
REGISTRATIONS: Final = {
    Registration.UNKNOWN: _Words(N_("Mobilt bredband startar"), WAIT, "unknown", calls=False),
    Registration.SEARCHING: _Words(N_("Letar efter mobilnät …"), WINDOW, "unknown", calls=False),
    Registration.DENIED: _Words(N_("Mobilnätet släpper inte in enheten"), WINDOW, "bad", calls=True),
    Registration.ROAMING_REFUSED: _Words(
        N_("Bara ett främmande mobilnät, som inte får användas"), WINDOW, "warn", calls=False
    ),
}
"""Every registration without a network; with one, its signal tells."""


def said(mobile: Mobile, phone: str, tr: Catalogue) -> Said:
    """How it is and what to do. ``phone`` is support's number, empty where none is known."""
    if mobile.sim is not SimState.READY:
        return _hindered(SIMS[mobile.sim], phone, tr)
    if mobile.registration not in {Registration.HOME, Registration.ROAMING}:
        return _hindered(REGISTRATIONS[mobile.registration], phone, tr)
    return _registered(mobile, tr)


def data(mobile: Mobile, tr: Catalogue) -> str:
    """A warning about the month's data; empty while there is enough. It never hinders a meeting."""
    return tr(DATA[mobile.data])


def _hindered(words: _Words, phone: str, tr: Catalogue) -> Said:
    icon = "signal-zero" if words.tone != "bad" else "triangle-alert"
    call = _call(phone, tr) if words.calls else ""
    return Said(tr(words.title), " ".join(part for part in (tr(words.text), call) if part), words.tone, icon)


def _registered(mobile: Mobile, tr: Catalogue) -> Said:
    parts = (TECHNOLOGIES[mobile.technology], tr(SIGNALS[mobile.signal]))
    title = tr("Mobilnät: {signal}", signal=" · ".join(part for part in parts if part))
    slow = SLOW.get(mobile.technology, "")
    weak = mobile.signal in {Signal.NONE, Signal.WEAK}
    abroad = tr("Ett främmande mobilnät används.") if mobile.registration is Registration.ROAMING else ""
    text = (abroad, tr(slow), tr(WINDOW) if slow or weak else "")
    tone = "warn" if slow or weak else "ok"
    return Said(title, " ".join(part for part in text if part), tone, MOBILE_ICONS[mobile.signal])


def _call(phone: str, tr: Catalogue) -> str:
    return tr("Ring supporten: {phone}.", phone=phone) if phone else tr("Ring supporten.")
