from pathlib import Path

from tests.checks.samples import places, tree
from tools.checks import programs


def test_an_unused_import_is_found_with_its_place(tmp_path: Path) -> None:
    assert places(programs.ruff_lint(tree(tmp_path, {"a.py": "import os\n"}))) == ["a.py:1:8"]


def test_a_layout_that_ruff_would_change_is_found(tmp_path: Path) -> None:
    found = programs.ruff_format(tree(tmp_path, {"a.py": "x = [ 1 ]\n"}))
    assert [place.split(":")[0] for place in places(found)] == ["a.py"]


def test_a_wrong_type_is_found_also_in_a_folder_that_is_no_package(tmp_path: Path) -> None:
    project = '[tool.mypy]\nstrict = true\nfiles = ["kit"]\nexplicit_package_bases = true\n'
    files = {"pyproject.toml": project, "kit/__init__.py": "", "kit/inner/a.py": 'x: int = "1"\n'}
    assert places(programs.mypy(tree(tmp_path, files))) == ["kit/inner/a.py:1"]


def test_good_code_passes_all_three(tmp_path: Path) -> None:
    project = '[tool.mypy]\nstrict = true\nfiles = ["a.py"]\n'
    good = tree(tmp_path, {"pyproject.toml": project, "a.py": "x: int = 1\n"})
    assert programs.ruff_lint(good) == programs.ruff_format(good) == programs.mypy(good) == []
