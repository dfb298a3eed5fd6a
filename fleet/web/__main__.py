"""`python -m fleet.web`: the dashboard on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from fleet import log
from fleet.store import Store
from fleet.store.migrate import upgrade
from fleet.web.app import create_app
from fleet.web.security import LOOPBACK

NEEDED = ("htmx.js", "uplot.js", "icons.svg", "app.css")


def main(
    database: Annotated[str, typer.Option(help="as SQLAlchemy writes it: sqlite:////var/lib/fleet/fleet.db")],
    listen: Annotated[
        str, typer.Option(help="loopback address and port; there is no login yet")
    ] = "127.0.0.1:8090",
    static: Annotated[Path, typer.Option(help="what `npm run build` in fleet/web makes")] = Path(
        "build/fleet-static"
    ),
) -> None:
    """Run until SIGTERM or SIGINT."""
    log.configure()
    host, _, port = listen.rpartition(":")
    if host not in LOOPBACK or not port.isdigit():
        sys.exit("--listen must be 127.0.0.1:port, [::1]:port or localhost:port: there is no login yet")
    missing = [name for name in NEEDED if not (static / name).is_file()]
    if missing:
        sys.exit(f"{static}: {', '.join(missing)} missing; run `npm ci` and `npm run build` in fleet/web")
    store = Store(database)
    upgrade(store)
    uvicorn.run(
        create_app(store, static),
        host=host.strip("[]"),
        port=int(port),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    typer.run(main)
