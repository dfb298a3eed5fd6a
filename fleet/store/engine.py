"""Opening the database, and the two kinds of transaction.

SQLite: write-ahead log, `synchronous=FULL` (an acknowledged report survives loss of power), and `BEGIN
IMMEDIATE` for every transaction that writes, because a read transaction that turns into a writing one fails
at once when another process has written meanwhile, whatever the busy timeout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

BUSY_TIMEOUT_S: Final = 10


class Store:
    """One database, shared by threads. `url` as SQLAlchemy writes it: `sqlite:////var/lib/fleet/fleet.db`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on one consistent state; nothing that is changed in it is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back by an exception."""
        engine = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def sqlite_path(url: str) -> str | None:
    """The file of an SQLite database, or None for another kind."""
    parsed = make_url(url)
    return parsed.database if parsed.get_backend_name() == "sqlite" else None


def name_of(error: DBAPIError) -> str:
    """What the database calls its refusal, without any content: `SQLITE_BUSY`, `SQLITE_FULL`, or the error's
    type.
    """
    return str(getattr(error.orig, "sqlite_errorname", type(error.orig).__name__))


def _engine(url: str) -> Engine:
    if sqlite_path(url) is None:
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions on its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get("begin", "BEGIN"))
