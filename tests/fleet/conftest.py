"""A migrated database with the example register, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.store import Store
from fleet.store.migrate import upgrade
from tests.fleet.samples import plant


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file to copy from."""
    path = tmp_path_factory.mktemp("fleet") / "planted.db"
    store = Store(f"sqlite:///{path}")
    upgrade(store)
    plant(store)
    store.close()
    return path


@pytest.fixture
def store(planted: Path, tmp_path: Path) -> Iterator[Store]:
    """The example register: kit-0001 in use, kit-0002 its spare, kit-0003 of another municipality."""
    path = tmp_path / "fleet.db"
    shutil.copy(planted, path)
    result = Store(f"sqlite:///{path}")
    yield result
    result.close()
