"""A lost kit is locked out: new connections by the revocation list, the one it holds by the access rules."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioning import broker as brokers
from provisioning.broker import Broker
from provisioning.site import Site
from tests.peers.mqtt.support import Client, Refused, RunningBroker, context_of, eventually

NOT_AUTHORIZED = 0x87


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def plan(site: Site, free_port: Callable[[], int]) -> Broker:
    return site.broker(free_port())


@pytest.fixture
def broker(plan: Broker) -> Iterator[RunningBroker]:
    running = RunningBroker(plan)
    running.start()
    yield running
    running.stop()


def test_a_revoked_kit_cannot_connect_again_and_its_open_connection_is_worth_nothing(
    site: Site, plan: Broker, broker: RunningBroker
) -> None:
    fleet = Client(plan, site.service("fleet-ingest")).connect()
    fleet.subscribe("kits/+/report")
    lost_identity = site.kit("kit-0001")
    lost = Client(plan, lost_identity).connect()
    lost.subscribe("kits/kit-0001/cmd/#")
    well = Client(plan, site.kit("kit-0002")).connect()
    site.revoke("kit-0001", plan)
    broker.reload()

    fleet.publish("kits/kit-0001/cmd/desired", b"secret")
    assert lost.publish("kits/kit-0001/report", b"from the thief") == NOT_AUTHORIZED
    assert lost.gone.wait(5)
    assert lost.received == []
    with pytest.raises(Refused):
        Client(plan, lost_identity).connect()
    assert well.publish("kits/kit-0002/report", b"still here") == 0
    assert eventually(lambda: fleet.received)
    assert fleet.received == [("kits/kit-0002/report", b"still here")]
    for client in (fleet, well):
        client.close()


def answer_to_resumed(plan: Broker, context: ssl.SSLContext, ticket: ssl.SSLSession) -> bytes:
    """What the broker answers to CONNECT on a resumed TLS session; nothing when it does not let it in."""
    connect = b"\x10\x14\x00\x04MQTT\x05\x02\x00\x1e\x00\x00\x07resumed"
    try:
        with (
            socket.create_connection((plan.host, plan.port)) as line,
            context.wrap_socket(line, server_hostname="localhost", session=ticket) as resumed,
        ):
            resumed.sendall(connect)
            return resumed.recv(100)
    except (ssl.SSLError, ConnectionError):
        return b""


def test_a_revoked_kit_cannot_come_back_by_resuming_an_older_tls_session(
    site: Site, plan: Broker, broker: RunningBroker
) -> None:
    lost = site.kit("kit-0001")
    context = context_of(lost)
    tickets = []
    for _ in range(2):
        client = Client(plan, lost, context=context).connect()
        line = client.mqtt.socket()
        assert isinstance(line, ssl.SSLSocket)
        assert line.session is not None
        tickets.append(line.session)
        client.close()
    assert answer_to_resumed(plan, context, tickets[0])[:1] == b"\x20"
    site.revoke("kit-0001", plan)
    broker.reload()
    assert answer_to_resumed(plan, context, tickets[1]) == b""


def test_a_kit_with_a_new_key_after_a_revocation_is_let_in(
    site: Site, plan: Broker, broker: RunningBroker
) -> None:
    old_key = site.kit("kit-0001").key.read_bytes()
    site.revoke("kit-0001", plan)
    renewed = site.kit("kit-0001")
    assert renewed.key.read_bytes() != old_key
    brokers.refresh(plan, site.authority.crl_file.read_bytes(), site.authority.locked_out())
    broker.reload()
    back = Client(plan, renewed).connect()
    assert back.publish("kits/kit-0001/report") < 0x80
    back.close()


def test_an_expired_revocation_list_refuses_good_kits_until_it_is_renewed(
    site: Site, plan: Broker, broker: RunningBroker, tmp_path: Path
) -> None:
    kit = site.kit("kit-0001")
    long_ago = Site(tmp_path, clock=lambda: datetime.now(UTC) - timedelta(days=31))
    long_ago.authority.renew_crl()
    brokers.refresh(plan, site.authority.crl_file.read_bytes(), ())
    broker.reload()
    with pytest.raises(Refused):
        Client(plan, kit).connect()
    renewed = Site(tmp_path)
    brokers.refresh(plan, renewed.authority.crl_file.read_bytes(), ())
    broker.reload()
    Client(plan, kit).connect().close()
