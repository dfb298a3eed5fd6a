"""How the summary words each figure: a name, a unit and what it means, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from demo.report.model import Report, Spread, Text, missing


class Shown(Struct, frozen=True, kw_only=True):
    """One tile of the summary, ready to draw; ``value`` is None when the figure is missing."""

    name: str
    title: Text
    about: Text
    value: Text | None
    unit: str
    why: str


class Summed(Struct, frozen=True, kw_only=True):
    """One figure of the summary and how it is shown."""

    name: str
    title: Text
    about: Text
    unit: str = ""
    word: Callable[[Any], Text]

    def shown(self, report: Report) -> Shown:
        """Return the tile for a report."""
        value = getattr(report.figures, self.name)
        return Shown(
            name=self.name,
            title=self.title,
            about=self.about,
            unit=self.unit,
            value=None if value is None else self.word(value),
            why=missing(report).get(self.name, ""),
        )


def number(value: float, decimals: int = 0) -> Text:
    """Word a number with the decimal sign of each language."""
    english = f"{value:,.{decimals}f}".replace(",", "\u202f")
    return Text(english.replace(".", ","), english)


def _decimals(count: int) -> Callable[[Any], Text]:
    return lambda value: number(value, count)


def _spread(value: Spread) -> Text:
    p50, p95 = number(value.p50), number(value.p95)
    return Text(f"{p50.sv} / {p95.sv}", f"{p50.en} / {p95.en}")


def _yes(value: bool) -> Text:
    return Text("Ja", "Yes") if value else Text("Nej", "No")


SUMMARY = (
    Summed(
        name="tap_to_first_picture_ms",
        title=Text("Tryck till första bild", "Tap to first picture"),
        about=Text(
            "Från trycket på Anslut till samordnarens bild på skärmen",
            "From the tap on join to the coordinator's picture on the screen",
        ),
        unit="ms",
        word=number,
    ),
    Summed(
        name="remote_fps",
        title=Text("Bilder per sekund", "Frames per second"),
        about=Text(
            "Samordnarens bild, som den ritades på skärmen", "The coordinator's picture, as it was drawn"
        ),
        unit="fps",
        word=_decimals(1),
    ),
    Summed(
        name="glass_to_glass_ms",
        title=Text("Glas till glas, p50 / p95", "Glass to glass, p50 / p95"),
        about=Text(
            "Från samordnarens kamera till kitets skärm, läst ur tidskoden i bilden",
            "From the coordinator's camera to the kit's screen, read from the time code in the picture",
        ),
        unit="ms",
        word=_spread,
    ),
    Summed(
        name="lip_sync_ms",
        title=Text("Läppsynk", "Lip sync"),
        about=Text("Hur mycket senare ljudet hörs än bilden syns", "How much later sound is heard than seen"),
        unit="ms",
        word=number,
    ),
    Summed(
        name="sound_heard_at_kit_dbfs",
        title=Text("Ljud i köket", "Sound in the kitchen"),
        about=Text("Nivå i kitets högtalare under samtalet", "Level at the kit's speaker during the call"),
        unit="dBFS",
        word=_decimals(1),
    ),
    Summed(
        name="sound_heard_at_coordinator_dbfs",
        title=Text("Ljud hos samordnaren", "Sound at the coordinator"),
        about=Text("Nivå i samordnarens webbläsare", "Level in the coordinator's browser"),
        unit="dBFS",
        word=_decimals(1),
    ),
    Summed(
        name="chat_roundtrip",
        title=Text("Chatt fram och tillbaka", "Chat there and back"),
        about=Text("Från Skicka till svaret på skärmen", "From send to the answer on the screen"),
        unit="ms",
        word=number,
    ),
    Summed(
        name="host_end_left_ms",
        title=Text("Värden avslutar", "The host ends"),
        about=Text("Till kitet har lämnat mötet av sig självt", "Until the kit has left by itself"),
        unit="ms",
        word=number,
    ),
    Summed(
        name="rejoin_refused",
        title=Text("Samma länk nekas efteråt", "Same link refused afterwards"),
        about=Text("Ett avslutat möte går inte att gå in i igen", "An ended meeting cannot be entered again"),
        word=_yes,
    ),
    Summed(
        name="fault_to_swapped_s",
        title=Text("Felanmälan till utbytt", "Fault report to swapped"),
        about=Text(
            "Från trycket på Skicka till att reserven tagit över",
            "From the tap on send to the spare in its place",
        ),
        unit="s",
        word=_decimals(1),
    ),
    Summed(
        name="health_reports_committed",
        title=Text("Rapporter sparade", "Reports committed"),
        about=Text("Alla tre kit, i flottans databas", "All three kits, in the fleet's database"),
        word=number,
    ),
    Summed(
        name="health_reports_lost",
        title=Text("Rapporter förlorade", "Reports lost"),
        about=Text("Numrerade på kitet men aldrig mottagna", "Numbered on the kit and never received"),
        word=number,
    ),
)

FAULTS = Text("Fel som gjordes med flit", "Faults made on purpose")
