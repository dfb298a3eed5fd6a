from collections.abc import Iterator

import pytest

from tests.peers.network.namespace import Namespace


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    """A machine of the test's own: see :mod:`tests.peers.network.namespace`."""
    with Namespace() as namespace:
        yield namespace
