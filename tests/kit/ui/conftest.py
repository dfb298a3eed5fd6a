"""A window with our widgets, for each test."""

from collections.abc import Iterator

import pytest

from tests.kit.ui.driver import Driver, driver


@pytest.fixture
def hands() -> Iterator[Driver]:
    """An empty screen, and hands."""
    with driver() as ready:
        yield ready
