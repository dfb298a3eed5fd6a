"""What could not be done, in plain Swedish; the same for pages and API."""

from __future__ import annotations

from typing import Final

from fleet.booking.words import LINK_TEXTS

TEXTS: Final[dict[str, tuple[int, str]]] = {
    "no_page": (404, "Sidan finns inte."),
    "no_kit": (404, "Enheten finns inte i registret."),
    "no_case": (404, "Ärendet finns inte."),
    "no_swap": (404, "Bytet finns inte."),
    "no_municipality": (404, "Kommunen finns inte."),
    "no_meeting": (404, "Mötet finns inte längre."),
    "case_closed": (409, "Ärendet är avslutat. Öppna ett nytt om enheten fortfarande är trasig."),
    "already_swapping": (409, "Enheten byts redan. Ångra bytet först om en annan reserv ska användas."),
    "not_in_use": (409, "Enheten är inte i drift och behöver därför inte bytas."),
    "spare_gone": (409, "Reserven är inte ledig längre. Välj en annan."),
    "spare_unusable": (409, "Reserven kan inte användas här. Se vad som står vid den."),
    "step_out_of_turn": (409, "Det går inte att göra nu. Sidan kan ha ändrats – titta på den igen."),
    "same_kind": (409, "Kommunen har redan det avtalet."),
    "before_current": (409, "Dagen ligger före det nuvarande avtalet."),
    "kit_not_in_use": (409, "Enheten är inte i drift. Välj en annan."),
    "bad_pin": (422, "PIN-koden får bara ha siffror och bokstäver."),
    "bad_time": (422, "Skriv dag och klockslag. Mötet kan vara i dag eller högst 120 dagar fram."),
    "bad_input": (422, "Något i formuläret är inte ifyllt som det ska."),
    "too_much": (422, "Det är för mycket för att få plats i enhetens inställningar."),
    "store_busy": (503, "Databasen är upptagen. Försök igen om en stund."),
    **{code: (422, text) for code, text in LINK_TEXTS.items()},
}


class Problem(Exception):  # noqa: N818 - an ordinary answer to a request
    """`code` is stable and for programs, `text` is for people, `status` for HTTP."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.text = TEXTS[code]
