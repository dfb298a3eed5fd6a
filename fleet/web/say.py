"""Times, lengths and amounts as one says them in Swedish, and a kit's state in words."""

from __future__ import annotations

from typing import Final

from fleet.clock import local
from fleet.contract import LinkTest, Mobile
from fleet.web import words
from fleet.web.views.kits import KitView
from fleet.web.words import Word

MONTHS: Final = ("jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec")
WEEKDAYS: Final = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


def clock(at: int | None, now: int, *, seconds: bool = False) -> str:
    """`10.42` today, `18 nov 10.42` on another day."""
    if at is None:
        return "–"
    when, today = local(at), local(now)
    time = when.strftime("%H:%M:%S" if seconds else "%H:%M")
    if when.date() == today.date():
        return time
    day = f"{when.day} {MONTHS[when.month - 1]}"
    return f"{day} {time}" if when.year == today.year else f"{day} {when.year} {time}"


def day(now: int) -> str:
    """`fredag 20 november`-like: weekday and date."""
    when = local(now)
    return f"{WEEKDAYS[when.weekday()]} {when.day} {MONTHS[when.month - 1]}"


def duration(seconds: float) -> str:
    """`4 s`, `2 min 10 s`, `3 tim 5 min`, `4 dygn`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole < 600 else f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3600} tim {whole % 3600 // 60} min"
    return f"{whole // 86_400} dygn"


def ago(at: int | None, now: int) -> str:
    """How long since: `nyss`, `4 min sedan`."""
    if at is None:
        return "aldrig"
    seconds = max(0, now - at) / 1000
    return "nyss" if seconds < 15 else f"{duration(seconds)} sedan"


def number(value: float, decimals: int = 0) -> str:
    """`24 000`, `1,5`: groups of three and a decimal comma."""
    return f"{value:,.{decimals}f}".replace(",", "\u00a0").replace(".", ",")


def kronor(value: float) -> str:
    """`24 000 kr`."""
    return f"{number(value)}\u00a0kr"


def state(kit: KitView) -> Word:
    """The kit's one word. A silence that was announced is not alarming."""
    word = words.LEVELS[kit.level]
    if kit.level == "silent" and kit.presence.why in words.EXPECTED_SILENCE:
        return Word(word.text, "power-off", "rest")
    return word


def reasons(kit: KitView, now: int) -> list[str]:
    """Why the kit has its word, and since when."""
    if kit.level == "locked":
        return [f"Ersatt av {kit.replaced_by}" if kit.replaced_by else words.ROLES[kit.role]]
    if kit.level in ("late", "silent", "never_seen"):
        why = words.WHY[kit.presence.why]
        return [why if kit.level == "never_seen" else f"{why} {clock(kit.presence.since, now)}"]
    if kit.condition.findings:
        return [words.finding(found) for found in kit.condition.findings]
    return [f"Uppkopplad sedan {clock(kit.presence.since, now)}"]


def battery(kit: KitView) -> Word:
    """Battery level in words, with the icon that fits."""
    found = kit.health.battery if kit.health else None
    if found is None:
        return Word("–", "battery-medium", "rest")
    text = f"{found.percent:.0f} %"
    if found.charging:
        return Word(text, "battery-charging", "good")
    if found.percent <= 10:
        return Word(text, "battery-warning", "bad")
    if found.percent <= 25:
        return Word(text, "battery-low", "warn")
    return Word(text, "battery-full" if found.percent > 70 else "battery-medium", "good")


def uplink(kit: KitView) -> Word:
    """The link in use, in words."""
    found = kit.health.uplink if kit.health else None
    if found is None:
        return Word("–", "radio-tower", "rest")
    text = words.UPLINKS[found.kind]
    if found.kind == "mobile":
        technology = words.TECHNOLOGIES.get(found.technology, "")
        signal = words.SIGNALS.get(found.signal or "", "")
        text = ", ".join(part for part in (technology or text, signal) if part)
        icon = words.SIGNAL_ICONS.get(found.signal or "", "signal-zero")
    else:
        icon = {"cable": "cable", "none": "wifi-off"}.get(found.kind, "wifi")
    weak = found.kind == "none" or found.signal in ("none", "weak")
    return Word(text, icon, "warn" if weak else "good")


def mobile(found: Mobile) -> Word:
    """The kit's mobile broadband, in words: what hinders it, or else network and signal."""
    if found.sim != "ready":
        return words.SIMS[found.sim]
    registered = words.REGISTRATIONS[found.registration]
    if found.registration not in ("home", "roaming"):
        return registered
    abroad = registered.text if found.registration == "roaming" else ""
    parts = (abroad, words.TECHNOLOGIES.get(found.technology, ""), words.SIGNALS[found.signal])
    weak = abroad or found.signal in ("none", "weak")
    text = ", ".join(part for part in parts if part)
    return Word(text, words.SIGNAL_ICONS[found.signal], "warn" if weak else "good")


def link_test(found: LinkTest) -> str:
    """`Går: ut 850, in 1 200 kbit/s, 4 min sedan`: what a link test of one uplink said."""
    said = words.LINK_VERDICTS[found.verdict]
    ways = (("ut", found.up_kbps), ("in", found.down_kbps))
    rates = ", ".join(f"{way} {number(kbps)}" for way, kbps in ways if kbps is not None)
    return f"{said}{f': {rates} kbit/s' if rates else ''}, {duration(found.age_s)} sedan"


def data_use(found: Mobile) -> str:
    """`1,2 av 20 GB`, `640 MB`: this month's mobile data."""
    if not found.budget_mb:
        return f"{number(found.used_mb / 1000, 1)} GB" if found.used_mb >= 1000 else f"{found.used_mb} MB"
    return f"{number(found.used_mb / 1000, 1)} av {number(found.budget_mb / 1000)} GB"
