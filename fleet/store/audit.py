"""The audit log: who did what to which kit, case or municipality, and when."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from fleet.store.tables import AuditEntry


def record(session: Session, who: str, action: str, subject: str, now: int, **detail: Any) -> None:
    """Add an entry in the same transaction as the action. `detail` holds ids, codes and numbers only."""
    session.add(AuditEntry(at=now, who=who, action=action, subject=subject, detail=detail))
