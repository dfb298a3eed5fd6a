"""What a portal is refused, and how it fares, in plain words."""

from typing import NamedTuple

from kit.ipc.portal import PortalNotice, PortalStage
from kit.ui.catalogue import N_

NOTICES = {
    PortalNotice.OUTSIDE: N_("Den sidan hör inte till portalen"),
    PortalNotice.CALL: N_("Enheten kan inte ringa. Ring från en telefon."),
    PortalNotice.MAIL: N_("E-post kan inte skickas härifrån"),
    PortalNotice.APP: N_("Appen finns inte på enheten. Använd din egen telefon."),
    PortalNotice.NEW_WINDOW: N_("Portalen får inte öppna nya fönster"),
    PortalNotice.DOWNLOAD: N_("Filer kan inte hämtas hit"),
    PortalNotice.KEY: N_("Den tangenten används inte här"),
    PortalNotice.POINTER: N_("Portalen får inte ta över pekaren"),
}


class Words(NamedTuple):
    """What stands where the page would be."""

    icon: str
    title: str
    text: str


STAGES = {
    PortalStage.OPENING: Words("globe", N_("Öppnar portalen"), N_("Det brukar ta några sekunder.")),
    PortalStage.OPEN: Words("globe", N_("Öppnar portalen"), N_("Det brukar ta några sekunder.")),
    PortalStage.RESTARTING: Words(
        "refresh-cw",
        N_("Portalen startar om"),
        N_("Det tar några sekunder. Ni kan behöva logga in en gång till."),
    ),
    PortalStage.NOT_GENUINE: Words(
        "triangle-alert",
        N_("Sidan visas inte: den kan vara falsk"),
        N_("Den kunde inte visa vem den tillhör. Tryck Tillbaka, eller ring in på telefon."),
    ),
    PortalStage.FAILED: Words(
        "circle-alert",
        N_("Portalen fungerar inte just nu"),
        N_("Ring in på telefon, eller försök igen."),
    ),
}
