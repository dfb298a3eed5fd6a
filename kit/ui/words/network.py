"""Networks in plain words: what carries the kit, how well, and what a link test says. Pure."""

from typing import NamedTuple

from kit.ipc.network import (
    LinkAdvice,
    LinkFigures,
    LinkTest,
    LinkVerdict,
    Signal,
    Technology,
    Uplink,
    UplinkState,
    UplinkView,
    Verdict,
)
from kit.ipc.state import Condition, Network
from kit.ui.catalogue import N_, Catalogue
from kit.ui.words.devices import MARKS, NETWORK_WORDS, TONES, UPLINK_ICONS, UPLINKS, Card

SIGNALS = {
    Signal.NONE: N_("Ingen signal"),
    Signal.WEAK: N_("Svag signal"),
    Signal.FAIR: N_("Okej signal"),
    Signal.GOOD: N_("Bra signal"),
}
WIFI_ICONS = {
    Signal.NONE: "wifi-zero",
    Signal.WEAK: "wifi-low",
    Signal.FAIR: "wifi-high",
    Signal.GOOD: "wifi",
}
MOBILE_ICONS = {
    Signal.NONE: "signal-zero",
    Signal.WEAK: "signal-low",
    Signal.FAIR: "signal-medium",
    Signal.GOOD: "signal",
}
TECHNOLOGIES = {
    Technology.NONE: "",
    Technology.ETHERNET: "",
    Technology.WIFI: "",
    Technology.GSM: "2G",
    Technology.UMTS: "3G",
    Technology.LTE: "4G",
    Technology.NR: "5G",
    Technology.UNKNOWN: "",
}
STATES = {
    UplinkState.ABSENT: N_("Finns inte här"),
    UplinkState.DOWN: N_("Inget att ansluta till"),
    UplinkState.CONNECTING: N_("Ansluter …"),
    UplinkState.FAILED: N_("Fungerar inte just nu"),
    UplinkState.READY: N_("Redo om det behövs"),
    UplinkState.IN_USE: N_("Används nu"),
}
_DOWN = {
    Uplink.CABLE: N_("Ingen sladd ansluten"),
    Uplink.CARE_WIFI: N_("Inget sådant nät i närheten"),
    Uplink.MOBILE: N_("Ingen täckning"),
}
PHONE_SHARES = N_("Det här är någons telefon. Samtalet bryts när telefonen går härifrån.")
_MARKS = {
    UplinkState.IN_USE: "circle-check",
    UplinkState.READY: "circle-check",
    UplinkState.CONNECTING: "circle-ellipsis",
    UplinkState.FAILED: "circle-x",
}


class Verdicts(NamedTuple):
    """A verdict in one word, with its meaning, tone and icon."""

    word: str
    text: str
    tone: str
    icon: str


VERDICTS = {
    Verdict.GOOD: Verdicts(N_("Bra"), N_("Ljud och bild håller för ett möte."), "chosen", "circle-check"),
    Verdict.FAIR: Verdicts(
        N_("Går"), N_("Mötet går att hålla. Bilden kan hacka ibland."), "warn", "circle-alert"
    ),
    Verdict.POOR: Verdicts(N_("Räcker inte"), N_("Nätet är för svagt för ljud och bild."), "bad", "circle-x"),
}
ADVICE = {
    LinkAdvice.NONE: "",
    LinkAdvice.MOVE: N_("Ställ enheten närmare ett fönster och testa igen."),
    LinkAdvice.CABLE: N_("Anslut en nätverkskabel om det finns en, och testa igen."),
    LinkAdvice.OTHER: N_("Ett annat av enhetens nät var bättre. Enheten byter själv."),
    LinkAdvice.SOUND_ONLY: N_("Ljudet håller. Stäng av kameran i mötet."),
    LinkAdvice.PHONE: N_("Ring in på telefon i stället."),
}


class Line(NamedTuple):
    """One uplink of the list."""

    title: str
    text: str
    warning: str
    icon: str
    mark: str
    tone: str
    verdict: str


class Outcome(NamedTuple):
    """A link test as it is shown: title, text, what to do, tone and icon."""

    title: str
    text: str
    advice: str
    tone: str
    icon: str


def card(network: Network, tr: Catalogue) -> Card:
    """Return the start screen's card of what carries the kit now, with its signal where it is well."""
    tone = TONES[network.condition]
    used = next((view for view in network.uplinks if view.state is UplinkState.IN_USE), None)
    word, icon = NETWORK_WORDS[network.condition], UPLINK_ICONS[network.uplink]
    if used is not None and used.signal is not None and network.condition in {Condition.OK, Condition.WARN}:
        word, icon = SIGNALS[used.signal], uplink_icon(used)
    return Card("network", tr(UPLINKS[network.uplink]), tr(word), icon, tone, MARKS[tone])


