"""Who is responsible for what in both alternatives, by the region's routine for the service package."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fleet.contract.limits import Agreement, Responsible


class Duty(Struct, frozen=True):
    """One row: what, and who answers for it when the package is rented and when the municipality owns it."""

    text: str
    rental: Responsible
    owned: Responsible

    def under(self, kind: Agreement) -> Responsible:
        """Who answers for it under that agreement."""
        return self.rental if kind == "rental" else self.owned


DUTIES: Final = (
    Duty("Mobilt bredband", "region", "municipality"),
    Duty("Inköp av hårdvara", "region", "municipality"),
    Duty("Installation, konfiguration, montering och logistik", "region", "municipality"),
    Duty("Utbildning", "region", "municipality"),
    Duty("Service och support, byte av trasig utrustning", "region", "municipality"),
    Duty("Löpande uppdatering och utveckling av lösningen i hemmet", "region", "municipality"),
    Duty("Hygienrutiner och rutiner för möten med god patientupplevelse", "municipality", "municipality"),
    Duty("Utrustningen när den är ute hos patienten", "municipality", "municipality"),
    Duty("Anslutning med dator och telefon för alla i SIP-mötet", "region", "region"),
    Duty("Del av central infrastruktur med sekretesskydd", "region", "region"),
    Duty("Central lösning som uppdateras och utvecklas gemensamt", "region", "region"),
)


def support_body(kind: Agreement, municipality: str) -> str:
    """Whose phone number the kiosk shows: `region`, or the municipality's id."""
    return "region" if kind == "rental" else municipality
