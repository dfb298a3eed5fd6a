"""Homes that the tests share, how their machines run beside each other, and what is kept of them.

A test that starts a machine takes ``kit`` or ``unprotected``, and of other fixtures only ``scanner`` and
``folder``: it runs in a thread, before its turn, because a visit is mostly waiting.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.vm import disk, home
from tests.vm.ahead import Ahead
from tests.vm.home import Ground, Home
from tests.vm.needles import NEEDLES
from tests.vm.traces import Scanner

RUNS = disk.BUILD / "runs"
KEEP = bool(os.environ.get("KEEP"))
SLOW_MACHINE_S = 1800
LAYERS = {"kit": (disk.PROTECTIONS,), "unprotected": ()}
"""A kit as it is delivered, and the same programs as Debian configures them."""
AHEAD = pytest.StashKey[Ahead]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test that needs Debian fetches it, and each home is started once: minutes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(SLOW_MACHINE_S))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Wait for a test that runs, or has run, beside others."""
    if not _homes_of(pyfuncitem):
        return None
    pyfuncitem.session.stash[AHEAD].result(pyfuncitem.nodeid)
    return True


@pytest.fixture(scope="session", autouse=True)
def _needles() -> None:
    """What to look for, for scanners of other people."""
    shutil.rmtree(RUNS, ignore_errors=True)
    RUNS.mkdir(parents=True)
    (disk.BUILD / "needles.json").write_text(json.dumps(dict(NEEDLES), indent=1), encoding="utf-8")


@pytest.fixture
def no_process_left() -> None:
    """In the place of the guard of other tests: machines run on beside. The one of the whole run stays."""


@pytest.fixture(scope="session")
def homes(request: pytest.FixtureRequest) -> Iterator[dict[str, Home]]:
    """Those that the chosen tests need, started at once; then their machines begin to run."""
    chosen = [item for item in request.session.items if isinstance(item, pytest.Function)]
    needed = sorted({name for item in chosen for name in _homes_of(item)})
    ground = Ground.prepare()
    with ThreadPoolExecutor() as pool:
        starting = {name: pool.submit(home.make, name, ground, *LAYERS[name]) for name in needed}
    made = {name: started.result() for name, started in starting.items()}
    ready = {**made, "scanner": Scanner(NEEDLES)}
    with Ahead({item.nodeid: _call(item, ready) for item in chosen if _homes_of(item)}) as ahead:
        request.session.stash[AHEAD] = ahead
        yield made


@pytest.fixture
def kit(homes: dict[str, Home]) -> Home:
    """A kit as it is delivered."""
    return homes["kit"]


@pytest.fixture
def unprotected(homes: dict[str, Home]) -> Home:
    """The same programs as Debian configures them."""
    return homes["unprotected"]


@pytest.fixture(scope="session")
def scanner() -> Scanner:
    """Knows all forms of all needles."""
    return Scanner(NEEDLES)


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Where a machine leaves its disk, and all else of it; kept with ``KEEP=1``."""
    path = _folder(request.node)
    yield path
    if not KEEP:
        shutil.rmtree(path, ignore_errors=True)


def _homes_of(item: pytest.Function) -> set[str]:
    return LAYERS.keys() & set(item.fixturenames)


def _folder(item: pytest.Item) -> Path:
    return RUNS / re.sub(r"\W+", "-", item.name).strip("-")


def _call(item: pytest.Function, ready: dict[str, object]) -> Callable[[], None]:
    """The test with what it takes."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    values = {**ready, **params, "folder": _folder(item)}
    taken = inspect.signature(item.function).parameters
    return functools.partial(item.function, **{name: values[name] for name in taken})
