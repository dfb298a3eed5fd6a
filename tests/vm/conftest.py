"""Homes that the tests share, and what is kept of them."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vm import disk, home
from tests.vm.home import NEEDLES, Home
from tests.vm.traces import Scanner

RUNS = disk.BUILD / "runs"
KEEP = bool(os.environ.get("KEEP"))
SLOW_MACHINE_S = 1800


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test that needs Debian fetches it, and each home is started once: minutes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(SLOW_MACHINE_S))


@pytest.fixture(scope="session", autouse=True)
def _needles() -> None:
    """What to look for, for scanners of other people."""
    shutil.rmtree(RUNS, ignore_errors=True)
    RUNS.mkdir(parents=True)
    (disk.BUILD / "needles.json").write_text(json.dumps(dict(NEEDLES), indent=1), encoding="utf-8")


@pytest.fixture(scope="session")
def kit() -> Home:
    """A kit as it is delivered."""
    return home.make("kit", disk.PROTECTIONS, disk.code())


@pytest.fixture(scope="session")
def unprotected() -> Home:
    """The same programs as Debian configures them."""
    return home.make("unprotected", disk.code())


@pytest.fixture(scope="session")
def scanner() -> Scanner:
    """Knows all forms of all needles."""
    return Scanner(NEEDLES)


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Where a machine leaves its disk; kept with ``KEEP=1``."""
    path = RUNS / re.sub(r"\W+", "-", request.node.name).strip("-")
    path.mkdir(parents=True)
    yield path
    if not KEEP:
        shutil.rmtree(path, ignore_errors=True)
