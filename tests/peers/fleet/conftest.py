"""A database with the example register, a broker, and ingest between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fleet.clock import now_ms
from fleet.store import Store
from fleet.store.migrate import upgrade
from tests.fleet.samples import plant
from tests.peers.fleet.support import Broker, Kit, Program, ingest, listening, wait_for


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The example register, in a file that the programs open too."""
    result = Store(f"sqlite:///{tmp_path / 'fleet.db'}")
    upgrade(result)
    plant(result, now_ms())
    yield result
    result.close()


@pytest.fixture
def broker(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Broker]:
    """A running broker."""
    result = Broker(tmp_path, free_port())
    result.start()
    yield result
    result.stop()


@pytest.fixture
def taker(tmp_path: Path, broker: Broker, store: Store) -> Iterator[Program]:
    """Ingest, connected to the broker."""
    result = ingest(tmp_path, broker.port, store.url)
    result.start()
    wait_for(lambda: listening(store))
    yield result
    result.stop()


@pytest.fixture
def kit(broker: Broker) -> Iterator[Callable[..., Kit]]:
    """Start a kit by its name; it ends with the test."""
    with ExitStack() as stack:

        def start(name: str = "kit-0001", *, obedient: bool = True) -> Kit:
            started = Kit(name, broker.port, obedient=obedient).start()
            stack.callback(started.stop)
            return started

        yield start
