"""The patient's own Wi-Fi in plain words: each step, each trouble with the way out, and the strip. Pure."""

from typing import NamedTuple

from kit.ipc.commands import Command
from kit.ipc.network import PatientWifi, WifiSecurity, WifiStep, WifiTrouble
from kit.ipc.wifi import BeginWifi, CloseWifi, RemoveWifiNow
from kit.ui.catalogue import N_, Catalogue
from kit.ui.moments import minutes


class Words(NamedTuple):
    """What is the matter, and the way out."""

    title: str
    text: str


TITLES = {
    WifiStep.CLOSED: "",
    WifiStep.REASON: N_("Använda patientens Wi-Fi?"),
    WifiStep.CONSENT: N_("Fråga patienten"),
    WifiStep.CHOOSE: N_("Välj patientens nät"),
    WifiStep.KEY: N_("Skriv lösenordet"),
    WifiStep.JOINING: N_("Ansluter …"),
    WifiStep.ON: N_("Patientens Wi-Fi används"),
    WifiStep.REMOVING: N_("Tar bort patientens nät …"),
    WifiStep.REMOVED: N_("Patientens nät är borttaget"),
}
TROUBLES = {
    WifiTrouble.NONE: Words("", ""),
    WifiTrouble.KEY_WRONG: Words(
        N_("Fel lösenord"), N_("Kontrollera stora och små bokstäver, och försök igen.")
    ),
    WifiTrouble.KEY_FORM: Words(
        N_("Så kan lösenordet inte se ut"), N_("Det har oftast 8 till 63 tecken. Läs på routerns etikett.")
    ),
    WifiTrouble.NAME_FORM: Words(
        N_("Så kan namnet inte se ut"), N_("Skriv det precis som det står på routern, högst 32 tecken.")
    ),
    WifiTrouble.OUT_OF_REACH: Words(
        N_("Nätet nås inte"), N_("Ställ enheten närmare patientens router, och försök igen.")
    ),
    WifiTrouble.NO_ADDRESS: Words(
        N_("Patientens router svarar inte"), N_("Starta om routern, eller ring in på telefon.")
    ),
    WifiTrouble.PORTAL: Words(
        N_("Nätet kräver inloggning på en webbsida"),
        N_("Det går inte att använda här. Välj ett annat nät, eller ring in på telefon."),
    ),
    WifiTrouble.NO_INTERNET: Words(
        N_("Nätet har inget internet"), N_("Välj ett annat nät, eller ring in på telefon.")
    ),
    WifiTrouble.NOT_SUPPORTED: Words(
        N_("Det nätet kan inte användas"),
        N_("Det är ett företags nät eller saknar säkert skydd. Välj ett annat nät."),
    ),
    WifiTrouble.CODE_INVALID: Words(
        N_("Det är ingen kod för Wi-Fi"), N_("Koden brukar sitta på routern. Välj annars nätet i listan.")
    ),
    WifiTrouble.NO_WIFI: Words(
        N_("Enhetens Wi-Fi fungerar inte"), N_("Ring in på telefon, och felanmäl enheten efteråt.")
    ),
    WifiTrouble.TIME_OVER: Words(N_("Tiden är slut"), N_("Behövs nätet längre frågar enheten en gång till.")),
}
SECURITIES = {
    WifiSecurity.OPEN: N_("Utan lösenord"),
    WifiSecurity.KEY: N_("Lösenord"),
    WifiSecurity.NOT_SUPPORTED: N_("Kan inte användas"),
}
SECURITY_ICONS = {
    WifiSecurity.OPEN: "lock-open",
    WifiSecurity.KEY: "lock",
    WifiSecurity.NOT_SUPPORTED: "ban",
}
STUCK = Words(
    N_("Nätet gick inte att ta bort"), N_("Stäng av enheten: då försvinner nätet. Ring sedan supporten.")
)


class News(NamedTuple):
    """The strip of the patient's Wi-Fi on the visit's screens; no title for none."""

    tone: str
    icon: str
    title: str
    text: str
    action: str
    target: str
    command: Command | None


NOTHING = News("info", "", "", "", "", "", None)


def news(patient: PatientWifi, now: float, tr: Catalogue) -> News:
    """Return what the visit's screens say of it: that it is offered, on, ending, being removed, or gone."""
    if patient.stuck:
        return News("bad", "power-off", tr(STUCK.title), tr(STUCK.text), "", "", None)
    match patient.step:
        case WifiStep.CLOSED if patient.offered:
            title = tr("Inget nät. Patientens Wi-Fi kan användas i nödfall")
            text = tr("Eller ring in på telefon.")
            return News("warn", "wifi", title, text, tr("Visa hur"), "wifi.begin", BeginWifi())
        case WifiStep.ON:
            return _on(patient, now, tr)
        case WifiStep.REMOVING:
            return News("info", "loader", tr(TITLES[WifiStep.REMOVING]), "", "", "", None)
        case WifiStep.REMOVED:
            title = tr(TITLES[WifiStep.REMOVED])
            return News("chosen", "shield-check", title, "", tr("Klar"), "wifi.close", CloseWifi())
        case _:
            return NOTHING


def _on(patient: PatientWifi, now: float, tr: Catalogue) -> News:
    left = time_left(patient, now, tr)
    title = tr("Patientens Wi-Fi tas snart bort") if patient.ends_soon else tr(TITLES[WifiStep.ON])
    tone, icon = ("warn", "timer") if patient.ends_soon else ("info", "wifi")
    return News(tone, icon, title, left, tr("Ta bort nu"), "wifi.remove", RemoveWifiNow())


def time_left(patient: PatientWifi, now: float, tr: Catalogue) -> str:
    """Return how long it stays at the most."""
    left = minutes((patient.ends_at or now) - now + 59)
    hours, rest = divmod(left, 60)
    if not hours:
        return tr.plural("Högst {n} minut kvar", "Högst {n} minuter kvar", rest)
    return tr("Högst {hours} tim {minutes} min kvar", hours=hours, minutes=rest)
