"""What a report changes besides being stored: the latest state, cases, and what a kit has applied."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fleet.contract import (
    CallQuality,
    DesiredApplied,
    Fault,
    Health,
    PatientWifiRemoved,
    VisitSummary,
    encode,
)
from fleet.store import cases, swaps
from fleet.store.bulk import upsert
from fleet.store.tables import DesiredVersion, Kit, LatestHealth, ReportEvent

NO_CALL = CallQuality()


def health_values(health: Health) -> dict[str, float | None]:
    """The columns of `HealthRow` that a sample fills."""
    call = health.call or NO_CALL
    return {
        "battery": health.battery.percent if health.battery else None,
        "temperature_c": health.temperature_c,
        "load": health.load,
        "memory_available_mb": health.memory.available_mb if health.memory else None,
        "storage_free_mb": health.storage.free_mb if health.storage else None,
        "outbox_depth": health.outbox_depth,
        "fps_sent": call.fps_sent,
        "fps_received": call.fps_received,
        "freezes": call.freezes,
        "concealed_share": call.concealed_share,
        "round_trip_ms": call.round_trip_ms,
        "jitter_buffer_ms": call.jitter_buffer_ms,
        "sent_kbps": call.sent_kbps,
        "received_kbps": call.received_kbps,
        "available_kbps": call.available_kbps,
    }


def keep_latest(session: Session, samples: dict[str, tuple[int, Health]], now: int) -> None:
    """Keep the samples (time and health by kit) as the kits' latest, where no newer one is there."""
    query = select(LatestHealth.kit_id, LatestHealth.at).where(LatestHealth.kit_id.in_(samples))
    known = {row.kit_id: row.at for row in session.execute(query)}
    rows = [
        {"kit_id": kit, "at": at, "received_at": now, "body": encode(health).decode()}
        for kit, (at, health) in samples.items()
        if at >= known.get(kit, 0)
    ]
    upsert(session, LatestHealth, ["kit_id"], rows)


def project(
    session: Session,
    kit: str,
    stream_id: int,
    seq: int,
    body: Fault | VisitSummary | DesiredApplied | PatientWifiRemoved,
    at: int,
    now: int,
) -> None:
    """Store a report that is not a health sample, and do what follows from it."""
    content: dict[str, Any] = msgspec.to_builtins(body)
    session.add(
        ReportEvent(
            stream_id=stream_id,
            seq=seq,
            kit_id=kit,
            at=at,
            received_at=now,
            kind=content.pop("type"),
            body=content,
        )
    )
    if isinstance(body, Fault):
        row = session.get_one(Kit, kit)
        cases.open_case(session, row, body, source="kiosk", who=kit, opened_at=at, now=now)
    elif isinstance(body, DesiredApplied):
        _applied(session, kit, body, now)


def _applied(session: Session, kit: str, body: DesiredApplied, now: int) -> None:
    session.execute(
        update(DesiredVersion)
        .where(DesiredVersion.kit_id == kit, DesiredVersion.version == body.version)
        .values(applied_at=None if body.problem else now, problem=body.problem)
    )
    if body.problem is None:
        swaps.applied(session, kit, body.version, now)
