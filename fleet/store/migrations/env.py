"""Runs the migrations on the engine that `fleet.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from fleet.store.tables import Base


def run() -> None:
    """Apply the steps, all in one transaction."""
    engine = context.config.attributes["engine"].execution_options(begin="BEGIN IMMEDIATE")
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()


run()
