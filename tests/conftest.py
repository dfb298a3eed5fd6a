"""What every test gets: a marker from its folder, and guards against blocking and processes left behind."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest
from blockbuster import blockbuster_ctx

KINDS = ("peers", "vm", "fuzz")
OUR_PACKAGES = ["kit", "fleet", "provisioning"]
LEAVE_TIME_S = 3.0

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=5000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder: `peers`, `vm`, `fuzz`, and `unit` everywhere else."""
    here = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(here).parts[0]
        item.add_marker(folder if folder in KINDS else "unit")


@pytest.fixture(autouse=True)
def no_blocking_calls(request: pytest.FixtureRequest) -> Iterator[None]:
    """A unit test fails when our code blocks the event loop: sleep, file, socket or database calls."""
    if request.node.get_closest_marker("unit") is None:
        yield
        return
    with blockbuster_ctx(scanned_modules=OUR_PACKAGES):
        yield


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """A test fails when a process that it started still runs after it; the process is ended."""
    before = _children()
    yield
    _refuse(_children() - before)


@pytest.fixture(scope="session", autouse=True)
def no_process_left_by_fixtures() -> Iterator[None]:
    """The run fails when a process of a module's or session's fixture still runs at the end."""
    yield
    _refuse(_children())


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Ask for a TCP port that nothing listens on at 127.0.0.1; each call gives another."""
    given: set[int] = set()

    def ask() -> int:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port: int = probe.getsockname()[1]
            if port not in given:
                given.add(port)
                return port

    return ask


def _children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def _refuse(left: set[psutil.Process]) -> None:
    """Give the processes a moment to end by themselves; then end them and fail."""
    deadline = time.monotonic() + LEAVE_TIME_S
    while (running := [process for process in left if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    names = [_name(process) for process in running]
    for process in running:
        process.kill()
    assert not names, f"processes left behind: {', '.join(names)}"


def _runs(process: psutil.Process) -> bool:
    try:
        # Python's own helper for shared memory lives as long as the interpreter.
        helper = any("multiprocessing.resource_tracker" in word for word in process.cmdline())
        return not helper and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _name(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:120]}"
    except psutil.NoSuchProcess:
        return str(process.pid)
