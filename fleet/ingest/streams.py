"""The report streams of one batch: read at once, counted in memory, written at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from fleet.ingest.marks import Mark
from fleet.store.tables import RefusedNumber, ReportStream

COUNTERS = ("committed", "duplicates", "lost", "dropped", "refused")


class Stream(Struct, kw_only=True):
    """One outbox of one kit; fields as in `ReportStream`."""

    id: int
    kit: str
    stream: str
    mark: Mark = Mark()
    committed: int = 0
    duplicates: int = 0
    lost: int = 0
    dropped: int = 0
    refused: int = 0


class Streams:
    """The streams that a batch touches. `refusals` are codes of refused numbers, by stream and number."""

    def __init__(self, session: Session, kits: Collection[str], now: int) -> None:
        self._session = session
        self._now = now
        self._known = {(stream.kit, stream.stream): stream for stream in _load(session, kits)}
        self._touched: dict[tuple[str, str], Stream] = {}

    def __iter__(self) -> Iterator[Stream]:
        return iter(self._touched.values())

    def get(self, kit: str, stream: str) -> Stream:
        """The stream, made when it is new."""
        found = self._known.get((kit, stream))
        if found is None:
            found = self._known[kit, stream] = self._new(kit, stream)
        self._touched[kit, stream] = found
        return found

    def refusal(self, stream: Stream, seq: int) -> str | None:
        """The code that a number was refused with, or None."""
        if not stream.refused:
            return None
        row = self._session.get(RefusedNumber, (stream.id, seq))
        return None if row is None else row.code

    def save(self) -> None:
        """Write what has changed."""
        if not self._touched:
            return
        table = ReportStream.__table__
        changed: dict[str, Any] = {
            name: bindparam(f"new_{name}") for name in ("contiguous", "above", "last_at", *COUNTERS)
        }
        statement = update(ReportStream).where(table.c.id == bindparam("row")).values(changed)
        self._session.connection().execute(statement, [self._row(stream) for stream in self])

    def _new(self, kit: str, stream: str) -> Stream:
        times = {"first_at": self._now, "last_at": self._now}
        zero = dict.fromkeys(("contiguous", *COUNTERS), 0)
        values = {"kit_id": kit, "stream": stream, "above": [], **zero, **times}
        made = self._session.execute(insert(ReportStream).returning(ReportStream.id), values)
        return Stream(id=made.scalar_one(), kit=kit, stream=stream)

    def _row(self, stream: Stream) -> dict[str, object]:
        counters = {f"new_{name}": getattr(stream, name) for name in COUNTERS}
        above = [list(pair) for pair in stream.mark.above]
        mark = {"new_contiguous": stream.mark.contiguous, "new_above": above, "new_last_at": self._now}
        return {"row": stream.id, **mark, **counters}


def _load(session: Session, kits: Collection[str]) -> Iterator[Stream]:
    columns = (
        getattr(ReportStream, name) for name in ("id", "kit_id", "stream", "contiguous", "above", *COUNTERS)
    )
    for row in session.execute(select(*columns).where(ReportStream.kit_id.in_(kits))):
        mark = Mark(row.contiguous, tuple((low, high) for low, high in row.above))
        counters = {name: getattr(row, name) for name in COUNTERS}
        yield Stream(id=row.id, kit=row.kit_id, stream=row.stream, mark=mark, **counters)
