"""Bookings: systems that may book, what a meeting needs for that; a municipality's phone and test room."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add columns and the table."""
    with op.batch_alter_table("municipality") as table:
        table.add_column(sa.Column("portals", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("phone", sa.String(length=24), nullable=True))
        table.add_column(sa.Column("test_room", sa.String(length=1024), nullable=True))
    _meeting()
    op.create_table(
        "booking_system",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("municipalities", sa.JSON(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _meeting() -> None:
    with op.batch_alter_table("meeting") as table:
        table.add_column(sa.Column("end", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("phone", sa.String(length=24), nullable=True))
        table.add_column(sa.Column("phone_id", sa.String(length=33), nullable=True))
        table.add_column(sa.Column("source", sa.String(length=24), nullable=False, server_default="api"))
        table.add_column(sa.Column("system", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("status", sa.String(length=24), nullable=False, server_default="booked"))
        table.add_column(sa.Column("revision", sa.BigInteger(), nullable=False, server_default="1"))
        table.add_column(sa.Column("changed_at", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("version", sa.BigInteger(), nullable=True))
    op.create_index("ix_meeting_system", "meeting", ["system"], unique=False)
