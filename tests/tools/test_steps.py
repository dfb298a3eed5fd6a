import sys
from pathlib import Path

import pytest

from tools import steps
from tools.steps import Command, Step, content_key, do_missing


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "LOGS", tmp_path / "log")
    monkeypatch.setattr(steps, "STAMPS", tmp_path / "stamps")


def step(folder: Path, code: str, key: str = "1") -> Step:
    made = folder / "made"
    script = f"from pathlib import Path; made = Path({str(made)!r}); {code}"
    return Step("a step", key, [made], [Command([sys.executable, "-c", script], folder)], "Do this.")


def write(text: str) -> str:
    return f"made.write_text({text!r})"


def test_a_step_is_done_once_for_the_same_content(tmp_path: Path) -> None:
    assert do_missing([step(tmp_path, write("first"))])
    assert do_missing([step(tmp_path, write("second"))])
    assert (tmp_path / "made").read_text() == "first"


def test_a_step_is_done_again_when_its_content_changed(tmp_path: Path) -> None:
    assert do_missing([step(tmp_path, write("first"), key="1")])
    assert do_missing([step(tmp_path, write("second"), key="2")])
    assert (tmp_path / "made").read_text() == "second"


def test_a_step_is_done_again_when_what_it_made_is_gone(tmp_path: Path) -> None:
    assert do_missing([step(tmp_path, write("first"))])
    (tmp_path / "made").unlink()
    assert do_missing([step(tmp_path, write("second"))])
    assert (tmp_path / "made").read_text() == "second"


def test_a_failed_step_says_its_last_lines_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not do_missing([step(tmp_path, "print('no room left'); raise SystemExit(3)")])
    said = capsys.readouterr().err
    assert "failed (3)" in said
    assert "no room left" in said
    assert "Do this." in said


def test_a_failed_step_is_tried_again_and_stops_the_next(tmp_path: Path) -> None:
    failing = step(tmp_path, "raise SystemExit(1)")
    assert not do_missing([failing, step(tmp_path, write("next"), key="2")])
    assert not (tmp_path / "made").exists()
    assert do_missing([step(tmp_path, write("later"))])


def test_progress_is_counted_in_the_marked_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = Command(
        [sys.executable, "-c", "print('got a'); print('noise'); print('got b')"],
        tmp_path,
        counted=lambda line: line.startswith("got"),
        total=2,
    )
    assert do_missing([Step("a step", "1", [], [lines], "")])
    assert "2 of 2" in capsys.readouterr().out


def test_a_key_depends_on_content_and_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    before = content_key(one, two)
    assert before == content_key(one, two) != content_key(two, one)
    two.write_text("3")
    assert content_key(one, two) != before
