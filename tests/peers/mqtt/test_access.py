"""What a kit may do at the broker, tried against Mosquitto with provisioning's own rules and certificates."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.contract import MAX_MESSAGE_BYTES
from provisioning.broker import PACKET_OVERHEAD, Broker
from provisioning.site import Site
from tests.peers.mqtt.support import Client, Refused, RunningBroker, context_of, eventually

NOT_AUTHORIZED = 0x87
SUCCESS = 0x00
NOBODY_LISTENS = 0x10


@pytest.fixture
def fleet(site: Site, plan: Broker, broker: RunningBroker) -> Iterator[Client]:
    client = Client(plan, site.service("fleet-ingest")).connect()
    client.subscribe("kits/+/report", "kits/+/presence")
    yield client
    client.close()


@pytest.fixture
def kit(site: Site, plan: Broker, broker: RunningBroker) -> Iterator[Client]:
    client = Client(plan, site.kit("kit-0001")).connect()
    yield client
    client.close()


def test_a_kit_reports_as_itself_and_the_fleet_hears_it(kit: Client, fleet: Client) -> None:
    assert kit.publish("kits/kit-0001/report", b"one") == SUCCESS
    assert kit.publish("kits/kit-0001/presence", b"two") == SUCCESS
    assert eventually(lambda: len(fleet.received) == 2)
    assert fleet.received == [("kits/kit-0001/report", b"one"), ("kits/kit-0001/presence", b"two")]


@pytest.mark.parametrize(
    "topic",
    [
        "kits/kit-0002/report",
        "kits/kit-0002/presence",
        "kits/kit-0001/cmd/ack",
        "kits/kit-0001/other",
        "kits/kit-0001",
        "kits/fleet-ingest/report",
        "$SYS/broker/uptime",
        "anything",
    ],
)
def test_a_kit_that_writes_anything_but_its_own_reports_is_refused_and_thrown_out(
    site: Site, plan: Broker, kit: Client, fleet: Client, topic: str
) -> None:
    assert kit.publish(topic) == NOT_AUTHORIZED
    assert kit.gone.wait(5)
    again = Client(plan, site.kit("kit-0001")).connect()
    assert again.publish("kits/kit-0001/report", b"marker") == SUCCESS
    assert eventually(lambda: fleet.received)
    assert fleet.received == [("kits/kit-0001/report", b"marker")]
    again.close()


def test_a_kit_hears_its_own_commands_and_nobody_elses(
    site: Site, plan: Broker, kit: Client, fleet: Client
) -> None:
    other = Client(plan, site.kit("kit-0002")).connect()
    kit.subscribe("#", "kits/+/cmd/#", "kits/kit-0002/cmd/#", "kits/+/report", "$SYS/#")
    assert other.publish("kits/kit-0002/report") == SUCCESS
    fleet.publish("kits/kit-0002/cmd/desired", b"not for kit-0001")
    fleet.publish("kits/kit-0001/cmd/desired", b"for kit-0001")
    assert eventually(lambda: kit.received)
    assert set(kit.received) == {("kits/kit-0001/cmd/desired", b"for kit-0001")}
    other.close()


def test_the_fleet_commands_kits_but_cannot_speak_as_one(fleet: Client) -> None:
    assert fleet.publish("kits/kit-0001/cmd/ack") == NOBODY_LISTENS
    assert fleet.publish("kits/kit-0001/presence", retain=True) == NOT_AUTHORIZED


def test_a_kit_cannot_take_over_anothers_session(site: Site, plan: Broker, kit: Client) -> None:
    thief = Client(plan, site.kit("kit-0002"), client_id="kit-0001").connect()
    assert kit.publish("kits/kit-0001/report") in (SUCCESS, NOBODY_LISTENS)
    assert not kit.gone.is_set()
    thief.close()


def test_a_user_name_does_not_make_a_kit_into_somebody_else(site: Site, plan: Broker, kit: Client) -> None:
    liar = Client(plan, site.kit("kit-0002"))
    liar.mqtt.username_pw_set("fleet-ingest", "secret")
    liar.connect()
    assert liar.publish("kits/kit-0001/cmd/desired") == NOT_AUTHORIZED
    liar.close()


def test_a_last_will_on_anothers_topic_is_never_sent(site: Site, plan: Broker, fleet: Client) -> None:
    forger = Client(plan, site.kit("kit-0002")).will("kits/kit-0001/presence", b"forged")
    try:
        forger.connect()
        forger.drop()
    except Refused:
        pass  # Refusing the connection as such is as good.
    honest = Client(plan, site.kit("kit-0003")).will("kits/kit-0003/presence", b"gone").connect()
    honest.drop()
    assert eventually(lambda: ("kits/kit-0003/presence", b"gone") in fleet.received)
    assert ("kits/kit-0001/presence", b"forged") not in fleet.received


def test_nobody_gets_in_without_a_certificate(site: Site, plan: Broker, broker: RunningBroker) -> None:
    kit = site.kit("kit-0001")
    bare = ssl.create_default_context(cafile=str(kit.ca))
    with pytest.raises(Refused):
        Client(plan, kit, context=bare).connect()


def test_a_certificate_of_another_authority_is_refused(
    site: Site, plan: Broker, broker: RunningBroker, tmp_path: Path
) -> None:
    foreign = Site(tmp_path, "Exempel").kit("kit-0001")
    context = context_of(foreign)
    context.load_verify_locations(site.kit("kit-0001").ca)
    with pytest.raises(Refused):
        Client(plan, foreign, context=context).connect()


def test_a_servers_certificate_does_not_make_a_client(
    site: Site, plan: Broker, broker: RunningBroker
) -> None:
    with pytest.raises(Refused):
        Client(plan, site.server("web")).connect()


def test_a_kit_does_not_talk_to_a_broker_that_is_not_its_own(
    site: Site, plan: Broker, broker: RunningBroker, tmp_path: Path
) -> None:
    kit = site.kit("kit-0001")
    elsewhere = Site(tmp_path, "Exempel").kit("kit-0001")
    context = ssl.create_default_context(cafile=str(elsewhere.ca))
    context.load_cert_chain(kit.certificate, kit.key)
    with pytest.raises(Refused) as refused:
        Client(plan, kit, context=context).connect()
    assert isinstance(refused.value.__cause__, ssl.SSLCertVerificationError)


def test_older_tls_is_refused(site: Site, plan: Broker, broker: RunningBroker) -> None:
    kit = site.kit("kit-0001")
    context = context_of(kit)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(Refused):
        Client(plan, kit, context=context).connect()


def test_a_message_far_beyond_the_contracts_limit_is_not_passed_on(kit: Client, fleet: Client) -> None:
    assert kit.publish("kits/kit-0001/report", b"x" * MAX_MESSAGE_BYTES) == SUCCESS
    assert eventually(lambda: any(topic.endswith("report") for topic, _ in fleet.received))
    assert kit.publish("kits/kit-0001/report", b"x" * (MAX_MESSAGE_BYTES + PACKET_OVERHEAD)) >= 0x80
    assert [len(payload) for topic, payload in fleet.received if topic.endswith("report")] == [
        MAX_MESSAGE_BYTES
    ]


def test_the_brokers_log_holds_no_network_address(site: Site, plan: Broker, broker: RunningBroker) -> None:
    kit = Client(plan, site.kit("kit-0001")).connect()
    kit.publish("kits/kit-0002/report")
    Client(plan, site.kit("kit-0001")).connect().drop()
    with pytest.raises(Refused):
        Client(plan, site.server("web")).connect()
    with socket.create_connection((plan.host, plan.port)) as stranger:
        stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            stranger.recv(100)
    assert b"127.0.0.1" not in broker.log.read_bytes()
