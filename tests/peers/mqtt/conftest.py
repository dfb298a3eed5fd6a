"""A region with a running broker, one for each module of tests."""

import socket
from collections.abc import Iterator

import pytest

from provisioning.broker import Broker
from provisioning.site import Site
from tests.peers.mqtt.support import RunningBroker


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("region"))


@pytest.fixture(scope="module")
def plan(site: Site, unused_port: int) -> Broker:
    return site.broker(unused_port)


@pytest.fixture(scope="module")
def broker(plan: Broker) -> Iterator[RunningBroker]:
    running = RunningBroker(plan)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def unused_port() -> int:

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
