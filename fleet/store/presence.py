"""Presence in the database: events in, waiting applied, each change of word kept as history."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from fleet.presence import Event, Policy, State, Why, Word, advance, due_at, observe
from fleet.store import swaps
from fleet.store.tables import PresenceChange, PresenceRow


class PresenceBook:
    """The presence of all kits, within one transaction."""

    def __init__(self, session: Session, listening_since: int, policy: Policy) -> None:
        self._session = session
        self._listening_since = listening_since
        self._policy = policy

    def observe(self, kit: str, event: Event, now: int) -> None:
        """Something was heard of a kit of the register."""
        before = state_of(self._session, kit)
        self._save(kit, before, observe(before, event, now), now)

    def anything_due(self, now: int) -> bool:
        """Whether `sweep` would find anything."""
        return self._session.scalars(_due(now).limit(1)).first() is not None

    def sweep(self, now: int) -> int:
        """Apply mere waiting to the kits whose time is up; returns how many changed."""
        rows = self._session.scalars(_due(now)).all()
        for kit in rows:
            before = state_of(self._session, kit)
            self._save(kit, before, advance(before, now, self._listening_since, self._policy), now)
        return len(rows)

    def _save(self, kit: str, before: State, after: State, now: int) -> None:
        row = self._session.get(PresenceRow, kit) or PresenceRow(kit_id=kit)
        row.word, row.why, row.since = after.word, after.why, after.since
        row.connected, row.session, row.heard_at = after.connected, after.session, after.heard_at
        row.past = list(after.past)
        row.due_at = due_at(after, self._listening_since, self._policy)
        self._session.add(row)
        if after.word != before.word:
            self._session.add(PresenceChange(kit_id=kit, at=after.since, word=after.word, why=after.why))
            if after.word == "silent":
                swaps.old_kit_silent(self._session, kit, now)


def state_of(session: Session, kit: str) -> State:
    """What is known of the kit's presence."""
    row = session.get(PresenceRow, kit)
    return State() if row is None else from_row(row)


def from_row(row: PresenceRow) -> State:
    """The state that a row holds."""
    return State(
        word=cast("Word", row.word),
        why=cast("Why", row.why),
        since=row.since,
        connected=row.connected,
        session=row.session,
        past=tuple(row.past),
        heard_at=row.heard_at,
    )


def _due(now: int) -> Select[str]:
    return select(PresenceRow.kit_id).where(PresenceRow.due_at <= now)
