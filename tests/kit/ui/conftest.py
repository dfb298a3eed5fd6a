"""A window with our widgets, for each test."""

from collections.abc import Iterator

import pytest

from tests.kit.ui.driver import Driver, driver


@pytest.fixture(scope="session")
def window() -> Iterator[Driver]:
    """One window for all tests: making screens anew takes most of the time."""
    with driver() as ready:
        yield ready


@pytest.fixture
def hands(window: Driver) -> Driver:
    """An empty screen, and hands."""
    window.begin()
    return window
