"""What ModemManager says is read as far as it makes sense; nothing that it could say is an error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ipc.network import Mobile, SimState
from kit.network.mobile import Modem, PinTrouble, Scale, mobile
from kit.network.modemmanager_objects import (
    MODEM,
    MOST_BEARERS,
    ROOT,
    SIGNAL,
    THREE_GPP,
    Held,
    interface_of,
    understood,
)

PATH = f"{ROOT}/Modem/0"
REGISTERED = {
    "State": 8,
    "StateFailedReason": 0,
    "UnlockRequired": 1,
    "UnlockRetries": {2: 3, 4: 10},
    "AccessTechnologies": 1 << 14,
    "SignalQuality": [64, True],
    "Sim": f"{ROOT}/SIM/0",
    "Bearers": [f"{ROOT}/Bearer/0"],
    "OwnNumbers": ["+46701740605"],
    "EquipmentIdentifier": "490154203237518",
}


def objects(modem: Any = None, three_gpp: Any = None, signal: Any = None, path: str = PATH) -> dict[str, Any]:
    return {path: {MODEM: modem, THREE_GPP: three_gpp, SIGNAL: signal}}


def test_a_modem_is_read_without_what_names_it() -> None:
    read = understood(
        objects(REGISTERED, {"RegistrationState": 1}, {"Rate": 10, "Lte": {"rsrp": -91.0, "snr": 3.0}})
    )
    assert read.bearers == (f"{ROOT}/Bearer/0",)
    assert read.held == Held(
        seen=Modem(
            state=8,
            lock=1,
            pin_tries=3,
            technologies=1 << 14,
            percent=64,
            strengths={Scale.LTE: -91.0},
            registration=1,
        ),
        modem=PATH,
        sim=f"{ROOT}/SIM/0",
        signal_every_s=10,
    )
    assert "4670" not in repr(read)
    assert "4901" not in repr(read)


def test_an_old_signal_is_not_known() -> None:
    seen = understood(objects({**REGISTERED, "SignalQuality": [64, False]})).held.seen
    assert isinstance(seen, Modem)
    assert seen.percent is None


def test_of_several_modems_the_one_furthest_on_counts() -> None:
    failed = objects({"State": -1}, path=f"{ROOT}/Modem/9")
    locked = objects({"State": 2}, path=f"{ROOT}/Modem/1")
    assert understood({**failed, **locked}).held.modem == f"{ROOT}/Modem/1"


@pytest.mark.parametrize(
    "nothing", [None, {}, [], 7, "x", {"/elsewhere": {MODEM: {}}}, {PATH: {}}, {PATH: 3}]
)
def test_no_modem_is_a_state_with_a_name(nothing: object) -> None:
    assert understood(nothing).held == Held(seen=SimState.NO_MODEM)


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"State": "8"},
        {"State": True},
        {"State": 10**9},
        {"SignalQuality": [-5, True]},
        {"SignalQuality": [900, True]},
        {"SignalQuality": "strong"},
        {"SignalQuality": []},
        {"UnlockRetries": {2: -1}},
        {"UnlockRetries": {2: 10**6}},
        {"UnlockRetries": {"2": 3}},
        {"Sim": "/"},
        {"Sim": 5},
        {"Bearers": "no"},
        {"Bearers": [7, None, "/", "../../etc"]},
        {"AccessTechnologies": -1},
        {"OwnNumbers": ["9" * 10_000]},
    ],
)
def test_what_makes_no_sense_is_left_out(properties: dict[str, Any]) -> None:
    read = understood(objects(properties, {"RegistrationState": "home", "OperatorName": "x" * 10_000}))
    seen = read.held.seen
    assert isinstance(seen, Modem)
    assert read.bearers == ()
    assert (seen.percent, seen.pin_tries, seen.technologies, read.held.sim) == (None, None, 0, "")


def test_only_so_many_connections_are_asked_about() -> None:
    many = [f"{ROOT}/Bearer/{number}" for number in range(1000)]
    assert len(understood(objects({"Bearers": many})).bearers) == MOST_BEARERS


@pytest.mark.parametrize(
    ("bearer", "expected"),
    [
        ({"Connected": True, "Interface": "wwan0"}, "wwan0"),
        ({"Connected": False, "Interface": "wwan0"}, ""),
        ({"Connected": 1, "Interface": "wwan0"}, ""),
        ({"Connected": True, "Interface": "../../etc"}, ""),
        ({"Connected": True, "Interface": ".."}, ""),
        ({"Connected": True, "Interface": "a" * 16}, ""),
        ({"Connected": True, "Interface": ""}, ""),
        ({"Connected": True}, ""),
        (None, ""),
    ],
)
def test_an_interface_is_a_name_that_linux_could_give(bearer: object, expected: str) -> None:
    assert interface_of(bearer) == expected


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*REGISTERED, "Lte", "Nr5g", "rsrp", "Rate", "RegistrationState"])
            | st.integers(),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(_ANY, _ANY, _ANY)
def test_whatever_is_said_there_are_words(modem: object, three_gpp: object, signal: object) -> None:
    for said in (objects(modem, three_gpp, signal), {PATH: modem}, modem):
        seen = understood(said).held.seen
        assert isinstance(mobile(seen, PinTrouble.NONE, roaming=False, used=0, budget_mb=0), Mobile)
    assert isinstance(interface_of(modem), str)
