"""Has any process committed anything? A cheap question, asked several times a second.

SQLite's `PRAGMA data_version` changes on a connection when another connection has committed. It costs
microseconds and needs no message between the processes. On another database the answer is always yes, and the
asker does its work.
"""

from __future__ import annotations

import sqlite3

from fleet.store.engine import sqlite_path


class Watch:
    """One observer of one database, used by one thread at a time."""

    def __init__(self, url: str) -> None:
        path = sqlite_path(url)
        self._connection = None if path is None else sqlite3.connect(path, check_same_thread=False)
        self._seen: int | None = None

    def changed(self) -> bool:
        """True the first time, and whenever something was committed since the last call."""
        if self._connection is None:
            return True
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        changed = version != self._seen
        self._seen = version
        return changed

    def close(self) -> None:
        """Close the observer's connection."""
        if self._connection is not None:
            self._connection.close()
