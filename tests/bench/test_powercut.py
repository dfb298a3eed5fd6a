"""A long series of power cuts goes on where it was interrupted, and says what it came to."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.powercut import Ledger, figures
from tests.vm import cuts
from tests.vm.cuts import Cut, Moment
from tests.vm.traces import Hit

MOMENT = Moment("on", 1.5)
CLEAN = Cut("on:none", {})
DIRTY = Cut("joining:none", {"disk.raw": [Hit("ssid", "plain", 4096), Hit("bssid", "hex", 8192)]})


def test_a_longer_series_begins_with_the_shorter_one_and_meets_each_stage_as_often() -> None:
    assert cuts.moments(0, 500)[:20] == cuts.moments(0, 20)
    assert cuts.moments(0, 20) != cuts.moments(1, 20)
    assert set(Counter(moment.stage for moment in cuts.moments(0, 300)).values()) == {100}


def test_what_was_made_is_known_after_an_interruption_in_the_middle_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "build" / "powercut.jsonl"
    ledger = Ledger(path, "this", 0)
    ledger.add(0, MOMENT, CLEAN, 30.0)
    ledger.add(3, MOMENT, CLEAN, 31.0)
    path.write_bytes(path.read_bytes() + b'{"kit":"this","seed":0,"num')
    again = Ledger(path, "this", 0)
    assert sorted(again.made) == [0, 3]
    again.add(1, MOMENT, CLEAN, 32.0)
    assert sorted(Ledger(path, "this", 0).made) == [0, 1, 3]


def test_cuts_of_another_kit_or_of_other_moments_do_not_count_for_this_one(tmp_path: Path) -> None:
    path = tmp_path / "powercut.jsonl"
    Ledger(path, "before", 0).add(0, MOMENT, DIRTY, 30.0)
    Ledger(path, "this", 7).add(0, MOMENT, CLEAN, 30.0)
    ledger = Ledger(path, "this", 0)
    assert ledger.made == {}
    assert len(ledger.others) == 2


def test_the_figures_tell_how_many_were_made_where_and_how_many_left_something(tmp_path: Path) -> None:
    path = tmp_path / "powercut.jsonl"
    Ledger(path, "before", 0).add(0, MOMENT, CLEAN, 30.0)
    ledger = Ledger(path, "this", 0)
    ledger.add(0, MOMENT, CLEAN, 30.0)
    ledger.add(1, MOMENT, DIRTY, 40.0)
    ledger.add(2, MOMENT, DIRTY, 80.0)
    told = {figure.what: figure.value for figure in figures(ledger)}
    assert told == {
        "power cuts": 3,
        "power cuts that left a trace": 2,
        "time for a cut, median": 40.0,
        "power cuts at joining:none": 2,
        "power cuts at on:none": 1,
        "power cuts of other kits or seeds": 1,
        "of these, that left a trace": 0,
    }
