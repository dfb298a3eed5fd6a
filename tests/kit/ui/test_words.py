"""Every word of the visit has words on the screen, in both languages."""

import string
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from babel.messages import extract, pofile
from babel.messages.catalog import Message

import kit.ui
from kit.ipc.network import (
    LinkAdvice,
    Signal,
    Technology,
    Uplink,
    UplinkState,
    Verdict,
    WifiSecurity,
    WifiStep,
    WifiTrouble,
)
from kit.ipc.state import Condition, FaultCategory, FaultState, Language, NoticeKind
from kit.ui.assets import glyph
from kit.ui.catalogue import LOCALE, catalogue
from kit.ui.words import devices, faults, network, notices, refusals, visit, wifi
from kit.visit.model import (
    AgendaItem,
    Check,
    Confirmation,
    EndReason,
    Evaluator,
    HygieneStep,
    PackedPart,
    Refusal,
    TidyTask,
)

HERE = Path(kit.ui.__file__).parent
KEYWORDS: dict[str, Any] = {"tr": None, "plural": (1, 2), "N_": None}
TABLES: list[tuple[type[StrEnum], Mapping[Any, Any]]] = [
    (Refusal, refusals.REFUSALS),
    (NoticeKind, notices.NOTICES),
    (EndReason, visit.END_REASONS),
    (Check, visit.CHECKS),
    (Confirmation, visit.CONFIRMATIONS),
    (AgendaItem, visit.AGENDA),
    (TidyTask, visit.TIDY_TASKS),
    (HygieneStep, visit.HYGIENE),
    (PackedPart, visit.PARTS),
    (Evaluator, visit.EVALUATORS),
    (FaultCategory, faults.CATEGORIES),
    (FaultState, faults.STAGES),
    (Signal, network.SIGNALS),
    (Signal, network.WIFI_ICONS),
    (Signal, network.MOBILE_ICONS),
    (Technology, network.TECHNOLOGIES),
    (UplinkState, network.STATES),
    (Verdict, network.VERDICTS),
    (LinkAdvice, network.ADVICE),
    (WifiStep, wifi.TITLES),
    (WifiTrouble, wifi.TROUBLES),
    (WifiSecurity, wifi.SECURITIES),
    (WifiSecurity, wifi.SECURITY_ICONS),
    (Uplink, devices.UPLINKS),
    (Uplink, devices.UPLINK_ICONS),
    (Condition, devices.NETWORK_WORDS),
    (Condition, devices.DEVICE_WORDS),
    (Condition, devices.TONES),
]


@pytest.mark.parametrize(("words", "table"), TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_every_member_is_said(words: type[StrEnum], table: Mapping[Any, Any]) -> None:
    assert set(table) == set(words)


def test_every_icon_that_is_named_exists() -> None:
    rows = [row for _, table in TABLES for row in table.values() if hasattr(row, "icon")]
    named = {row.icon for row in rows} | set(devices.UPLINK_ICONS.values()) | set(devices.MARKS.values())
    named |= {icon for _, icon, _ in visit.SCORES}
    named |= {*network.WIFI_ICONS.values(), *network.MOBILE_ICONS.values(), *wifi.SECURITY_ICONS.values()}
    assert {name for name in named if name and not glyph(name)} == set()


def _texts() -> set[str | tuple[str, ...]]:
    """All texts in the code, by gettext's own rules; kv expressions are Python."""
    found: set[str | tuple[str, ...]] = set()
    for file in [*HERE.rglob("*.py"), *HERE.rglob("*.kv")]:
        if "node_modules" in file.parts:
            continue
        with file.open("rb") as source:
            found |= {message for _, message, _, _ in extract.extract("python", source, KEYWORDS)}
    return found


def _catalogue() -> dict[str | tuple[str, ...], Message]:
    with (LOCALE / "en" / "LC_MESSAGES" / "screen.po").open("rb") as source:
        messages = [message for message in pofile.read_po(source) if message.id]
    return {tuple(m.id) if isinstance(m.id, (list, tuple)) else m.id: m for m in messages}


def test_the_english_catalogue_says_all_that_the_code_says_and_no_more() -> None:
    assert set(_catalogue()) == _texts()


def test_every_text_is_translated_for_good() -> None:
    unfinished = [m.id for m in _catalogue().values() if m.fuzzy or not all(_strings(m))]
    assert unfinished == []


def test_translations_fill_in_the_same_values() -> None:
    wrong = [
        message.id
        for message in _catalogue().values()
        if {_places(text) for text in _strings(message)} != {_places(text) for text in _originals(message)}
    ]
    assert wrong == []


def test_both_languages_speak_and_count() -> None:
    swedish, english = catalogue(Language.SWEDISH), catalogue(Language.ENGLISH)
    assert (swedish("Nätverk"), english("Nätverk")) == ("Nätverk", "Network")
    assert swedish.plural("{n} minut", "{n} minuter", 1) == "1 minut"
    assert english.plural("{n} minut", "{n} minuter", 3) == "3 minutes"
    assert english("{n} av {all}", n=1, all=6) == "1 of 6"
    assert english("") == ""


def _strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (str(message.string),)


def _originals(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, (list, tuple)) else (message.id,)


def _places(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)
