"""`python -m fleet.booking serve|add|revoke|list`: the booking interface, and who may use it."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvicorn
from sqlalchemy import select

from fleet import log
from fleet.booking import systems
from fleet.booking.app import create_app
from fleet.clock import now_ms
from fleet.store import Store
from fleet.store.migrate import upgrade
from fleet.store.tables import BookingSystem

LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
Database = Annotated[str, typer.Option(help="as SQLAlchemy writes it: sqlite:////var/lib/fleet/fleet.db")]
File = Annotated[Path | None, typer.Option(exists=True, dir_okay=False)]


@app.command()
def serve(
    database: Database,
    listen: Annotated[str, typer.Option(help="address and port")] = "127.0.0.1:8091",
    cert: File = None,
    key: File = None,
    client_ca: Annotated[
        Path | None, typer.Option(help="ask for client certificates of this authority too")
    ] = None,
) -> None:
    """Answer booking systems until SIGTERM or SIGINT. Anything but this machine's own address needs TLS."""
    log.configure()
    host, _, port = listen.rpartition(":")
    if not port.isdigit() or not host:
        sys.exit("--listen is an address and a port, for example 127.0.0.1:8091")
    if host not in LOOPBACK and (cert is None or key is None):
        sys.exit("--cert and --key are needed where others can reach the interface")
    store = Store(database)
    upgrade(store)
    uvicorn.run(
        create_app(store),
        host=host.strip("[]"),
        port=int(port),
        log_level="critical",
        access_log=False,
        server_header=False,
        limit_concurrency=64,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=2,
        **_tls(cert, key, client_ca),
    )


@app.command()
def add(
    database: Database,
    system: Annotated[str, typer.Option(help="short name: 2 to 16 small letters and digits")],
    name: Annotated[str, typer.Option(help="the system's name for people")],
    municipality: Annotated[
        list[str] | None, typer.Option(help="whose kits it may book; repeat; none is all")
    ] = None,
) -> None:
    """Let a booking system in, or give it a new token. The token is shown once and kept nowhere."""
    if not systems.SYSTEM.fullmatch(system):
        sys.exit("--system is 2 to 16 small letters and digits, a letter first")
    store = Store(database)
    upgrade(store)
    try:
        with store.writing() as session:
            token = systems.add(session, system, name[:80], municipality or [], now_ms())
    except systems.UnknownTownError:
        sys.exit("--municipality is not in the register")
    typer.echo(token)


@app.command()
def revoke(database: Database, system: str) -> None:
    """Take a booking system's token back. What it has booked stays."""
    with Store(database).writing() as session:
        if not systems.revoke(session, system, now_ms()):
            sys.exit("no such system")


@app.command("list")
def show(database: Database) -> None:
    """Who may book."""
    with Store(database).reading() as session:
        for row in session.scalars(select(BookingSystem).order_by(BookingSystem.id)):
            state = "revoked" if row.revoked_at is not None else "valid"
            typer.echo(f"{row.id}\t{state}\t{','.join(row.municipalities) or 'all'}\t{row.name}")


def _tls(cert: Path | None, key: Path | None, client_ca: Path | None) -> dict[str, Any]:
    if cert is None or key is None:
        return {}
    options: dict[str, Any] = {"ssl_certfile": str(cert), "ssl_keyfile": str(key)}
    if client_ca is not None:
        options |= {"ssl_ca_certs": str(client_ca), "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return options


if __name__ == "__main__":
    app()
