"""The region as the kit in the machine reaches it: a broker, and all that is published there.

It is outside the machine, whose router leads ``ADDRESS`` to it: what it was told outlives every end.
"""

from __future__ import annotations

import getpass
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from fleet.contract import REPORT, decode_report, parse_topic
from kit.config import load
from kit.network import profiles
from provisioning import broker
from provisioning.broker import Broker
from provisioning.site import Identity, Site
from tests.peers.mqtt.acker import Acker
from tests.peers.mqtt.support import RunningBroker

ADDRESS = "203.0.113.10"
"""Of a network for documentation (RFC 5737)."""
KIT = "kit-0007"
PIN = "47110815"
"""Of the card that the region has put into the kit's modem."""
PUBLISHED = "published"
PATIENCE_S = 180.0
LOOK_EVERY_S = 0.1
CONFIGURATION = f"""\
kit_id = "{KIT}"
run_dir = "/run/kit"
state_dir = "/var/lib/kit"
health_interval_s = 3

[broker]
host = "{ADDRESS}"
port = 8883
ca = "ca.pem"
certificate = "certificate.pem"
key = "key.pem"

[meeting]
allowed_hosts = ["meet.example"]

[mobile]
apn = "region.test"
pin_file = "/var/lib/kit/sim.pin"
"""

Body = TypeVar("Body")


class Region:
    """Keeps its authority in a folder, and what is valid of it."""

    def __init__(self, folder: Path) -> None:
        site = Site(folder / "site")
        self._kit = site.kit(KIT)
        self._ingest = site.service("fleet-ingest")
        self._crl = site.authority.crl_file.read_bytes()
        server = site.server("broker", (ADDRESS, "127.0.0.1"))
        self._plan = Broker(
            folder=folder, host="127.0.0.1", port=1, root=server.ca,
            certificate=server.certificate, key=server.key, user=getpass.getuser(),
        )  # fmt: skip
        self._folder = folder

    def provisioned(self) -> Path:
        """A layer with what provisioning gives a kit."""
        layer = self._folder / "provisioned"
        own = layer / "etc" / "kit"
        own.mkdir(parents=True, exist_ok=True)
        for file in (self._kit.ca, self._kit.certificate, self._kit.key):
            (own / file.name).write_bytes(file.read_bytes())
        (own / "kit.toml").write_text(CONFIGURATION, encoding="utf-8")
        state = layer / "var" / "lib" / "kit"
        state.mkdir(parents=True, exist_ok=True)
        (state / "sim.pin").write_text(PIN, encoding="ascii")
        (state / "sim.pin").chmod(0o600)
        known = layer / "usr" / "lib" / "NetworkManager" / "system-connections"
        # The agent, which is not root, sees from their names that provisioning has been here.
        known.mkdir(parents=True, exist_ok=True)
        profiles.write(load(own / "kit.toml"), known)
        return layer

    @contextmanager
    def serve(self, folder: Path) -> Iterator[int]:
        """Run a broker; its port. All that is published there is kept in ``folder``."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        plan = replace(self._plan, folder=folder / "broker", port=port)
        broker.write(plan, self._crl, ())
        running = RunningBroker(plan)
        running.start()
        try:
            fleet = _Fleet(plan, self._ingest, folder / PUBLISHED)
            fleet.start()
            try:
                yield port
            finally:
                fleet.stop()
        finally:
            running.stop()


class _Fleet(Acker):
    """Commits reports to a file, as they are on the wire."""

    def __init__(self, plan: Broker, identity: Identity, published: Path) -> None:
        super().__init__(plan, identity)
        self._published = published

    def _hear(self, name: str, payload: bytes) -> None:
        with self._published.open("ab") as file:
            file.write(name.encode() + b" " + payload + b"\n")
        super()._hear(name, payload)


def told(folder: Path) -> int:
    """Return how much was published until now, in bytes."""
    published = folder / PUBLISHED
    return published.stat().st_size if published.exists() else 0


def wait_for(
    kind: type[Body], folder: Path, where: Callable[[Body], bool] = lambda _: True, *, since: int = 0
) -> Body:
    """Wait until such a report was published, and return the first after ``since`` bytes."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := [body for body in _bodies(folder, kind, since) if where(body)]):
        assert time.monotonic() < deadline, f"the kit did not publish any {kind.__name__}"
        time.sleep(LOOK_EVERY_S)
    return found[0]


def _bodies(folder: Path, kind: type[Body], since: int) -> Iterator[Body]:
    """Those of each whole line."""
    published = folder / PUBLISHED
    lines = published.read_bytes()[since:].splitlines(keepends=True) if published.exists() else []
    for name, _, payload in (line.partition(b" ") for line in lines if line.endswith(b"\n")):
        known = parse_topic(name.decode())
        if known is None or known[1] is not REPORT:
            continue
        body = decode_report(payload).body
        if isinstance(body, kind):
            yield body
