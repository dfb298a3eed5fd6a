"""Tables: what the kits have reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them, those that others refer to first."""
    _ingest_status()
    _refusal_count()
    _health()
    _latest_health()
    _presence()
    _presence_change()
    _report_stream()
    _refused_number()
    _report_event()


def _ingest_status() -> None:
    op.create_table(
        "ingest_status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _refusal_count() -> None:
    op.create_table(
        "refusal_count",
        sa.Column("kit", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("where", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("kit", "code"),
    )


def _health() -> None:
    op.create_table(
        "health",
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("stream_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("battery", sa.Float(), nullable=True),
        sa.Column("temperature_c", sa.Float(), nullable=True),
        sa.Column("load", sa.Float(), nullable=True),
        sa.Column("memory_available_mb", sa.Float(), nullable=True),
        sa.Column("storage_free_mb", sa.Float(), nullable=True),
        sa.Column("outbox_depth", sa.Float(), nullable=True),
        sa.Column("fps_sent", sa.Float(), nullable=True),
        sa.Column("fps_received", sa.Float(), nullable=True),
        sa.Column("freezes", sa.Float(), nullable=True),
        sa.Column("concealed_share", sa.Float(), nullable=True),
        sa.Column("round_trip_ms", sa.Float(), nullable=True),
        sa.Column("jitter_buffer_ms", sa.Float(), nullable=True),
        sa.Column("sent_kbps", sa.Float(), nullable=True),
        sa.Column("received_kbps", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("kit_id", "at", "stream_id", "seq"),
        sqlite_with_rowid=False,
    )


def _latest_health() -> None:
    op.create_table(
        "latest_health",
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("kit_id"),
    )


def _presence() -> None:
    op.create_table(
        "presence",
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("word", sa.String(length=24), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("session", sa.String(length=32), nullable=True),
        sa.Column("past", sa.JSON(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("kit_id"),
    )
    op.create_index("ix_presence_due_at", "presence", ["due_at"], unique=False)


def _presence_change() -> None:
    op.create_table(
        "presence_change",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(length=24), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("presence_change_time", "presence_change", ["kit_id", "at"], unique=False)


def _report_stream() -> None:
    op.create_table(
        "report_stream",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("stream", sa.String(length=32), nullable=False),
        sa.Column("contiguous", sa.BigInteger(), nullable=False),
        sa.Column("above", sa.JSON(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("report_stream_identity", "report_stream", ["kit_id", "stream"], unique=True)


def _refused_number() -> None:
    op.create_table(
        "refused_number",
        sa.Column("stream_id", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["stream_id"],
            ["report_stream.id"],
        ),
        sa.PrimaryKeyConstraint("stream_id", "seq"),
    )


def _report_event() -> None:
    op.create_table(
        "report_event",
        sa.Column("stream_id", KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stream_id"],
            ["report_stream.id"],
        ),
        sa.PrimaryKeyConstraint("stream_id", "seq"),
    )
    op.create_index("report_event_time", "report_event", ["kit_id", "at"], unique=False)
