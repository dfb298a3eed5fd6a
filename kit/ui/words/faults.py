"""Fault reports in words."""

from typing import NamedTuple

from kit.ipc.state import FaultCategory, FaultState
from kit.ui.catalogue import N_


class Category(NamedTuple):
    """Title, examples, icon."""

    title: str
    text: str
    icon: str


class Stage(NamedTuple):
    """Title and what happens now. ``{unit}`` is the replacement's name."""

    title: str
    text: str
    icon: str
    tone: str


CATEGORIES = {
    FaultCategory.SOUND: Category(N_("Ljudet"), N_("Hörs inte, hackar, tjuter"), "volume-2"),
    FaultCategory.PICTURE: Category(N_("Bilden"), N_("Svart, suddig, fryser"), "video"),
    FaultCategory.NETWORK: Category(N_("Nätverket"), N_("Kommer inte ut, bryts"), "wifi"),
    FaultCategory.CHARGING: Category(N_("Laddning"), N_("Laddar inte, tar slut fort"), "battery-warning"),
    FaultCategory.SCREEN: Category(N_("Skärmen"), N_("Svart, svarar inte på tryck"), "tablet"),
    FaultCategory.DAMAGE: Category(N_("Skada"), N_("Tappad, blöt, trasig del"), "hammer"),
    FaultCategory.OTHER: Category(N_("Annat"), N_("Något saknas eller krånglar"), "circle-question-mark"),
}

STAGES = {
    FaultState.QUEUED: Stage(
        N_("Felanmälan är sparad"), N_("Den skickas så snart enheten har nät."), "clock", "warn"
    ),
    FaultState.RECEIVED: Stage(
        N_("Felanmälan är mottagen"), N_("Ni får besked här på skärmen."), "circle-check", "ok"
    ),
    FaultState.REPLACEMENT_CHOSEN: Stage(
        N_("En annan enhet ersätter den här"), N_("Hämta {unit}. Den är klar att använda."), "repeat", "info"
    ),
    FaultState.SWAPPED: Stage(
        N_("Enheten är utbytt"), N_("Använd {unit}. Lämna in den här."), "repeat", "info"
    ),
    FaultState.CLOSED: Stage(N_("Ärendet är avslutat"), N_("Ni kan använda enheten."), "circle-check", "ok"),
}
