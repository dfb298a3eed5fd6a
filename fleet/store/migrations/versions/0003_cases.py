"""Tables: fault cases and swaps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them, those that others refer to first."""
    _fault_case()
    _fault_case_event()
    _swap()
    _swap_step()


def _fault_case() -> None:
    op.create_table(
        "fault_case",
        sa.Column("number", KEY, autoincrement=True, nullable=False),
        sa.Column("kit_id", sa.String(length=10), nullable=False),
        sa.Column("unit_name", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("local_id", sa.String(length=32), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("responsible", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("state_since", sa.BigInteger(), nullable=False),
        sa.Column("replacement", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_fault_case_kit_id", "fault_case", ["kit_id"], unique=False)


def _fault_case_event() -> None:
    op.create_table(
        "fault_case_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["fault_case.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("fault_case_event_number", "fault_case_event", ["number"], unique=False)


def _swap() -> None:
    op.create_table(
        "swap",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("old_kit", sa.String(length=10), nullable=False),
        sa.Column("new_kit", sa.String(length=10), nullable=False),
        sa.Column("old_version", sa.BigInteger(), nullable=False),
        sa.Column("new_version", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_number"],
            ["fault_case.number"],
        ),
        sa.ForeignKeyConstraint(
            ["new_kit"],
            ["kit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["old_kit"],
            ["kit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_swap_case_number", "swap", ["case_number"], unique=False)
    op.create_index("ix_swap_state", "swap", ["state"], unique=False)


def _swap_step() -> None:
    op.create_table(
        "swap_step",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("swap_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["swap_id"],
            ["swap.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("swap_step_swap", "swap_step", ["swap_id"], unique=False)