def lines(network: Network, tr: Catalogue) -> tuple[Line, ...]:
    """Return the uplinks in the order in which they are taken; the patient's only where it is used."""
    views = network.uplinks or _guessed(network)
    kept = [
        view
        for view in views
        if view.uplink is not Uplink.PATIENT_WIFI or view.state not in {UplinkState.ABSENT, UplinkState.DOWN}
    ]
    return tuple(_line(view, tr) for view in kept)


def _guessed(network: Network) -> tuple[UplinkView, ...]:
    """What a machine without NetworkManager knows: which one carries it."""
    known = [Uplink.CABLE, Uplink.CARE_WIFI, Uplink.MOBILE]
    return tuple(
        UplinkView(uplink=uplink, state=UplinkState.IN_USE if uplink is network.uplink else UplinkState.DOWN)
        for uplink in known
    )


def _line(view: UplinkView, tr: Catalogue) -> Line:
    state = _DOWN.get(view.uplink, "") if view.state is UplinkState.DOWN else STATES[view.state]
    up = view.state in {UplinkState.READY, UplinkState.IN_USE}
    signal = SIGNALS[view.signal] if view.signal is not None and up else ""
    said = (tr(state or STATES[view.state]), tr(signal), TECHNOLOGIES[view.technology] if up else "")
    used = view.state is UplinkState.IN_USE
    return Line(
        title=tr(UPLINKS[view.uplink]),
        text=" · ".join(word for word in said if word),
        warning=tr(PHONE_SHARES) if view.hotspot else "",
        icon=uplink_icon(view),
        mark=_MARKS.get(view.state, ""),
        tone="warn" if view.hotspot and up else "current" if used else "card",
        verdict=tr(VERDICTS[view.verdict].word) if view.verdict and up else "",
    )


def uplink_icon(view: UplinkView) -> str:
    """Return an uplink's icon, with as many bars as its signal has."""
    bars = MOBILE_ICONS if view.uplink is Uplink.MOBILE else WIFI_ICONS
    if view.signal is None or view.uplink is Uplink.CABLE:
        return UPLINK_ICONS[view.uplink]
    return bars[view.signal]


def outcome(test: LinkTest, tr: Catalogue) -> Outcome:
    """Return what a link test shows, while it runs and afterwards."""
    name = tr(UPLINKS[test.uplink]) if test.uplink is not Uplink.NONE else tr("Nätverk")
    if test.running:
        text = tr("Enheten skickar och tar emot ljud och bild, som i ett riktigt möte.")
        title, advice = (
            tr("{network} testas …", network=name),
            tr("Det tar ungefär tio sekunder för varje nät."),
        )
        return Outcome(title, text, advice, "current", "gauge")
    if test.verdict is None:
        text = tr("Regionens server svarade inte, så nätet kunde inte mätas.")
        advice = tr("Försök igen om en stund. Ring in på telefon om mötet ska börja.")
        return Outcome(tr("Testet gick inte att göra"), text, advice, "warn", "cloud-off")
    words = VERDICTS[test.verdict]
    text = tr("Mötestjänsten svarade inte. Bara vägen dit är provad.") if test.unreachable else tr(words.text)
    return Outcome(_said(name, words, tr), text, tr(ADVICE[test.advice]), words.tone, words.icon)


def others(test: LinkTest, tr: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return a line for each uplink that was tried beside the one that is shown: icon and words."""
    return tuple(_other(one, tr) for one in test.others)


def _other(one: LinkVerdict, tr: Catalogue) -> tuple[str, str]:
    name = tr(UPLINKS[one.uplink])
    if one.verdict is None:
        return "cloud-off", tr("{network}: gick inte att testa", network=name)
    words = VERDICTS[one.verdict]
    return words.icon, _said(name, words, tr)


def _said(name: str, words: Verdicts, tr: Catalogue) -> str:
    return tr("{network}: {verdict}", network=name, verdict=tr(words.word).lower())


def figures(measured: LinkFigures, tr: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return the figures for IT: names and values."""
    loss = f"{measured.loss_percent:.1f}".replace(".", tr(","))
    return (
        (tr("Ut"), f"{measured.up_kbps} kbit/s"),
        (tr("In"), f"{measured.down_kbps} kbit/s"),
        (tr("Fram och tillbaka"), f"{measured.round_trip_ms} ms"),
        (tr("Jitter"), f"{measured.jitter_ms} ms"),
        (tr("Förlust"), f"{loss} %"),
        (tr("Längsta avbrott"), f"{measured.longest_gap_ms} ms"),
    )
