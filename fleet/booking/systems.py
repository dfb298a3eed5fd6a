"""Booking systems and their tokens: `<system>.<256 random bits>`, of which only a digest is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.store import audit
from fleet.store.tables import BookingSystem, Municipality

SYSTEM: Final = re.compile(r"[a-z][a-z0-9]{1,15}")
_TOKEN = re.compile(r"([a-z][a-z0-9]{1,15})\.([A-Za-z0-9_-]{43})")


class UnknownTownError(ValueError):
    """A municipality that is not in the register."""


def add(session: Session, system: str, name: str, municipalities: Sequence[str], now: int) -> str:
    """Let a system book, or give it another token; returns the token, which cannot be read again."""
    known = set(session.scalars(select(Municipality.id)))
    if not known.issuperset(municipalities):
        raise UnknownTownError
    token = f"{system}.{secrets.token_urlsafe(32)}"
    session.merge(
        BookingSystem(
            id=system,
            name=name,
            digest=_digest(token),
            municipalities=sorted(municipalities),
            since=now,
            revoked_at=None,
        )
    )
    audit.record(session, "booking-cli", "booking_system_added", system, now)
    return token


def revoke(session: Session, system: str, now: int) -> bool:
    """Take the token back; what was booked stays. False when there is no such system."""
    row = session.get(BookingSystem, system)
    if row is None:
        return False
    row.revoked_at = now
    audit.record(session, "booking-cli", "booking_system_revoked", system, now)
    return True


def of_token(session: Session, token: str) -> BookingSystem | None:
    """The system whose valid token this is."""
    match = _TOKEN.fullmatch(token)
    row = session.get(BookingSystem, match[1]) if match else None
    right = row is not None and hmac.compare_digest(row.digest, _digest(token))
    return row if row is not None and right and row.revoked_at is None else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
