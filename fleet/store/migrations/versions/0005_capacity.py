"""Health: what the path of a call is believed to carry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    op.add_column("health", sa.Column("available_kbps", sa.Float(), nullable=True))
