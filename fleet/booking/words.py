"""Why a link cannot be used, in Swedish; the same for booking systems and on the dashboard."""

from __future__ import annotations

from typing import Final

from fleet.contract.links import LinkProblem

LINK_TEXTS: Final[dict[LinkProblem, str]] = {
    "link_invalid": "Enheterna kan inte ansluta med den länken. Kontrollera att hela länken kom med.",
    "link_host_not_allowed": "Länken leder till en server som inte är godkänd för kommunens möten.",
    "link_too_long": "Länken är för lång.",
    "link_scheme": "Det är ingen möteslänk. En möteslänk börjar med https://.",
    "code_unknown": "En hel möteslänk behövs.",
    "code_personal": "Det ser ut som ett personnummer. Ett möte bokas med en neutral möteslänk.",
}
