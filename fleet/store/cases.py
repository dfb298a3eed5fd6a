"""Fault cases in the database: opened by a report or by telephone, moved along, told to the kit."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.contract import CASE, Case, Fault, encode
from fleet.contract.limits import Agreement, CaseState
from fleet.faults import route, transition
from fleet.store import audit
from fleet.store.desired import contact, put
from fleet.store.tables import FaultCase, FaultCaseEvent, Kit, Municipality, Outgoing


def open_case(
    session: Session, kit: Kit, fault: Fault, *, source: str, who: str, opened_at: int, now: int
) -> FaultCase:
    """A case for the fault. While the kit has an open case, a further report belongs to that one."""
    current = open_case_of(session, kit.id)
    if current is not None:
        current.local_id = fault.local_id
        note(session, current, "reported_again", who, now, f"{fault.category}: {fault.text}"[:200])
    else:
        current = _new_case(session, kit, fault, source=source, who=who, opened_at=opened_at, now=now)
    tell_kit(session, current, now)
    return current


def open_case_of(session: Session, kit: str) -> FaultCase | None:
    """The kit's case that is not closed, or None."""
    query = select(FaultCase).where(FaultCase.kit_id == kit, FaultCase.state != "closed")
    return session.scalars(query.order_by(FaultCase.number.desc()).limit(1)).first()


def move(session: Session, case: FaultCase, state: CaseState, who: str, now: int) -> None:
    """Take the case to another state, or `TransitionError`; the kit is told."""
    case.state = transition(cast("CaseState", case.state), state)
    case.state_since = now
    note(session, case, state, who, now)
    audit.record(session, who, f"case_{state}", f"case-{case.number}", now, kit=case.kit_id)
    tell_kit(session, case, now)


def note(session: Session, case: FaultCase, code: str, who: str, now: int, text: str = "") -> None:
    """Add to the case's history."""
    session.add(FaultCaseEvent(number=case.number, at=now, who=who, code=code, text=text))


def tell_kit(session: Session, case: FaultCase, now: int) -> None:
    """Send the state of the case to the kit that it concerns."""
    session.flush()
    row = session.get(Outgoing, (case.kit_id, CASE.name))
    revision = row.revision + 1 if row else 1
    put(session, case.kit_id, CASE, encode(_message(session, case)), revision, now)


def _new_case(
    session: Session, kit: Kit, fault: Fault, *, source: str, who: str, opened_at: int, now: int
) -> FaultCase:
    municipality = session.get_one(Municipality, kit.municipality_id)
    case = FaultCase(
        kit_id=kit.id,
        unit_name=kit.unit_name,
        category=fault.category,
        text=fault.text,
        source=source,
        opened_at=opened_at,
        local_id=fault.local_id,
        facts=_facts(fault),
        responsible=route(cast("Agreement", municipality.agreement)).first,
        state="received",
        state_since=now,
    )
    session.add(case)
    session.flush()
    note(session, case, "received", who, now)
    audit.record(session, who, "case_opened", f"case-{case.number}", now, kit=kit.id, category=fault.category)
    return case


def _facts(fault: Fault) -> dict[str, Any] | None:
    return None if fault.facts is None else cast("dict[str, Any]", msgspec.to_builtins(fault.facts))


def _message(session: Session, case: FaultCase) -> Case:
    kit = session.get_one(Kit, case.kit_id)
    body = "region" if case.responsible == "region" else kit.municipality_id
    new = session.get(Kit, case.replacement) if case.replacement else None
    return Case(
        number=case.number,
        state=cast("CaseState", case.state),
        since=case.state_since,
        handled_by=contact(session, body),
        local_id=case.local_id,
        replacement=new.id if new else None,
        replacement_unit=new.unit_name if new else None,
    )
