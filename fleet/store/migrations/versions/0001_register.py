"""Tables: the asset register, agreements and the outbox towards the kits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them, those that others refer to first."""
    _audit()
    _municipality()
    _support()
    _agreement_period()
    _cost_numbers()
    _kit()
    _desired_version()
    _meeting()
    _outgoing()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)


def _municipality() -> None:
    op.create_table(
        "municipality",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("agreement", sa.String(length=24), nullable=False),
        sa.Column("allowed_hosts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _support() -> None:
    op.create_table(
        "support",
        sa.Column("body", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=False),
        sa.Column("hours", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("body"),
    )


def _agreement_period() -> None:
    op.create_table(
        "agreement_period",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("municipality_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("start", sa.String(length=10), nullable=False),
        sa.Column("end", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_agreement_period_municipality_id", "agreement_period", ["municipality_id"], unique=False
    )


def _cost_numbers() -> None:
    op.create_table(
        "cost_numbers",
        sa.Column("municipality_id", sa.String(length=40), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
        ),
        sa.PrimaryKeyConstraint("municipality_id"),
    )


def _kit() -> None:
    op.create_table(
        "kit",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=24), nullable=False),
        sa.Column("municipality_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("serial", sa.String(length=60), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("unit_name", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("lock_reason", sa.String(length=24), nullable=True),
        sa.Column("locked_since", sa.BigInteger(), nullable=True),
        sa.Column("replaced_by", sa.String(length=10), nullable=True),
        sa.Column("takes_over_from", sa.String(length=10), nullable=True),
        sa.Column("takes_over_since", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_kit_municipality_id", "kit", ["municipality_id"], unique=False)


def _desired_version() -> None:
    op.create_table(
        "desired_version",
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("applied_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("kit_id", "version"),
    )


def _meeting() -> None:
    op.create_table(
        "meeting",
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.String(length=1024), nullable=False),
        sa.Column("pin", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("kit_id", "id"),
    )


def _outgoing() -> None:
    op.create_table(
        "outgoing",
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("sent_revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("kit_id", "channel"),
    )
    op.create_index("outgoing_unsent", "outgoing", ["sent_revision", "revision"], unique=False)
