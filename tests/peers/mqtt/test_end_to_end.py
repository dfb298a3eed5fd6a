"""Kit, Mosquitto and ingest as they run in earnest, each killed in mid-stream."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from fleet.clock import now_ms
from fleet.store import Store
from fleet.store.migrate import upgrade
from fleet.store.presence import state_of
from fleet.store.tables import HealthRow, IngestStatus, ReportStream
from provisioning.broker import Broker
from provisioning.site import Site
from tests.fleet.samples import plant
from tests.peers.mqtt.support import RunningBroker, eventually

KIT = "kit-0001"


class KitProcess:
    """Started and killed again and again; ``promised`` is the last number that it said it keeps."""

    def __init__(self, config: Path) -> None:
        self.promised = -1
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.peers.mqtt.kit_process", str(self._config)]
        self._process = subprocess.Popen([*command, str(self.promised + 1)], stdout=subprocess.PIPE)

    def keep(self, reports: int) -> None:
        """Let it keep that many more."""
        assert self._process is not None
        assert self._process.stdout is not None
        for _ in range(reports):
            self.promised = int(self._process.stdout.readline())

    def kill(self) -> None:
        """What it says while it dies counts too; one more may be kept without having been said."""
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.kill()
        rest = self._process.stdout.read().split(b"\n")[:-1]
        self.promised = int(rest[-1]) if rest else self.promised
        self._process.wait()
        self._process.stdout.close()
        self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self.kill()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "region")


@pytest.fixture
def plan(site: Site, free_port: Callable[[], int]) -> Broker:
    return site.broker(free_port())


@pytest.fixture
def broker(plan: Broker) -> Iterator[RunningBroker]:
    running = RunningBroker(plan)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'fleet.db'}")
    upgrade(store)
    plant(store, now_ms())
    yield store
    store.close()


@pytest.fixture
def ingest(site: Site, plan: Broker, broker: RunningBroker, store: Store, tmp_path: Path) -> Iterator[None]:
    identity = site.service("fleet-ingest")
    command = [sys.executable, "-m", "fleet.ingest", "--broker", f"localhost:{plan.port}"]
    command += ["--database", store.url, "--ca", str(identity.ca)]
    command += ["--cert", str(identity.certificate), "--key", str(identity.key)]
    with (tmp_path / "ingest.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log)
    assert eventually(lambda: listens(store))
    yield
    process.send_signal(signal.SIGTERM)
    process.wait(10)


@pytest.fixture
def kit(site: Site, plan: Broker, tmp_path: Path) -> Iterator[KitProcess]:
    identity = site.kit(KIT)
    config = tmp_path / "kit.toml"
    config.write_text(
        f"""
        kit_id = "{KIT}"
        run_dir = "run"
        state_dir = "state"
        health_interval_s = 3600
        [broker]
        host = "localhost"
        port = {plan.port}
        ca = "{identity.ca}"
        certificate = "{identity.certificate}"
        key = "{identity.key}"
        [meeting]
        allowed_hosts = ["mote.example"]
        """
    )
    process = KitProcess(config)
    yield process
    process.stop()


def listens(store: Store) -> bool:
    with store.reading() as session:
        status = session.get(IngestStatus, 1)
        return status is not None and status.connected


def committed(store: Store) -> list[int]:
    """Numbers in the order of the kit's stream; a sample of the machine itself tells its memory too."""
    with store.reading() as session:
        rows = session.execute(
            select(HealthRow.load)
            .where(HealthRow.kit_id == KIT, HealthRow.memory_available_mb.is_(None))
            .order_by(HealthRow.seq)
        )
        return [int(load) for (load,) in rows if load is not None]


def word(store: Store) -> str:
    """The fleet's word for how the kit is reached."""
    with store.reading() as session:
        return state_of(session, KIT).word


def stream(store: Store) -> ReportStream | None:
    with store.reading() as session:
        return session.scalars(select(ReportStream).where(ReportStream.kit_id == KIT)).one_or_none()


@pytest.mark.usefixtures("ingest")
def test_reports_are_committed_once_each_in_order_though_kit_and_broker_are_killed(
    store: Store, kit: KitProcess, broker: RunningBroker
) -> None:
    kit.start()
    kit.keep(50)
    broker.kill()
    kit.keep(40)
    kit.kill()
    kit.start()
    kit.keep(40)
    broker.start()
    kit.keep(50)
    assert eventually(lambda: word(store) == "online")
    kit.kill()
    assert eventually(lambda: word(store) == "silent")
    kit.start()
    kit.keep(20)
    assert eventually(lambda: word(store) == "online")
    last = kit.promised
    assert eventually(lambda: last in committed(store))
    kit.kill()

    numbers = committed(store)
    assert set(range(last + 1)) <= set(numbers)
    assert numbers == sorted(numbers)
    told = stream(store)
    assert told is not None
    assert told.lost == 0
    assert told.above == []
    assert told.committed == told.contiguous
    # A report that was kept in the moment of a kill, but not said, comes a second time from the program.
    assert len(numbers) - len(set(numbers)) <= 2
