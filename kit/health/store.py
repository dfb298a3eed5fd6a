"""Reports in SQLite, numbered without reuse, until they are acknowledged.

Each store has a stream of its own, identified by 128 random bits and numbered from 1. It can also hold the
rest of other streams, to which nothing is added any more. A report that is given up leaves a hole: what is
sent tells the oldest number that is still there (``oldest``), and the fleet counts what it missed as lost.

Durability: an :meth:`Store.append` that returned survives a kill and a power cut (WAL, ``synchronous=FULL``).
``locking_mode=EXCLUSIVE`` keeps SQLite's index of the log in memory, so that a store on a full disk can still
be opened and read, and it keeps a second agent out.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct

OWN: Final = 1
"""Number of the store's own stream; the rests of others have higher ones."""

_STREAM_ID: Final = re.compile(rb"[0-9a-f]{32}")
_VERSION: Final = 1
_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE stream (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, last INTEGER NOT NULL) STRICT;
CREATE TABLE report (
    stream INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    expendable INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_expendable ON report (expendable DESC, stream, seq);
PRAGMA user_version = {_VERSION};
COMMIT;
"""

_IN_STREAM: Final = "stream = (SELECT number FROM stream WHERE id = ?)"
_UP_TO: Final = f"seq <= ? AND {_IN_STREAM}"
_FORGET: Final = f"DELETE FROM report WHERE {_UP_TO}"  # noqa: S608 - constants only
_REPLACE: Final = f"UPDATE report SET body = ? WHERE seq = ? AND {_IN_STREAM}"  # noqa: S608 - constants only


class Limits(Struct, frozen=True, kw_only=True):
    """What a store holds at most; beyond it the oldest expendable report goes first, then the oldest."""

    reports: int
    body_bytes: int


class Row(Struct, frozen=True, kw_only=True):
    """A kept report. ``at`` is unix milliseconds, ``body`` JSON; ``expendable`` is given up first."""

    stream: str
    seq: int
    at: int
    expendable: bool
    body: bytes
    oldest: int = 1
    """Lowest number of its stream that was still held when the row was read."""


class _Size(NamedTuple):
    reports: int
    body_bytes: int


class Store:
    """One database, for one thread at a time. A method that raises ``sqlite3.Error`` changed nothing."""

    def __init__(self, path: Path | None, limits: Limits) -> None:
        """Open or create; ``None`` is a store in memory. A damaged file raises ``sqlite3.DatabaseError``."""
        self._limits = limits
        self._database = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False, timeout=0
        )
        try:
            self._prepare()
            self._size = self._uncommitted = self._measure()
        except UnicodeDecodeError:
            # SQLite's words for a damaged schema hold the damaged bytes.
            self._database.close()
            raise sqlite3.DatabaseError("damaged") from None
        except BaseException:
            self._database.close()
            raise

    @property
    def count(self) -> int:
        """How many reports are kept."""
        return self._size.reports

    def close(self) -> None:
        """Close; what was kept stays."""
        self._database.close()

    def append(self, at: int, body: bytes, *, expendable: bool) -> int:
        """Keep a report under the next number of the own stream. Returns how many were given up for it."""
        with self._transaction() as database:
            database.execute("UPDATE stream SET last = last + 1 WHERE number = ?", (OWN,))
            database.execute(
                "INSERT INTO report SELECT number, last, ?, ?, ? FROM stream WHERE number = ?",
                (at, expendable, body, OWN),
            )
            return self._make_room(_Size(self._size.reports + 1, self._size.body_bytes + len(body)))

    def pending(self, limit: int, beyond: Mapping[str, int] = MappingProxyType({})) -> list[Row]:
        """Up to ``limit`` reports to send: of each stream, in order, those before its first hole.

        ``beyond`` leaves out of a stream what is up to and including that number.
        """
        rows: list[Row] = []
        for number, stream in self._database.execute(
            "SELECT number, id FROM stream ORDER BY number"
        ).fetchall():
            rows += self._run(number, stream, beyond.get(stream, 0), limit - len(rows))
        return rows

    def acknowledge(self, stream: str, seq: int) -> int:
        """Forget what the fleet has: that stream up to ``seq``. Returns how many these were."""
        with self._transaction() as database:
            kept = self._measure(f"WHERE expendable = 0 AND {_UP_TO}", (seq, stream))
            gone = self._measure(f"WHERE {_UP_TO}", (seq, stream))
            database.execute(_FORGET, (seq, stream))
            database.execute(
                "DELETE FROM stream WHERE number > ? AND number NOT IN (SELECT stream FROM report)", (OWN,)
            )
            self._uncommitted = _Size(
                self._size.reports - gone.reports, self._size.body_bytes - gone.body_bytes
            )
        if kept.reports:
            self._empty_log()
        return gone.reports

    def replace(self, stream: str, seq: int, body: bytes) -> None:
        """Put another body in the place of one that cannot be sent."""
        with self._transaction() as database:
            database.execute(_REPLACE, (body, seq, stream))
            self._uncommitted = self._measure()

    def adopt(self, rows: Iterable[Row]) -> int:
        """Take over rows of other streams, in order. Returns how many were given up to make room."""
        with self._transaction() as database:
            for stream, group in groupby(rows, key=lambda row: row.stream):
                database.execute("INSERT OR IGNORE INTO stream (id, last) VALUES (?, 0)", (stream,))
                database.executemany(
                    "INSERT OR IGNORE INTO report SELECT number, ?, ?, ?, ? FROM stream WHERE id = ?",
                    ((row.seq, row.at, row.expendable, row.body, stream) for row in group),
                )
            return self._make_room(self._measure())

    def rows(self) -> list[Row]:
        """Everything, in order of streams and numbers."""
        return list(_rows(self._database))

    def probe(self) -> bool:
        """Write something, to find out whether that is possible."""
        with self._transaction() as database:
            database.execute("UPDATE stream SET last = last WHERE number = ?", (OWN,))
        return True

    def _prepare(self) -> None:
        database = self._database
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        # What staff wrote in a fault report shall not stay behind in free pages.
        database.execute("PRAGMA secure_delete = ON")
        if database.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            database.executescript(_SCHEMA)
        if database.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
        # That says nothing of a text's bytes, and an index may hold them whole where the table does not.
        names = database.execute("SELECT CAST(id AS BLOB) FROM stream NOT INDEXED").fetchall()
        if not all(_STREAM_ID.fullmatch(name) for (name,) in names):
            raise sqlite3.DatabaseError("damaged")
        database.execute("INSERT OR IGNORE INTO stream VALUES (?, ?, 0)", (OWN, secrets.token_hex(16)))

    def _empty_log(self) -> None:
        """The log keeps old pages, and what staff wrote in a fault report with them, until it is emptied."""
        with suppress(sqlite3.Error):
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _measure(self, where: str = "", values: tuple[int | str, ...] = ()) -> _Size:
        query = f"SELECT count(*), total(length(body)) FROM report {where}"  # noqa: S608 - no input in it
        count, size = self._database.execute(query, values).fetchone()
        return _Size(count, int(size))

    def _run(self, number: int, stream: str, beyond: int, limit: int) -> list[Row]:
        """The first reports of a stream whose numbers follow each other."""
        query = (
            "SELECT seq, at, expendable, body FROM report WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?"
        )
        found = self._database.execute(query, (number, beyond, limit)).fetchall()
        oldest = found[0][0] if found else 0
        return [
            Row(stream=stream, seq=seq, at=at, expendable=bool(expendable), body=body, oldest=oldest)
            for place, (seq, at, expendable, body) in enumerate(found)
            if seq == oldest + place
        ]

    def _make_room(self, size: _Size) -> int:
        """Give up reports until the rest is within the limits; ``size`` is what is there now."""
        given_up = 0
        query = "SELECT stream, seq, length(body) FROM report ORDER BY expendable DESC, stream, seq LIMIT 1"
        while size.reports > self._limits.reports or size.body_bytes > self._limits.body_bytes:
            stream, seq, length = self._database.execute(query).fetchone()
            self._database.execute("DELETE FROM report WHERE stream = ? AND seq = ?", (stream, seq))
            size = _Size(size.reports - 1, size.body_bytes - length)
            given_up += 1
        self._uncommitted = size
        return given_up

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._database.execute("BEGIN IMMEDIATE")
        self._uncommitted = self._size
        try:
            yield self._database
            self._database.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself after some errors (full, I/O).
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        self._size = self._uncommitted


def salvage(path: Path) -> list[Row]:
    """What can still be read of a damaged store; the file is removed."""
    rows: list[Row] = []
    unreadable = suppress(sqlite3.Error, UnicodeDecodeError)
    with unreadable, closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as database:
        for row in _rows(database):
            if isinstance(row.seq, int) and isinstance(row.at, int) and isinstance(row.body, bytes):
                rows.append(row)  # noqa: PERF401 - what was read before the damage must stay
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return rows


def _rows(database: sqlite3.Connection) -> Iterator[Row]:
    query = """
        SELECT id, seq, at, expendable, body FROM report JOIN stream ON number = report.stream
        ORDER BY number, seq
    """
    for stream, seq, at, expendable, body in database.execute(query):
        yield Row(stream=stream, seq=seq, at=at, expendable=bool(expendable), body=body)
