"""What has happened to one kit, and what was counted about it."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.ingest.marks import Mark, waiting
from fleet.store.tables import (
    AuditEntry,
    DesiredVersion,
    IngestStatus,
    MeetingRow,
    PresenceChange,
    RefusalCount,
    ReportEvent,
    ReportStream,
)

LIMIT = 20
ALIVE_MS = 15_000


class StreamView(Struct, frozen=True, kw_only=True):
    """What has been committed of one outbox.

    `missing` are numbers below the highest received that may still come.
    """

    kit: str
    stream: str
    contiguous: int
    committed: int
    duplicates: int
    missing: int
    lost: int
    dropped: int
    refused: int
    first_at: int
    last_at: int


class Listening(Struct, frozen=True):
    """Is the fleet itself listening? `since` when that began, None when ingest has never run."""

    ok: bool
    since: int | None


class History(Struct, frozen=True, kw_only=True):
    """The newest first, at most `LIMIT` of each."""

    presence: list[PresenceChange]
    commands: list[DesiredVersion]
    events: list[ReportEvent]
    refusals: list[RefusalCount]
    streams: list[StreamView]
    meetings: list[MeetingRow]
    audit: list[AuditEntry]


def history(session: Session, kit: str) -> History:
    """What one kit's page shows of the past."""
    presence = select(PresenceChange).where(PresenceChange.kit_id == kit).order_by(PresenceChange.id.desc())
    commands = (
        select(DesiredVersion).where(DesiredVersion.kit_id == kit).order_by(DesiredVersion.version.desc())
    )
    events = select(ReportEvent).where(ReportEvent.kit_id == kit).order_by(ReportEvent.at.desc())
    audit = select(AuditEntry).where(AuditEntry.subject == kit).order_by(AuditEntry.id.desc())
    return History(
        presence=list(session.scalars(presence.limit(LIMIT))),
        commands=list(session.scalars(commands.limit(LIMIT))),
        events=list(session.scalars(events.limit(LIMIT))),
        refusals=list(session.scalars(select(RefusalCount).where(RefusalCount.kit == kit))),
        streams=streams(session, kit),
        meetings=list(
            session.scalars(select(MeetingRow).where(MeetingRow.kit_id == kit).order_by(MeetingRow.start))
        ),
        audit=list(session.scalars(audit.limit(LIMIT))),
    )


def streams(session: Session, kit: str | None = None) -> list[StreamView]:
    """The report streams of one kit, or of all; the latest used first."""
    query = select(ReportStream).order_by(ReportStream.last_at.desc())
    if kit is not None:
        query = query.where(ReportStream.kit_id == kit)
    return [_stream(row) for row in session.scalars(query)]


def unknown_kits(session: Session) -> list[RefusalCount]:
    """Kits with a certificate that the register does not know: somebody forgot to register them."""
    return list(session.scalars(select(RefusalCount).where(RefusalCount.code == "unknown_kit")))


def listening(session: Session, now: int) -> Listening:
    """Whether ingest is connected to the broker and alive."""
    row = session.get(IngestStatus, 1)
    if row is None:
        return Listening(False, None)
    alive = now - row.beat_at < ALIVE_MS
    return Listening(row.connected and alive, row.since if alive else row.beat_at)


def _stream(row: ReportStream) -> StreamView:
    mark = Mark(row.contiguous, tuple((low, high) for low, high in row.above))
    return StreamView(
        kit=row.kit_id,
        stream=row.stream,
        contiguous=row.contiguous,
        committed=row.committed,
        duplicates=row.duplicates,
        missing=waiting(mark),
        lost=row.lost,
        dropped=row.dropped,
        refused=row.refused,
        first_at=row.first_at,
        last_at=row.last_at,
    )
