"""Every certificate that was ever issued: whose, until when, and whether it is revoked. SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from provisioning.names import Role

_SCHEMA = """
CREATE TABLE IF NOT EXISTS certificate (
    serial TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    expires INTEGER NOT NULL,
    revoked INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS certificate_name ON certificate (name);
CREATE TABLE IF NOT EXISTS revocation_list (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    made INTEGER NOT NULL
) STRICT;
"""


class Entry(Struct, frozen=True, kw_only=True):
    """One certificate."""

    serial: int
    name: str
    role: Role
    expires: datetime
    revoked: datetime | None = None


class Registry:
    """The register in one file. Each call is one transaction, committed when it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as database:
            database.executescript(_SCHEMA)

    def add(self, entry: Entry) -> None:
        """Record before the certificate is handed out, so that none exists that cannot be revoked."""
        row = (_text(entry.serial), entry.name, entry.role.value, int(entry.expires.timestamp()))
        with self._open() as database:
            database.execute("INSERT INTO certificate (serial, name, role, expires) VALUES (?, ?, ?, ?)", row)

    def revoke(self, name: str, at: datetime) -> int:
        """Revoke all of that name; how many were not yet."""
        with self._open() as database:
            return database.execute(
                "UPDATE certificate SET revoked = ? WHERE name = ? AND revoked IS NULL",
                (int(at.timestamp()), name),
            ).rowcount

    def revoked(self) -> list[tuple[int, datetime]]:
        """All revoked serial numbers with when."""
        return [(entry.serial, entry.revoked) for entry in self._all() if entry.revoked is not None]

    def entries(self) -> list[Entry]:
        """Everything, by name and expiry."""
        return self._all()

    def locked_out(self, now: datetime) -> list[str]:
        """Names of clients that had a certificate revoked and hold no valid one now."""
        entries = [entry for entry in self._all() if entry.role is not Role.SERVER]
        valid = {entry.name for entry in entries if entry.revoked is None and entry.expires > now}
        return sorted({entry.name for entry in entries if entry.revoked is not None} - valid)

    def next_list_number(self, now: datetime) -> int:
        """The number of a new revocation list; each is higher than the last (RFC 5280, 5.2.3)."""
        made = (int(now.timestamp()),)
        with self._open() as database:
            return database.execute("INSERT INTO revocation_list (made) VALUES (?)", made).lastrowid or 0

    def _all(self) -> list[Entry]:
        query = "SELECT serial, name, role, expires, revoked FROM certificate ORDER BY name, expires"
        with self._open() as database:
            return [_entry(row) for row in database.execute(query)]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute("PRAGMA synchronous=FULL")
            yield database


def _entry(row: tuple[str, str, str, int, int | None]) -> Entry:
    serial, name, role, expires, revoked = row
    return Entry(
        serial=int(serial, 16),
        name=name,
        role=Role(role),
        expires=datetime.fromtimestamp(expires, UTC),
        revoked=None if revoked is None else datetime.fromtimestamp(revoked, UTC),
    )


def _text(serial: int) -> str:
    """Serial numbers have up to 159 bits: more than SQLite's integers."""
    return f"{serial:040x}"
