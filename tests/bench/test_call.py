"""A matrix may be held in parts: rows of earlier runs are kept."""

from pathlib import Path

import msgspec
import pytest

import bench
from bench import call
from bench.calls.call import Plan
from bench.calls.conditions import Condition
from tests.bench.test_chart import ROWS

LOSS10 = Condition(name="loss10")


@pytest.fixture(autouse=True)
def results(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "RESULTS", tmp_path)


def test_rows_of_earlier_runs_stay_but_for_calls_that_are_held_again() -> None:
    assert call._kept([]) == []
    bench.path("call").write_bytes(msgspec.json.encode(ROWS))
    assert {row.seed for row in call._kept([Plan(LOSS10, 7, 30)])} == {8}
    assert call._kept([Plan(LOSS10, 7, 30, behind="janus")]) == ROWS


def test_a_file_that_holds_no_rows_is_refused_before_a_call_is_held(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bench.path("call").write_bytes(b'[{"condition": 7}]')
    assert call.main(["--add"]) == 2
    assert "no rows of an earlier run" in capsys.readouterr().out
    assert bench.path("call").read_bytes() == b'[{"condition": 7}]'
