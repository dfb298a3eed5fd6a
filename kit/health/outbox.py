"""Every report that the fleet has not acknowledged: on disk, or in memory while the disk refuses.

When the disk is full, read-only, gone or damaged, reports go to a bounded store in memory with a stream of
its own. :meth:`Outbox.mend`, called now and then, moves them to the disk as soon as it takes them; what was
sent meanwhile is not doubled, because each report keeps its stream and number. Only what is in memory when
the process dies is lost. Nothing here raises for a disk, and everything may take as long as a disk does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog

from kit.health.store import Limits, Row, Store, salvage

ON_DISK: Final = Limits(reports=20_000, body_bytes=16 << 20)
IN_MEMORY: Final = Limits(reports=1_000, body_bytes=1 << 20)
MOST_STREAMS: Final = 100
"""That a disk which refuses has yet to forget. One more is only sent again."""

Answer = TypeVar("Answer")

log = structlog.get_logger()


class Outbox:
    """One kit's unsent reports. Used from one thread at a time."""

    def __init__(
        self,
        path: Path,
        *,
        on_disk: Limits = ON_DISK,
        in_memory: Limits = IN_MEMORY,
        count: Callable[[str, int], None] = lambda _code, _times: None,
    ) -> None:
        """``count`` is told how often, by code: outbox_disk_refused, outbox_damaged, outbox_given_up."""
        self._path = path
        self._on_disk = on_disk
        self._in_memory = in_memory
        self._count = count
        self._memory = Store(None, in_memory)
        self._disk: Store | None = None
        self._acknowledged: dict[str, int] = {}
        """What a disk that refuses has yet to forget."""
        self.refused = False
        """The disk does not take what it is given."""
        self._lacks_room = False
        self.full = False
        """Reports were given up since the fleet last acknowledged some."""
        self.mend()

    @property
    def depth(self) -> int:
        """How many reports are kept, apart from those on a disk that cannot be read."""
        return self._memory.count + (self._disk.count if self._disk else 0)

    def append(self, at: int, body: bytes, *, expendable: bool) -> None:
        """Keep a report (``at`` in unix milliseconds); it is safe when this returns unless ``refused``."""
        self.mend()
        given_up: int | None = None
        if not self.refused:
            given_up = self._ask(lambda disk: disk.append(at, body, expendable=expendable))
        if given_up is None:
            given_up = self._memory.append(at, body, expendable=expendable)
        self._gave_up(given_up)

    def pending(self, limit: int) -> list[Row]:
        """Up to ``limit`` reports to send, in order within each stream."""
        rows = self._ask(lambda disk: disk.pending(limit, self._acknowledged)) or []
        return rows + self._memory.pending(limit - len(rows))

    def acknowledge(self, stream: str, seq: int) -> None:
        """The fleet has that stream up to and including ``seq``."""
        gone = self._memory.acknowledge(stream, seq)
        if stream in self._acknowledged or len(self._acknowledged) < MOST_STREAMS:
            self._acknowledged[stream] = max(seq, self._acknowledged.get(stream, 0))
        if not self.refused:
            gone += self._forget()
        self.full = self.full and not gone

    def replace(self, stream: str, seq: int, body: bytes) -> None:
        """Put another body in the place of one that cannot be sent."""
        self._memory.replace(stream, seq, body)
        self._ask(lambda disk: disk.replace(stream, seq, body))

    def mend(self) -> None:
        """If the disk refuses: see whether it takes again what it should, and give it that."""
        if self._disk is not None and not self.refused:
            return
        if self._ask(lambda disk: disk.probe()) is None:
            if self._disk is not None and self._lacks_room:
                return
            self._close()
            self._open()
        given_up = self._ask(lambda disk: disk.adopt(self._memory.rows()))
        if given_up is None:
            return
        self._gave_up(given_up)
        # A stream is in one place only: what is still on disk of it would be counted as lost by the fleet
        # when a later number of it came from memory first.
        self._memory.close()
        self._memory = Store(None, self._in_memory)
        if self.refused:
            log.info("outbox_disk_accepts")
        self.refused = False
        self._forget()

    def close(self) -> None:
        """Close; what is on disk stays."""
        self._close()
        self._memory.close()

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._disk = self._open_or_salvage()
        except (OSError, sqlite3.Error) as error:
            self._refuse(error)

    def _open_or_salvage(self) -> Store:
        try:
            return Store(self._path, self._on_disk)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            saved = salvage(self._path)
            self._count("outbox_damaged", 1)
            log.warning("outbox_damaged", saved=len(saved))
        try:
            disk = Store(self._path, self._on_disk)
            self._gave_up(disk.adopt(saved))
        except sqlite3.Error:
            self._gave_up(self._memory.adopt(saved))
            raise
        return disk

    def _ask(self, question: Callable[[Store], Answer]) -> Answer | None:
        """The disk's answer, or None when there is none."""
        if self._disk is None:
            return None
        try:
            return question(self._disk)
        except sqlite3.Error as error:
            self._refuse(error)
            return None

    def _forget(self) -> int:
        gone = 0
        for stream, seq in list(self._acknowledged.items()):
            answer = self._ask(partial(_acknowledge, stream, seq))
            if answer is None:
                break
            gone += answer
            del self._acknowledged[stream]
        return gone

    def _refuse(self, error: Exception) -> None:
        if not self.refused:
            self._count("outbox_disk_refused", 1)
            log.warning("outbox_disk_refuses", error=getattr(error, "sqlite_errorname", type(error).__name__))
        self.refused = True
        # A full disk can still be read; whether a store could be opened anew on it is not certain.
        self._lacks_room = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        if not isinstance(error, sqlite3.OperationalError):
            # Damaged: it is looked through when it is opened anew.
            self._close()

    def _close(self) -> None:
        if self._disk is not None:
            with suppress(sqlite3.Error):
                self._disk.close()
        self._disk = None

    def _gave_up(self, reports: int) -> None:
        if reports:
            self.full = True
            self._count("outbox_given_up", reports)


def _acknowledge(stream: str, seq: int, disk: Store) -> int:
    return disk.acknowledge(stream, seq)
