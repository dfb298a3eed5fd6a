from pathlib import Path

from tests.checks.samples import tree
from tools.setup import environment, pages
from tools.tree import Tree

PACKAGE = '{"name": "page", "scripts": {"build": "node build.mjs"}}'


def project(folder: Path, files: dict[str, str] | None = None) -> Tree:
    sources = {
        "web/package.json": PACKAGE,
        "web/package-lock.json": "{}",
        "web/src/main.js": "1",
        "kit/a.py": "",
    }
    return tree(folder, sources | (files or {}))


def keys(tree: Tree) -> dict[str, str]:
    return {step.name: step.key for step in pages(tree)}


def test_each_folder_with_a_package_has_its_packages_installed_and_its_page_built(tmp_path: Path) -> None:
    assert list(keys(project(tmp_path))) == ["npm packages web", "web page web"]


def test_a_package_without_a_build_is_only_installed(tmp_path: Path) -> None:
    assert list(keys(project(tmp_path, {"web/package.json": "{}"}))) == ["npm packages web"]


def test_a_changed_source_builds_the_page_again_and_installs_nothing(tmp_path: Path) -> None:
    before, after = keys(project(tmp_path)), keys(project(tmp_path, {"web/src/main.js": "2"}))
    assert before["npm packages web"] == after["npm packages web"]
    assert before["web page web"] != after["web page web"]


def test_a_changed_lock_installs_and_builds_again(tmp_path: Path) -> None:
    before, after = keys(project(tmp_path)), keys(project(tmp_path, {"web/package-lock.json": "{ }"}))
    assert set(before.values()).isdisjoint(after.values())


def test_other_files_of_the_tree_change_nothing(tmp_path: Path) -> None:
    assert keys(project(tmp_path)) == keys(project(tmp_path, {"kit/a.py": "2"}))


def test_the_environment_is_installed_by_hash_and_without_an_address() -> None:
    words = " ".join(environment().commands[-1].arguments)
    assert "--require-hashes" in words
    assert "://" not in words
