from pathlib import Path

from tests.checks.samples import places, tree
from tools.checks import budgets


def function(lines: int) -> str:
    return "def f():\n" + "    pass\n" * (lines - 1)


def test_a_function_at_its_budget_passes(tmp_path: Path) -> None:
    assert budgets.find(tree(tmp_path, {"a.py": function(40)})) == []


def test_a_function_over_its_budget_is_found_with_its_line(tmp_path: Path) -> None:
    assert places(budgets.find(tree(tmp_path, {"a.py": "\n" + function(41)}))) == ["a.py:2"]


def test_a_method_and_an_async_function_count_too(tmp_path: Path) -> None:
    method = "class C:\n    async def f(self):\n" + "        pass\n" * 40
    assert places(budgets.find(tree(tmp_path, {"a.py": method}))) == ["a.py:2"]


def test_a_file_at_its_budget_passes(tmp_path: Path) -> None:
    assert budgets.find(tree(tmp_path, {"a.py": "x = 1\n" * 400})) == []


def test_source_files_of_each_kind_over_their_budget_are_found(tmp_path: Path) -> None:
    files = {f"a.{kind}": "x\n" * 401 for kind in ("js", "html", "css", "kv")} | {"a.py": "x = 1\n" * 401}
    assert sorted(places(budgets.find(tree(tmp_path, files)))) == sorted(files)


def test_data_may_be_long(tmp_path: Path) -> None:
    assert budgets.find(tree(tmp_path, {"package-lock.json": "{\n" * 401})) == []


def test_a_file_that_is_no_python_is_said_and_does_not_stop_the_check(tmp_path: Path) -> None:
    found = budgets.find(tree(tmp_path, {"a.py": "def\n", "b.py": function(41)}))
    assert places(found) == ["a.py:1", "b.py:1"]
