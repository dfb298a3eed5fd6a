"""What `make test` and `make bench` make of the programs that they run."""

from pathlib import Path

import pytest

import bench
from bench import Figure
from bench.__main__ import main as run_bench
from bench.__main__ import show
from tools import test as runner

INI = "[pytest]\nmarkers =\n    unit\n    vm\n    peers\n    fuzz\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    (tmp_path / "pytest.ini").write_text(INI)
    (tmp_path / "test_a.py").write_text(
        "import pytest\n"
        "@pytest.mark.unit\ndef test_good(): pass\n"
        "@pytest.mark.peers\ndef test_bad(): assert 0\n"
    )
    return tmp_path


def test_only_runs_the_named_kind(project: Path) -> None:
    assert runner.main(["--only", "unit"]) == 0
    assert runner.main(["--only", "peers"]) == 1


@pytest.mark.parametrize("bad", ["none", "unit", "vm", "peers"])
def test_without_a_choice_all_kinds_run_and_each_failure_is_told(
    bad: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    (tmp_path / "pytest.ini").write_text(INI)
    tests = "".join(
        f"@pytest.mark.{kind}\ndef test_{kind}(): assert {kind != bad}\n" for kind in runner.KINDS
    )
    (tmp_path / "test_a.py").write_text(f"import pytest\n{tests}")
    assert (runner.main([]) == 0) == (bad == "none")
    said = capfd.readouterr().out
    assert (f"FAILED test_a.py::test_{bad}" in said) == (bad != "none")


def test_a_run_that_was_killed_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    (tmp_path / "pytest.ini").write_text(INI)
    good = "".join(f"@pytest.mark.{kind}\ndef test_{kind}(): pass\n" for kind in ("unit", "peers", "fuzz"))
    killed = "@pytest.mark.vm\ndef test_vm(): os.kill(os.getpid(), 9)\n"
    (tmp_path / "test_a.py").write_text(f"import os\nimport pytest\n{good}{killed}")
    assert runner.main([]) != 0


def test_arguments_for_pytest_are_passed_on(project: Path) -> None:
    assert runner.main(["--", "-k", "good"]) == 0


def test_a_kind_without_tests_is_said_and_fails(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["--only", "vm"]) != 0
    assert "no tests of this kind: vm" in capfd.readouterr().out


def test_an_unknown_measurement_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_bench(["no-such"]) == 2
    assert "ipc" in capsys.readouterr().out


def test_a_figure_is_shown_beside_its_peer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "RESULTS", tmp_path)
    figures = [
        Figure(what="delay", value=2, unit="ms", better="less", peer="Other", peer_value=3),
        Figure(what="rate", value=1500, unit="per s", better="more", peer="Other", peer_value=3000),
        Figure(what="alone", value=1, unit="ms", better="less"),
    ]
    bench.write("sample", figures, load_before=0.0)
    show("sample")
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "delay 2 ms Other 3 1.50 times better" in rows
    assert "rate 1,500 per s Other 3,000 2.00 times worse" in rows
    assert "alone 1 ms" in rows
