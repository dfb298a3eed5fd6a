from pathlib import Path

import pytest

from demo.layout import AlreadyRunning, Claim


def test_a_second_run_finds_a_clean_folder_at_once(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    first = Claim(root)
    (first.layout.log / "agent.log").write_text("old")
    (root / "report.json").write_text("{}")
    first.give_back()
    second = Claim(root)
    assert not (second.layout.log / "agent.log").exists()
    assert not (root / "report.json").exists()
    second.give_back()


def test_what_is_not_the_demos_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    Claim(tmp_path).give_back()
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    claim = Claim(tmp_path)
    with pytest.raises(AlreadyRunning, match=r"process \d+"):
        Claim(tmp_path)
    claim.give_back()


def test_sockets_lie_where_their_paths_are_short_and_go_with_the_run(tmp_path: Path) -> None:
    claim = Claim(tmp_path / ("deep" * 20))
    run = claim.layout.run
    assert len(str(claim.layout.kit_run("kit-0001") / "pictures.sock")) < 100
    claim.give_back()
    assert not run.exists()
