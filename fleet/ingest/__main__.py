"""`python -m fleet.ingest`: from the broker into the store, and back."""

from __future__ import annotations

import ipaddress
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from fleet import log
from fleet.ingest.link import Broker
from fleet.ingest.service import Ingest
from fleet.presence import Policy
from fleet.store import Store
from fleet.store.migrate import upgrade

CertificateFile = Annotated[Path | None, typer.Option(exists=True, dir_okay=False)]


def main(
    broker: Annotated[str, typer.Option(help="host:port of the MQTT broker")],
    database: Annotated[str, typer.Option(help="as SQLAlchemy writes it: sqlite:////var/lib/fleet/fleet.db")],
    ca: CertificateFile = None,
    cert: CertificateFile = None,
    key: CertificateFile = None,
    client_id: Annotated[str, typer.Option(help="name of the session at the broker")] = "fleet-ingest",
    late_after: Annotated[int, typer.Option(min=1, help="seconds without a report until late")] = 180,
    silent_after: Annotated[int, typer.Option(min=2, help="seconds without a report until silent")] = 900,
) -> None:
    """Run until SIGTERM or SIGINT. Without --ca only a broker on this machine is spoken to."""
    log.configure()
    host, _, port = broker.rpartition(":")
    if not host or not port.isdigit():
        sys.exit("--broker must be host:port")
    if ca is None and not _on_this_machine(host):
        sys.exit("a broker on another machine needs --ca, --cert and --key")
    store = Store(database)
    upgrade(store)
    policy = Policy(late_after_ms=late_after * 1000, silent_after_ms=silent_after * 1000)
    link = Broker(host=host, port=int(port), client_id=client_id, ca=ca, cert=cert, key=key)
    ingest = Ingest(link, store, policy)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ingest.stop.set())
    ingest.run()


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    typer.run(main)
