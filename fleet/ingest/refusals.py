"""Refused messages, counted by kit and code in the store, so that they are seen."""

from __future__ import annotations

from sqlalchemy.orm import Session

from fleet.store.tables import RefusalCount


class Refusals:
    """The refusals of one batch."""

    def __init__(self, session: Session, now: int) -> None:
        self._session = session
        self._now = now
        self._found: dict[tuple[str, str], tuple[int, str]] = {}

    def add(self, kit: str, code: str, where: str = "") -> None:
        """One more. `where` is the path of a field, never content."""
        count, _ = self._found.get((kit, code), (0, ""))
        self._found[kit, code] = (count + 1, where)

    def save(self) -> None:
        """Add the batch's refusals to the counts."""
        for (kit, code), (count, where) in self._found.items():
            row = self._session.get(RefusalCount, (kit, code))
            if row is None:
                row = RefusalCount(kit=kit, code=code, count=0, first_at=self._now)
                self._session.add(row)
            row.count += count
            row.last_at, row.where = self._now, where[:120]
