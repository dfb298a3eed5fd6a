"""Meetings as the dashboard shows them: when, where, and whether the kit has them. Never link or PIN."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet.store.tables import DesiredVersion, Kit, MeetingRow, Municipality, PresenceRow

LIMIT = 200

Delivery = Literal["cancelled", "later", "received", "waiting", "silent"]


class MeetingView(Struct, frozen=True, kw_only=True):
    """One meeting; `removable` where it was not booked by another system."""

    kit: str
    id: str
    unit_name: str
    municipality: str
    title: str
    start: int
    source: str
    delivery: Delivery
    removable: bool


def meeting_views(session: Session, municipality: str | None = None) -> list[MeetingView]:
    """The next meetings of all kits, the first first."""
    applied = (
        select(DesiredVersion.kit_id, func.max(DesiredVersion.version).label("version"))
        .where(DesiredVersion.applied_at.is_not(None), DesiredVersion.problem.is_(None))
        .group_by(DesiredVersion.kit_id)
        .subquery()
    )
    query = (
        select(MeetingRow, Kit.unit_name, Municipality.name, applied.c.version, PresenceRow.word)
        .join(Kit, Kit.id == MeetingRow.kit_id)
        .join(Municipality, Municipality.id == Kit.municipality_id)
        .join(applied, applied.c.kit_id == Kit.id, isouter=True)
        .join(PresenceRow, PresenceRow.kit_id == Kit.id, isouter=True)
    )
    if municipality:
        query = query.where(Kit.municipality_id == municipality)
    rows = session.execute(query.order_by(MeetingRow.start, MeetingRow.kit_id).limit(LIMIT))
    return [_view(row, unit, town, version, word) for row, unit, town, version, word in rows]


def _view(row: MeetingRow, unit: str, town: str, applied: int | None, word: str | None) -> MeetingView:
    return MeetingView(
        kit=row.kit_id,
        id=row.id,
        unit_name=unit,
        municipality=town,
        title=row.title,
        start=row.start,
        source=row.source,
        delivery=_delivery(row, applied, word),
        removable=row.source != "booking",
    )


def _delivery(row: MeetingRow, applied: int | None, word: str | None) -> Delivery:
    if row.status == "cancelled":
        return "cancelled"
    if row.version is None:
        return "later"
    if applied is not None and applied >= row.version:
        return "received"
    return "waiting" if word in ("online", "late") else "silent"
