"""Whatever mobile broadband is like, staff reads what it is and what to do."""

import itertools

import pytest

from kit.ipc.network import Mobile, Registration, Signal, SimState, Technology
from kit.ipc.state import Language
from kit.ui.assets import glyph
from kit.ui.catalogue import catalogue
from kit.ui.theme import TONES
from kit.ui.words.mobile import REGISTRATIONS, SIMS, data, said

PHONE = "08-465 004 00"
SWEDISH = catalogue(Language.SWEDISH)
EVERY = [
    Mobile(sim=sim, registration=registration, technology=technology, signal=signal)
    for sim, registration, technology, signal in itertools.product(SimState, Registration, Technology, Signal)
]
LONGEST = 120


def test_every_card_and_every_registration_has_words() -> None:
    assert set(SIMS) == set(SimState) - {SimState.READY}
    assert set(REGISTRATIONS) == set(Registration) - {Registration.HOME, Registration.ROAMING}


@pytest.mark.parametrize("language", Language)
def test_every_combination_is_said_and_fits_a_glance(language: Language) -> None:
    tr = catalogue(language)
    for mobile in EVERY:
        words = said(mobile, PHONE, tr)
        assert words.title
        assert len(words.title) <= 60
        assert len(words.text) <= LONGEST
        assert words.tone in TONES
        assert glyph(words.icon)


def test_what_does_not_work_is_never_left_without_a_move() -> None:
    for mobile in EVERY:
        words = said(mobile, PHONE, SWEDISH)
        assert words.tone in {"ok", "unknown"} or words.text, words.title


def test_whatever_only_support_can_mend_names_its_number() -> None:
    broken = [Mobile(sim=sim) for sim in SimState if sim not in {SimState.READY, SimState.UNKNOWN}]
    assert all(PHONE in said(mobile, PHONE, SWEDISH).text for mobile in broken)
    assert all("Ring supporten." in said(mobile, "", SWEDISH).text for mobile in broken)


def test_nobody_in_a_kitchen_is_asked_for_a_code() -> None:
    for sim in (SimState.PIN_NEEDED, SimState.PIN_WRONG, SimState.PUK_NEEDED):
        assert "Ni ska inte skriva någon kod." in said(Mobile(sim=sim), PHONE, SWEDISH).text


@pytest.mark.parametrize(
    ("mobile", "title", "text", "tone"),
    [
        (
            Mobile(technology=Technology.LTE, signal=Signal.GOOD),
            "Mobilnät: 4G · Bra signal",
            "",
            "ok",
        ),
        (
            Mobile(technology=Technology.NR, signal=Signal.WEAK),
            "Mobilnät: 5G · Svag signal",
            "Ställ enheten närmare ett fönster.",
            "warn",
        ),
        (
            Mobile(technology=Technology.GSM, signal=Signal.GOOD),
            "Mobilnät: 2G · Bra signal",
            "2G räcker inte till ett videomöte. Ställ enheten närmare ett fönster.",
            "warn",
        ),
        (
            Mobile(technology=Technology.UNKNOWN, signal=Signal.FAIR),
            "Mobilnät: Okej signal",
            "",
            "ok",
        ),
    ],
)
def test_network_and_signal_are_said_in_one_line(mobile: Mobile, title: str, text: str, tone: str) -> None:
    home = said(
        Mobile(
            sim=SimState.READY,
            registration=Registration.HOME,
            technology=mobile.technology,
            signal=mobile.signal,
        ),
        PHONE,
        SWEDISH,
    )
    assert (home.title, home.text, home.tone) == (title, text, tone)


def test_a_foreign_network_is_named_as_such() -> None:
    used = Mobile(sim=SimState.READY, registration=Registration.ROAMING, signal=Signal.GOOD)
    refused = Mobile(sim=SimState.READY, registration=Registration.ROAMING_REFUSED)
    assert "främmande" in said(used, PHONE, SWEDISH).text
    assert "främmande" in said(refused, PHONE, SWEDISH).title


@pytest.mark.parametrize(
    ("used", "budget", "begins"),
    [(10**6, 0, ""), (79, 100, ""), (80, 100, "Det mesta"), (99, 100, "Det mesta"), (100, 100, "Månadens")],
)
def test_data_warns_and_says_that_meetings_work(used: int, budget: int, begins: str) -> None:
    warning = data(Mobile(used_mb=used, budget_mb=budget), SWEDISH)
    assert warning.startswith(begins)
    assert bool(warning) == bool(begins)
    assert not warning or "Möten fungerar" in warning
