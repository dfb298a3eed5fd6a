"""The dashboard's Swedish words for the codes of the fleet, each with its icon and tone.

A tone is good, warn, bad or rest; colour is never alone, the icon and the word say the same.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from fleet.alarms import Finding

Tone: TypeAlias = Literal["good", "warn", "bad", "rest"]


class Word(Struct, frozen=True):
    """How a state is shown."""

    text: str
    icon: str
    tone: Tone


LEVELS: Final = {
    "well": Word("Mår bra", "circle-check", "good"),
    "attention": Word("Behöver tillsyn", "triangle-alert", "warn"),
    "ill": Word("Fel", "octagon-alert", "bad"),
    "late": Word("Sen", "clock-alert", "warn"),
    "silent": Word("Tyst", "wifi-off", "bad"),
    "never_seen": Word("Aldrig hörd", "circle-dashed", "rest"),
    "locked": Word("Spärrad", "lock", "rest"),
}

PRESENCE: Final = {
    "online": Word("Uppkopplad", "circle-check", "good"),
    "late": Word("Sen", "clock-alert", "warn"),
    "silent": Word("Tyst", "wifi-off", "bad"),
    "never_seen": Word("Aldrig hörd", "circle-dashed", "rest"),
}

WHY: Final = {
    "never_heard": "Har aldrig hört av sig",
    "connected": "Kopplade upp sig",
    "reports": "Rapporterar",
    "no_report": "Rapporterar inte",
    "connection_lost": "Tappade förbindelsen",
    "shutdown": "Stängdes av",
    "restart": "Startar om",
    "update": "Uppdateras",
    "battery_empty": "Batteriet tog slut",
}

EXPECTED_SILENCE: Final = ("shutdown", "restart", "update")

ROLES: Final = {
    "active": "I drift",
    "spare": "Reserv",
    "locked": "Spärrad",
    "repair": "På reparation",
    "scrapped": "Skrotad",
}

LOCKS: Final = {
    "replaced": "Ersatt av en annan enhet",
    "lost": "Anmäld som borttappad",
    "repair": "På reparation",
    "scrapped": "Skrotad",
}

OWNERS: Final = {"region": "Regionen", "municipality": "Kommunen"}
AGREEMENTS: Final = {"rental": "Hyra", "owned": "Egen utrustning"}

CATEGORIES: Final = {
    "sound": "Ljud",
    "picture": "Bild",
    "network": "Nätverk",
    "charging": "Laddning",
    "screen": "Skärm",
    "damage": "Skada",
    "other": "Annat",
}

CASE_STATES: Final = {
    "received": Word("Mottaget", "inbox", "bad"),
    "handling": Word("Hanteras", "wrench", "warn"),
    "swapping": Word("Byte pågår", "arrow-right-left", "warn"),
    "swapped": Word("Bytt", "circle-check", "good"),
    "closed": Word("Avslutat", "check", "rest"),
}

CASE_EVENTS: Final = {
    "received": "Ärendet öppnades",
    "reported_again": "Felet anmäldes igen",
    "handling": "Hanteras",
    "swapping": "Byte påbörjat",
    "swapped": "Bytet klart",
    "closed": "Ärendet avslutades",
}

SWAP_STEPS: Final = {
    "fault_reported": "Felet anmält",
    "confirmed": "Bytet beslutat, inställningar flyttade",
    "new_applied": "Nya enheten har tagit över",
    "old_applied": "Gamla enheten har spärrats",
    "old_silent": "Gamla enheten är tyst – spärren väntar på den",
    "undone": "Bytet ångrat",
    "returned": "Gamla enheten återlämnad",
    "repair": "Skickad på reparation",
    "scrapped": "Skrotad",
    "back_as_spare": "Åter i förrådet som reserv",
}

SWAP_STATES: Final = {
    "moving": Word("Byte pågår", "arrow-right-left", "warn"),
    "swapped": Word("Bytt", "circle-check", "good"),
    "undone": Word("Ångrat", "undo-2", "rest"),
    "returned": Word("Återlämnad", "package-check", "good"),
    "repair": Word("På reparation", "hammer", "warn"),
    "scrapped": Word("Skrotad", "trash-2", "rest"),
    "back_as_spare": Word("Åter som reserv", "package", "good"),
}

REASONS: Final = {
    "kind": ("Samma sorts enhet", "Annan sorts enhet"),
    "owner": ("Får lånas ut hit", "Tillhör någon annan"),
    "online": ("Uppkopplad just nu", "Inte uppkopplad"),
    "well": ("Mår bra", "Har anmärkningar"),
    "charged": ("Laddad", "Behöver laddas"),
    "municipality": ("Finns i samma kommun", "Finns i en annan kommun"),
}

UPLINKS: Final = {
    "none": "Ingen uppkoppling",
    "cable": "Kabel",
    "care_wifi": "Vårdens wifi",
    "mobile": "Mobilnät",
    "patient_wifi": "Patientens wifi",
}
LINK_VERDICTS: Final = {"good": "Bra", "fair": "Går", "poor": "Räcker inte"}
TECHNOLOGIES: Final = {"2g": "2G", "3g": "3G", "4g": "4G", "5g": "5G"}
SIGNALS: Final = {"none": "ingen signal", "weak": "svag signal", "fair": "okej signal", "good": "bra signal"}

SIMS: Final = {
    "unknown": Word("Startar", "hourglass", "rest"),
    "no_service": Word("Modemtjänsten svarar inte", "octagon-alert", "bad"),
    "no_modem": Word("Modemet saknas", "octagon-alert", "bad"),
    "missing": Word("SIM-kortet saknas", "octagon-alert", "bad"),
    "pin_needed": Word("PIN-koden saknas", "lock", "bad"),
    "pin_wrong": Word("Fel PIN-kod", "lock", "bad"),
    "puk_needed": Word("SIM-kortet är låst", "lock", "bad"),
    "failed": Word("SIM-kortet är trasigt", "octagon-alert", "bad"),
    "ready": Word("Fungerar", "signal-high", "good"),
}
REGISTRATIONS: Final = {
    "unknown": Word("Startar", "hourglass", "rest"),
    "searching": Word("Söker nät", "search", "warn"),
    "denied": Word("Operatören nekar", "octagon-alert", "bad"),
    "home": Word("Fungerar", "signal-high", "good"),
    "roaming": Word("Främmande nät", "signal-high", "warn"),
    "roaming_refused": Word("Bara främmande nät", "signal-zero", "warn"),
}
SIGNAL_ICONS: Final = {
    "none": "signal-zero",
    "weak": "signal-low",
    "fair": "signal-medium",
    "good": "signal-high",
}

DEVICES: Final = {
    "ok": Word("Fungerar", "circle-check", "good"),
    "missing": Word("Saknas", "octagon-alert", "bad"),
    "busy": Word("Upptagen", "triangle-alert", "warn"),
    "failed": Word("Trasig", "octagon-alert", "bad"),
    "silent": Word("Ger inget ljud", "octagon-alert", "bad"),
    "muted": Word("Avstängd", "circle-dashed", "rest"),
    "low_volume": Word("Låg volym", "triangle-alert", "warn"),
    "simulated": Word("Övningsläge", "circle-dashed", "rest"),
    "unknown": Word("Okänd", "circle-dashed", "rest"),
}

PARTS: Final = {
    "tablet": "Surfplatta",
    "case": "Fodral",
    "stand": "Stativ",
    "puck": "Högtalarpuck",
    "backpack": "Ryggsäck",
    "charger": "Laddare",
    "extension_cable": "Förlängningssladd",
    "webcam": "Webbkamera",
    "headset": "Headset",
}

DELIVERIES: Final = {
    "received": Word("Enheten har mötet", "circle-check", "good"),
    "waiting": Word("På väg till enheten", "hourglass", "warn"),
    "silent": Word("Enheten är tyst och får mötet när den startas", "wifi-off", "warn"),
    "later": Word("Skickas på mötesdagen", "clock", "rest"),
    "cancelled": Word("Avbokat", "circle-x", "rest"),
}

CAUSES: Final = {
    "seed": "Registrerad",
    "swap_takes_over": "Tar över en annan enhet",
    "swap_locks": "Spärras vid byte",
    "swap_undone": "Byte ångrat",
    "swap_finished": "Bytet avslutat",
    "swap_returned": "Återlämnad",
    "swap_repair": "På reparation",
    "swap_scrapped": "Skrotad",
    "swap_back_as_spare": "Åter som reserv",
    "agreement_changed": "Avtalet ändrat",
    "meetings": "Dagens möten ändrade",
    "new_day": "Dagens möten",
}

REPORTS: Final = {
    "fault": "Felanmälan",
    "visit_summary": "Hembesök avslutat",
    "desired_applied": "Tog emot inställningar",
    "patient_wifi_removed": "Patientens wifi borttaget",
}

REFUSALS: Final = {
    "too_large": "För stort meddelande",
    "not_json": "Oläsligt meddelande",
    "not_in_contract": "Följer inte kontraktet",
    "too_deep": "För djupt nästlat",
    "wrong_kit": "Fel enhet angiven i rapporten",
    "unknown_topic": "Okänt ämne",
    "unknown_kit": "Enheten finns inte i registret",
    "too_many_holes": "För många luckor, väntar",
}

CHANGES: Final = {
    "support_changes": "Telefonnumret på startskärmen byts",
    "return_or_buy_out": "Regionens enheter ska lämnas tillbaka eller köpas ut",
    "region_spares_end": "Regionen byter inte längre ut trasiga enheter",
    "hand_over": "Kommunens egna enheter ska granskas av regionen eller fasas ut",
    "own_spares": "Regionen byter ut trasiga enheter från sitt förråd",
}

_DEVICE_FINDINGS: Final = {
    "camera": {"missing": "Kameran saknas", "failed": "Kameran är trasig", "busy": "Kameran är upptagen"},
    "microphone": {
        "missing": "Mikrofonen saknas",
        "failed": "Mikrofonen är trasig",
        "silent": "Mikrofonen ger inget ljud",
        "busy": "Mikrofonen är upptagen",
    },
    "speaker": {
        "missing": "Högtalaren saknas",
        "failed": "Högtalaren är trasig",
        "silent": "Högtalaren ger inget ljud",
        "low_volume": "Högtalaren har låg volym",
        "busy": "Högtalaren är upptagen",
    },
}

_FINDINGS: Final = {
    "battery_empty": "Batteriet är nästan slut, {value:.0f} %, och laddas inte",
    "battery_low": "Batteriet är lågt, {value:.0f} %, och laddas inte",
    "hot": "För varm, {value:.0f} °C",
    "warm": "Varm, {value:.0f} °C",
    "storage_full": "Lagringen är full, {value:.0f} MB kvar",
    "storage_low": "Lagringen börjar ta slut, {value:.0f} MB kvar",
    "outbox_filling": "{value:.0f} rapporter väntar på att skickas",
    "no_uplink": "Har ingen uppkoppling",
    "weak_signal": "Svag signal",
    "network_denied": "Operatören nekar SIM-kortet",
    "abroad": "Mobilt bredband når bara ett främmande nät, som inte får användas",
    "data_nearly_used": "Har använt {value:.0f} % av månadens mobildata",
    "data_used": "Månadens mobildata är slut, {value:.0f} % använt. Möten fungerar ändå",
}


_GUARD: Final = {
    "silent": "Nätskyddet svarar inte. Möten fungerar, men inte med patientens nät",
    "failed": "Nätskyddet kan inte ställa in brandväggen. Möten fungerar, men inte med patientens nät",
}


def finding(found: Finding) -> str:
    """One finding as a short sentence."""
    if found.code == "mobile":
        return f"Mobilt bredband: {SIMS.get(found.word, SIMS['failed']).text}"
    if found.code == "guard":
        return _GUARD.get(found.word, _GUARD["silent"])
    if found.code in _DEVICE_FINDINGS:
        known = _DEVICE_FINDINGS[found.code]
        return known.get(found.word, next(iter(known.values())))
    return _FINDINGS[found.code].format(value=found.value or 0)
