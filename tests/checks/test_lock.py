from pathlib import Path

import pytest

from tests.checks.samples import places, tree
from tools.checks import lock

PROJECT = '[project]\ndependencies = ["{0}"]\n[dependency-groups]\ndev = ["tool==2.0"]\n'
LOCKED = (
    "some-lib==1.0 \\\n    --hash=sha256:00\ntool==2.0 ; sys_platform == 'linux' \\\n    --hash=sha256:11\n"
)


def findings(folder: Path, requirement: str, locked: str = LOCKED) -> list[str]:
    files = {"pyproject.toml": PROJECT.format(requirement), "requirements.lock": locked}
    return places(lock.find(tree(folder, files)))


@pytest.mark.parametrize("requirement", ["some-lib==1.0", "Some_Lib==1.0", "some-lib[extra]==1.0"])
def test_a_pin_that_is_locked_passes(tmp_path: Path, requirement: str) -> None:
    assert findings(tmp_path, requirement) == []


@pytest.mark.parametrize("requirement", ["some-lib==1.1", "other==1.0"])
def test_a_pin_that_is_not_locked_is_found(tmp_path: Path, requirement: str) -> None:
    assert findings(tmp_path, requirement) == ["requirements.lock"]


@pytest.mark.parametrize("requirement", ["some-lib", "some-lib>=1.0"])
def test_a_requirement_without_an_exact_pin_is_found(tmp_path: Path, requirement: str) -> None:
    assert findings(tmp_path, requirement) == ["pyproject.toml"]


def test_a_lock_without_hashes_locks_nothing(tmp_path: Path) -> None:
    unhashed = "some-lib==1.0\ntool==2.0\n"
    assert findings(tmp_path, "some-lib==1.0", unhashed) == ["requirements.lock"] * 2
