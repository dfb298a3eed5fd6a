"""Bringing a database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from fleet.store.engine import Store

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(store: Store) -> None:
    """Run the migrations that the database has not seen. Safe to run again."""
    command.upgrade(config(store), "head")


def config(store: Store) -> Config:
    """Alembic's configuration for this database."""
    result = Config()
    result.set_main_option("script_location", str(MIGRATIONS))
    result.attributes["engine"] = store.engine
    return result
