"""Faults of the kit itself in plain words: what is the matter, what to do, how grave it is."""

from typing import NamedTuple

from kit.ipc.state import NoticeKind
from kit.ui.catalogue import N_


class Words(NamedTuple):
    """Title, what to do, and the tone: ``bad`` hinders a meeting, ``warn`` does not."""

    title: str
    text: str
    tone: str
    icon: str


NOTICES = {
    NoticeKind.NETWORK_AWAY: Words(
        N_("Inget nätverk"),
        N_("Ställ enheten närmare ett fönster. Ring in på telefon om mötet ska börja."),
        "bad",
        "wifi-off",
    ),
    NoticeKind.ENGINE_RESTARTING: Words(
        N_("Ljud och bild startar om"),
        N_("Det tar några sekunder. Ni behöver inte göra något."),
        "warn",
        "refresh-cw",
    ),
    NoticeKind.ROOM_AWAY: Words(
        N_("Mötestjänsten svarar inte"),
        N_("Enheten kopplar upp igen av sig själv."),
        "warn",
        "server-off",
    ),
    NoticeKind.NO_CAMERA: Words(
        N_("Kameran hittas inte"),
        N_("Kontrollera kameran och sladden. Ring supporten om det inte hjälper."),
        "bad",
        "camera-off",
    ),
    NoticeKind.NO_MICROPHONE: Words(
        N_("Mikrofonen hittas inte"),
        N_("Kontrollera högtalarpucken och sladden. Ring supporten om det inte hjälper."),
        "bad",
        "mic-off",
    ),
    NoticeKind.NO_SPEAKER: Words(
        N_("Högtalaren hittas inte"),
        N_("Kontrollera högtalarpucken och sladden. Ring supporten om det inte hjälper."),
        "bad",
        "volume-x",
    ),
    NoticeKind.OUTBOX_FULL: Words(
        N_("Enhetens minne är fullt"),
        N_("Möten fungerar ändå. Ring supporten i dag."),
        "warn",
        "hard-drive",
    ),
    NoticeKind.GUARD_AWAY: Words(
        N_("Enhetens nätskydd fungerar inte"),
        N_("Möten fungerar ändå, men inte med patientens nät. Ring supporten i dag."),
        "warn",
        "shield-alert",
    ),
    NoticeKind.NOT_REACHABLE: Words(
        N_("Ingen kan ringa enheten"),
        N_("Bokade möten fungerar ändå. Ring supporten om det inte går över."),
        "warn",
        "phone-missed",
    ),
    NoticeKind.BROKER_AWAY: Words(
        N_("Ingen kontakt med utrustningsservicen"),
        N_("Möten fungerar ändå. Rapporter skickas senare."),
        "warn",
        "cloud-off",
    ),
    NoticeKind.REPORT_REFUSED: Words(
        N_("En rapport från enheten togs inte emot"),
        N_("Möten fungerar ändå. Nämn det för supporten."),
        "warn",
        "file-warning",
    ),
    NoticeKind.DATA_USED: Words(
        N_("Månadens mobildata är slut"),
        N_("Möten fungerar ändå. Säg till supporten."),
        "warn",
        "signal-high",
    ),
}
"""The order is that of gravity: the first of several is the one that is shown."""
