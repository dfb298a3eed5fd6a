"""A kit's health over time, thinned out to what a chart can show."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fleet.store.tables import HealthRow

COLUMNS: Final = (
    "battery",
    "temperature_c",
    "load",
    "memory_available_mb",
    "storage_free_mb",
    "outbox_depth",
    "fps_sent",
    "fps_received",
    "freezes",
    "concealed_share",
    "round_trip_ms",
    "jitter_buffer_ms",
    "sent_kbps",
    "received_kbps",
    "available_kbps",
)

_WORST: Final = {
    "concealed_share",
    "round_trip_ms",
    "jitter_buffer_ms",
    "freezes",
    "outbox_depth",
    "temperature_c",
}
_LEAST: Final = {"available_kbps"}
"""Thinning out must not hide the trouble: of these the worst in each interval is kept, the most or the least,
of the others the mean.
"""


def series(session: Session, kit: str, start: int, end: int, points: int) -> dict[str, list[float | None]]:
    """Columns of equal length from `start` to `end`, at most about `points` long; `at` is UTC ms."""
    step = max(1, (end - start) // max(1, points))
    bucket = HealthRow.at - HealthRow.at % step
    values = [_thinned(name) for name in COLUMNS]
    query = (
        select(func.max(HealthRow.at), *values)
        .where(HealthRow.kit_id == kit, HealthRow.at >= start, HealthRow.at <= end)
        .group_by(bucket)
        .order_by(bucket)
    )
    rows = session.execute(query).all()
    names = ("at", *COLUMNS)
    return {name: [row[index] for row in rows] for index, name in enumerate(names)}


def _thinned(name: str) -> object:
    column = getattr(HealthRow, name)
    if name in _LEAST:
        return func.min(column)
    return func.max(column) if name in _WORST else func.avg(column)
