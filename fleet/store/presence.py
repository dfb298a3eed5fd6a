"""Presence in the database: events in, waiting applied, each change of word kept as history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import msgspec
from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from fleet.presence import Event, Policy, State, Why, Word, advance, due_at, observe
from fleet.store import swaps
from fleet.store.bulk import upsert
from fleet.store.tables import PresenceChange, PresenceRow

_COLUMNS = select(*PresenceRow.__table__.columns)


class PresenceBook:
    """The presence of some kits within one transaction: load, observe, save."""

    def __init__(self, session: Session, listening_since: int, policy: Policy) -> None:
        self._session = session
        self._listening_since = listening_since
        self._policy = policy
        self._states: dict[str, State] = {}
        self._touched: set[str] = set()
        self._changes: list[dict[str, Any]] = []

    def load(self, kits: Iterable[str]) -> None:
        """Read what is known of these kits, all at once."""
        rows = self._session.execute(_COLUMNS.where(PresenceRow.kit_id.in_(kits)))
        self._states.update({row.kit_id: from_row(row) for row in rows})

    def observe(self, kit: str, event: Event, now: int) -> None:
        """Something was heard of a kit that has been loaded."""
        self._keep(kit, observe(self._states.get(kit, State()), event, now))

    def anything_due(self, now: int) -> bool:
        """Whether `sweep` would find anything."""
        return (
            self._session.scalar(select(PresenceRow.kit_id).where(PresenceRow.due_at <= now).limit(1))
            is not None
        )

    def sweep(self, now: int) -> None:
        """Apply mere waiting to the kits whose time is up."""
        rows = self._session.execute(_COLUMNS.where(PresenceRow.due_at <= now)).all()
        self._states.update({row.kit_id: from_row(row) for row in rows})
        for row in rows:
            state = advance(self._states[row.kit_id], now, self._listening_since, self._policy)
            self._keep(row.kit_id, state)

    def save(self, now: int) -> None:
        """Write what has changed, and let swaps know which kits have fallen silent."""
        upsert(self._session, PresenceRow, ["kit_id"], [self._row(kit) for kit in sorted(self._touched)])
        if self._changes:
            self._session.execute(insert(PresenceChange), self._changes)
        for change in self._changes:
            if change["word"] == "silent":
                swaps.old_kit_silent(self._session, change["kit_id"], now)

    def _keep(self, kit: str, after: State) -> None:
        before = self._states.get(kit, State())
        self._states[kit] = after
        self._touched.add(kit)
        if after.word != before.word:
            self._changes.append({"kit_id": kit, "at": after.since, "word": after.word, "why": after.why})

    def _row(self, kit: str) -> dict[str, Any]:
        state = self._states[kit]
        due = due_at(state, self._listening_since, self._policy)
        return {"kit_id": kit, "due_at": due, **msgspec.structs.asdict(state), "past": list(state.past)}


def state_of(session: Session, kit: str) -> State:
    """What is known of the kit's presence."""
    row = session.get(PresenceRow, kit)
    return State() if row is None else from_row(row)


def from_row(row: PresenceRow | Row[Any]) -> State:
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
