"""Agreement periods in the database, and the support contact that follows from them."""

from __future__ import annotations

from datetime import date
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fleet.agreements import Period, begin, in_force
from fleet.contract.limits import Agreement
from fleet.store import audit
from fleet.store.desired import refresh
from fleet.store.tables import AgreementPeriod, Kit, Municipality


def periods_of(session: Session, municipality: str) -> tuple[Period, ...]:
    """The municipality's periods, oldest first."""
    query = select(AgreementPeriod).where(AgreementPeriod.municipality_id == municipality)
    return tuple(_period(row) for row in session.scalars(query.order_by(AgreementPeriod.start)))


def change(
    session: Session,
    municipality: Municipality,
    kind: Agreement,
    start: date,
    *,
    today: date,
    who: str,
    now: int,
) -> None:
    """Another agreement from `start`, at the earliest today; `PeriodError` when that is not possible."""
    periods = begin(periods_of(session, municipality.id), kind, max(start, today))
    save(session, municipality.id, periods)
    detail = {"kind": kind, "start": max(start, today).isoformat()}
    audit.record(session, who, "agreement_changed", municipality.id, now, **detail)
    enforce(session, today, now)


def save(session: Session, municipality: str, periods: tuple[Period, ...]) -> None:
    """Replace the municipality's periods."""
    session.execute(delete(AgreementPeriod).where(AgreementPeriod.municipality_id == municipality))
    for period in periods:
        end = None if period.end is None else period.end.isoformat()
        session.add(
            AgreementPeriod(
                municipality_id=municipality, kind=period.kind, start=period.start.isoformat(), end=end
            )
        )
    session.flush()


def enforce(session: Session, today: date, now: int) -> int:
    """Let the agreements of today be in force; the kits concerned are told. Returns how many have changed."""
    changed = 0
    for municipality in session.scalars(select(Municipality)):
        period = in_force(periods_of(session, municipality.id), today)
        if period is None or period.kind == municipality.agreement:
            continue
        municipality.agreement = period.kind
        for kit in session.scalars(select(Kit).where(Kit.municipality_id == municipality.id)):
            refresh(session, kit, "agreement_changed", now)
        changed += 1
    return changed


def _period(row: AgreementPeriod) -> Period:
    end = None if row.end is None else date.fromisoformat(row.end)
    return Period(cast("Agreement", row.kind), date.fromisoformat(row.start), end)
