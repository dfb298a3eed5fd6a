"""Words from ModemManager's figures, for each figure that there is and for those that there are not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import config
from kit.ipc.network import DataLevel, Mobile, Registration, Signal, SimState, Technology
from kit.network.mobile import (
    FailedReason,
    Modem,
    PinTrouble,
    Scale,
    gsm_profile,
    mobile,
    signal,
)

CONNECTED = 11
ROAMING = 5


def words(seen: Modem | SimState, pin: PinTrouble = PinTrouble.NONE, *, roaming: bool = False) -> Mobile:
    return mobile(seen, pin, roaming=roaming, used=0, budget_mb=0)


@pytest.mark.parametrize("absent", [SimState.UNKNOWN, SimState.NO_SERVICE, SimState.NO_MODEM])
def test_without_a_modem_its_absence_is_the_word(absent: SimState) -> None:
    assert words(absent) == Mobile(sim=absent)


@pytest.mark.parametrize(
    ("modem", "pin", "expected"),
    [
        (Modem(state=-1, failed_reason=FailedReason.SIM_MISSING), PinTrouble.NONE, SimState.MISSING),
        (
            Modem(state=-1, failed_reason=FailedReason.ESIM_WITHOUT_PROFILES),
            PinTrouble.NONE,
            SimState.MISSING,
        ),
        (Modem(state=-1, failed_reason=3), PinTrouble.NONE, SimState.FAILED),
        (Modem(state=0), PinTrouble.NONE, SimState.UNKNOWN),
        (Modem(state=1), PinTrouble.NONE, SimState.UNKNOWN),
        (Modem(state=2, lock=2), PinTrouble.NONE, SimState.UNKNOWN),
        (Modem(state=2, lock=2), PinTrouble.NO_PIN, SimState.PIN_NEEDED),
        (Modem(state=2, lock=2), PinTrouble.REFUSED, SimState.PIN_WRONG),
        (Modem(state=2, lock=2), PinTrouble.TOO_FEW_TRIES, SimState.PIN_WRONG),
        (Modem(state=2, lock=4), PinTrouble.REFUSED, SimState.PUK_NEEDED),
        (Modem(state=2, lock=8), PinTrouble.NONE, SimState.FAILED),
        (Modem(state=3, lock=1), PinTrouble.NONE, SimState.READY),
        (Modem(state=8, lock=3), PinTrouble.NONE, SimState.READY),
        (Modem(state=8, lock=5), PinTrouble.NONE, SimState.READY),
    ],
)
def test_each_state_of_a_card_has_its_word(modem: Modem, pin: PinTrouble, expected: SimState) -> None:
    assert words(modem, pin).sim is expected


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (0, Registration.SEARCHING),
        (1, Registration.HOME),
        (2, Registration.SEARCHING),
        (3, Registration.DENIED),
        (4, Registration.UNKNOWN),
        (5, Registration.ROAMING_REFUSED),
        (6, Registration.DENIED),
        (8, Registration.DENIED),
        (9, Registration.HOME),
        (10, Registration.ROAMING_REFUSED),
        (11, Registration.DENIED),
        (77, Registration.UNKNOWN),
    ],
)
def test_each_registration_has_its_word(figure: int, expected: Registration) -> None:
    assert words(Modem(state=CONNECTED, registration=figure)).registration is expected


def test_a_foreign_network_is_refused_unless_the_region_allows_it() -> None:
    abroad = Modem(state=CONNECTED, registration=ROAMING)
    assert words(abroad).registration is Registration.ROAMING_REFUSED
    assert words(abroad, roaming=True).registration is Registration.ROAMING


def test_a_modem_that_searches_and_says_nothing_is_searching() -> None:
    assert words(Modem(state=7, registration=4)).registration is Registration.SEARCHING


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (0, Technology.NONE),
        (1 << 1, Technology.GSM),
        (1 << 4, Technology.GSM),
        (1 << 5, Technology.UMTS),
        (1 << 9, Technology.UMTS),
        (1 << 14, Technology.LTE),
        (1 << 17, Technology.LTE),
        (1 << 15, Technology.NR),
        (1 << 15 | 1 << 14, Technology.NR),
        (1 << 12, Technology.UNKNOWN),
        (0xFFFFFFFF, Technology.UNKNOWN),
        (1 << 40, Technology.UNKNOWN),
    ],
)
def test_each_technology_has_its_word_and_the_best_counts(bits: int, expected: Technology) -> None:
    assert words(Modem(state=CONNECTED, registration=1, technologies=bits)).technology is expected


@pytest.mark.parametrize(
    ("scale", "weak", "fair", "good"),
    [
        (Scale.NR, -128, -108, -98),
        (Scale.LTE, -128, -108, -98),
        (Scale.UMTS, -115, -95, -85),
        (Scale.GSM, -107, -97, -89),
    ],
)
def test_words_begin_where_a_phones_bars_do(scale: Scale, weak: float, fair: float, good: float) -> None:
    expected = {
        weak - 1: Signal.NONE,
        weak: Signal.WEAK,
        fair - 1: Signal.WEAK,
        fair: Signal.FAIR,
        good - 1: Signal.FAIR,
        good: Signal.GOOD,
    }
    assert {dbm: signal(Modem(strengths={scale: dbm})) for dbm in expected} == expected


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (0, Signal.NONE),
        (9, Signal.NONE),
        (10, Signal.WEAK),
        (26, Signal.FAIR),
        (39, Signal.GOOD),
        (100, Signal.GOOD),
    ],
)
def test_percent_is_read_where_no_strength_is_told(percent: int, expected: Signal) -> None:
    assert signal(Modem(percent=percent)) is expected


@pytest.mark.parametrize("absurd", [-9999.0, 0.0, 900.0, math.nan, math.inf, -math.inf])
def test_a_strength_off_its_scale_is_not_known(absurd: float) -> None:
    assert signal(Modem(strengths={Scale.LTE: absurd}, percent=100)) is Signal.GOOD
    assert signal(Modem(strengths={Scale.LTE: absurd}, percent=-4)) is Signal.NONE


def test_a_modem_that_is_registered_has_some_signal() -> None:
    weakest = Modem(state=8, registration=1, strengths={Scale.LTE: -139.0})
    assert words(weakest).signal is Signal.WEAK
    assert words(Modem(state=8, registration=1)).signal is Signal.FAIR


def test_a_modem_that_is_off_tells_nothing_of_networks() -> None:
    off = Modem(state=3, lock=1, registration=1, technologies=1 << 14, percent=90)
    assert words(off) == Mobile(sim=SimState.READY)


@given(
    st.builds(
        Modem,
        state=st.integers(),
        failed_reason=st.integers(),
        lock=st.integers(),
        pin_tries=st.none() | st.integers(),
        technologies=st.integers(),
        percent=st.none() | st.integers(),
        strengths=st.dictionaries(st.sampled_from(Scale), st.floats()),
        registration=st.integers(),
    ),
    st.sampled_from(PinTrouble),
    st.booleans(),
    st.integers(),
    st.integers(0, 10_000_000),
)
def test_whatever_a_modem_says_there_are_words(
    modem: Modem, pin: PinTrouble, roaming: bool, used: int, budget: int
) -> None:
    told = mobile(modem, pin, roaming=roaming, used=used, budget_mb=budget)
    assert 0 <= told.used_mb <= 10_000_000
    if told.sim is not SimState.READY:
        assert told.signal is Signal.NONE
        assert told.technology is Technology.NONE


@pytest.mark.parametrize(
    ("used", "budget", "expected"),
    [
        (0, 0, DataLevel.WITHIN),
        (9000, 0, DataLevel.WITHIN),
        (799, 1000, DataLevel.WITHIN),
        (800, 1000, DataLevel.NEARLY),
        (999, 1000, DataLevel.NEARLY),
        (1000, 1000, DataLevel.OVER),
    ],
)
def test_the_budget_is_told_at_80_and_at_100_percent(used: int, budget: int, expected: DataLevel) -> None:
    assert Mobile(used_mb=used, budget_mb=budget).data is expected


def test_the_profile_keeps_the_kit_at_home_and_never_holds_a_pin() -> None:
    profile = gsm_profile(config.Mobile(apn="region.test", user="kit"), "hemligt")
    assert profile == {
        "connection": {"type": "gsm", "metered": 1},
        "gsm": {"apn": "region.test", "username": "kit", "password": "hemligt", "home-only": True},
    }
    assert gsm_profile(config.Mobile(roaming=True))["gsm"] == {"auto-config": True, "home-only": False}
