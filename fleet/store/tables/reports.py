"""What the kits have reported, and what was refused."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from fleet.store.tables.base import AutoKey, Base, BigKey, Code, KitKey, KitRef, Ms, Word


class ReportStream(Base):
    """One outbox of one kit: what has been committed of it.

    `contiguous` and `above` are `fleet.ingest.marks.Mark`. `lost` counts numbers that the kit no longer holds
    and never delivered, `dropped` those it said it had given up, `refused` those the contract did not allow.
    """

    __tablename__ = "report_stream"
    __table_args__ = (Index("report_stream_identity", "kit_id", "stream", unique=True),)

    id: Mapped[AutoKey]
    kit_id: Mapped[KitRef]
    stream: Mapped[str] = mapped_column(String(32))
    contiguous: Mapped[int] = mapped_column(BigInteger, default=0)
    above: Mapped[list[list[int]]] = mapped_column(JSON, default=list)
    committed: Mapped[int] = mapped_column(BigInteger, default=0)
    duplicates: Mapped[int] = mapped_column(BigInteger, default=0)
    lost: Mapped[int] = mapped_column(BigInteger, default=0)
    dropped: Mapped[int] = mapped_column(BigInteger, default=0)
    refused: Mapped[int] = mapped_column(BigInteger, default=0)
    first_at: Mapped[Ms]
    last_at: Mapped[Ms]


class RefusedNumber(Base):
    """A number that was received but refused: acknowledged as refused, again if it is repeated."""

    __tablename__ = "refused_number"

    stream_id: Mapped[int] = mapped_column(BigKey, ForeignKey("report_stream.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    code: Mapped[Code]


class RefusalCount(Base):
    """Refused messages by kit (also a kit that is not in the register) and static code; `where` is a field's
    path.
    """

    __tablename__ = "refusal_count"

    kit: Mapped[str] = mapped_column(String(10), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[Ms]
    last_at: Mapped[Ms]
    where: Mapped[str] = mapped_column(String(120))


class HealthRow(Base):
    """One health sample, the values that are charted. Units as in `fleet.contract.health`.

    Kit first in the key: 50,000 kits write a little slower so, and one kit's range is read a thousand times
    faster.
    """

    __tablename__ = "health"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own declaration

    kit_id: Mapped[KitKey]
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    stream_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    battery: Mapped[float | None] = mapped_column(Float)
    temperature_c: Mapped[float | None] = mapped_column(Float)
    load: Mapped[float | None] = mapped_column(Float)
    memory_available_mb: Mapped[float | None] = mapped_column(Float)
    storage_free_mb: Mapped[float | None] = mapped_column(Float)
    outbox_depth: Mapped[float | None] = mapped_column(Float)
    fps_sent: Mapped[float | None] = mapped_column(Float)
    fps_received: Mapped[float | None] = mapped_column(Float)
    freezes: Mapped[float | None] = mapped_column(Float)
    concealed_share: Mapped[float | None] = mapped_column(Float)
    round_trip_ms: Mapped[float | None] = mapped_column(Float)
    jitter_buffer_ms: Mapped[float | None] = mapped_column(Float)
    sent_kbps: Mapped[float | None] = mapped_column(Float)
    received_kbps: Mapped[float | None] = mapped_column(Float)
    available_kbps: Mapped[float | None] = mapped_column(Float)


class LatestHealth(Base):
    """The newest sample of each kit, whole; `body` is a `Health` as the contract writes it."""

    __tablename__ = "latest_health"

    kit_id: Mapped[KitKey]
    at: Mapped[Ms]
    received_at: Mapped[Ms]
    body: Mapped[str] = mapped_column(Text)


class ReportEvent(Base):
    """Every report that is not a health sample, whole, as the contract writes it."""

    __tablename__ = "report_event"
    __table_args__ = (Index("report_event_time", "kit_id", "at"),)

    stream_id: Mapped[int] = mapped_column(BigKey, ForeignKey("report_stream.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kit_id: Mapped[KitRef]
    at: Mapped[Ms]
    received_at: Mapped[Ms]
    kind: Mapped[Code]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class PresenceRow(Base):
    """`fleet.presence.State` of each kit; `due_at` is when waiting alone will change it."""

    __tablename__ = "presence"

    kit_id: Mapped[KitKey]
    word: Mapped[Word]
    why: Mapped[Code]
    since: Mapped[Ms]
    connected: Mapped[bool]
    session: Mapped[str | None] = mapped_column(String(32))
    past: Mapped[list[str]] = mapped_column(JSON)
    heard_at: Mapped[Ms | None]
    due_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class PresenceChange(Base):
    """History: the word changed at `at`."""

    __tablename__ = "presence_change"
    __table_args__ = (Index("presence_change_time", "kit_id", "at"),)

    id: Mapped[AutoKey]
    kit_id: Mapped[KitRef]
    at: Mapped[Ms]
    word: Mapped[Word]
    why: Mapped[Code]


class IngestStatus(Base):
    """One row: is the fleet itself listening? `beat_at` is written every few seconds while ingest runs."""

    __tablename__ = "ingest_status"

    id: Mapped[int] = mapped_column(primary_key=True)
    connected: Mapped[bool]
    since: Mapped[Ms]
    beat_at: Mapped[Ms]
