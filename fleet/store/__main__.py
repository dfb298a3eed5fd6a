"""`python -m fleet.store upgrade|seed`: prepare the fleet's database."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from fleet.clock import now_ms, today
from fleet.store import Store, seed
from fleet.store.migrate import upgrade as upgrade_store

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
Database = Annotated[str, typer.Option(help="as SQLAlchemy writes it: sqlite:////var/lib/fleet/fleet.db")]


@app.command()
def upgrade(database: Database) -> None:
    """Create the database, or bring it to the newest schema."""
    upgrade_store(Store(database))


@app.command("seed")
def plant(
    database: Database,
    file: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="TOML; see fleet/example.toml")],
) -> None:
    """Register municipalities and kits from a file; what is there already keeps its settings."""
    store = Store(database)
    upgrade_store(store)
    try:
        content = seed.load(file)
    except seed.SeedError as error:
        sys.exit(f"{file}: {error}")
    day: date = today()
    with store.writing() as session:
        seed.plant(session, content, today=day, now=now_ms())


if __name__ == "__main__":
    app()
