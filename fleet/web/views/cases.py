"""Cases as they are shown, with the swap and the spares that could be taken."""

from __future__ import annotations

from typing import cast

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.contract import SupportContact
from fleet.contract.limits import CaseState
from fleet.faults import Route, route
from fleet.store import swaps
from fleet.store.desired import contact
from fleet.store.tables import FaultCase, FaultCaseEvent, SwapRow, SwapStepRow
from fleet.swap import (
    Proposal,
    Step,
    Swap,
    SwapState,
    can_undo,
    next_steps,
    overdue,
    propose,
    seconds_to_swapped,
)
from fleet.web.views.kits import KitView, all_views, candidate


class StepView(Struct, frozen=True):
    """A step of a swap; `at` is None while it has not been taken."""

    step: Step
    at: int | None
    who: str


class SwapView(Struct, frozen=True, kw_only=True):
    """A swap with its steps and its time."""

    id: int
    case: int
    old: str
    new: str
    state: SwapState
    steps: list[StepView]
    seconds: float | None
    began: int
    undoable: bool
    overdue: bool
    next: tuple[Step, ...]


class CaseView(Struct, frozen=True, kw_only=True):
    """One case; `unit_name` is what the kit was called when the fault was reported."""

    number: int
    kit: KitView
    unit_name: str
    category: str
    text: str
    source: str
    opened_at: int
    state: CaseState
    state_since: int
    responsible: str
    route: Route
    support: SupportContact
    replacement: str | None
    facts: dict[str, object]


class CasePage(Struct, frozen=True, kw_only=True):
    """All that one case's page shows. `spares` the best first; empty while a swap is under way."""

    case: CaseView
    events: list[FaultCaseEvent]
    swap: SwapView | None
    spares: list[Proposal]
    kits: dict[str, KitView]


def case_views(session: Session, *, only_open: bool, municipality: str | None = None) -> list[CaseView]:
    """Cases, the newest first."""
    query = select(FaultCase).order_by(FaultCase.number.desc()).limit(500)
    if only_open:
        query = query.where(FaultCase.state != "closed")
    kits = {view.id: view for view in all_views(session)}
    views = [_case(session, row, kits[row.kit_id]) for row in session.scalars(query)]
    return [view for view in views if not municipality or view.kit.municipality_id == municipality]


def cases_of_kit(session: Session, kit: str) -> list[FaultCase]:
    """The kit's cases, the newest first, at most twenty."""
    query = select(FaultCase).where(FaultCase.kit_id == kit)
    return list(session.scalars(query.order_by(FaultCase.number.desc()).limit(20)))


def case_page(session: Session, number: int, now: int) -> CasePage | None:
    """One case with everything around it, or None."""
    row = session.get(FaultCase, number)
    if row is None:
        return None
    kits = {view.id: view for view in all_views(session)}
    case = _case(session, row, kits[row.kit_id])
    swap_row = swaps.latest_swap(session, number)
    swap = None if swap_row is None else swap_view(session, swap_row, now)
    may_swap = case.state in ("received", "handling") and case.kit.role == "active"
    spares = [candidate(view) for view in kits.values() if view.role == "spare"]
    events = session.scalars(
        select(FaultCaseEvent).where(FaultCaseEvent.number == number).order_by(FaultCaseEvent.id)
    )
    return CasePage(
        case=case,
        events=list(events),
        swap=swap,
        spares=propose(candidate(case.kit), spares) if may_swap else [],
        kits=kits,
    )


def swap_view(session: Session, row: SwapRow, now: int) -> SwapView:
    """One swap."""
    swap = swaps.steps(session, row)
    taken = session.scalars(select(SwapStepRow).where(SwapStepRow.swap_id == row.id).order_by(SwapStepRow.id))
    return SwapView(
        id=row.id,
        case=row.case_number,
        old=row.old_kit,
        new=row.new_kit,
        state=cast("SwapState", row.state),
        steps=_steps(swap, {step.step: step.who for step in taken}),
        seconds=seconds_to_swapped(swap),
        began=swap.taken[0].at,
        undoable=can_undo(swap),
        overdue=overdue(swap, now),
        next=next_steps(swap),
    )


def _steps(swap: Swap, who: dict[str, str]) -> list[StepView]:
    """Those taken, in order, and those that the swap still waits for."""
    taken = [StepView(step.step, step.at, who.get(step.step, "")) for step in swap.taken]
    done = {step.step for step in swap.taken}
    if "undone" in done:
        return taken
    waiting: list[Step] = []
    if "new_applied" not in done:
        waiting.append("new_applied")
    if "old_applied" not in done and "returned" not in done:
        waiting.append("old_applied")
    return [*taken, *(StepView(step, None, "") for step in waiting)]


def _case(session: Session, row: FaultCase, kit: KitView) -> CaseView:
    body = "region" if row.responsible == "region" else kit.municipality_id
    return CaseView(
        number=row.number,
        kit=kit,
        unit_name=row.unit_name,
        category=row.category,
        text=row.text,
        source=row.source,
        opened_at=row.opened_at,
        state=cast("CaseState", row.state),
        state_since=row.state_since,
        responsible=row.responsible,
        route=route("rental" if row.responsible == "region" else "owned"),
        support=contact(session, body),
        replacement=row.replacement,
        facts=row.facts or {},
    )
