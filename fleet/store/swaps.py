"""Swaps in the database: settings move, both kits are told, and what they answer completes the swap."""

from __future__ import annotations

from typing import Any, Final, Literal, cast

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from fleet.store import audit, cases
from fleet.store.desired import refresh
from fleet.store.tables import FaultCase, Kit, MeetingRow, PresenceRow, SwapRow, SwapStepRow
from fleet.swap import Step, Swap, SwapState, Taken, next_steps, state_of, take

SETTINGS: Final = ("unit_name", "place", "language", "municipality_id", "role")

SwapProblem = Literal["case_closed", "already_swapping", "not_in_use", "spare_gone"]


class SwapRefusedError(ValueError):
    """The swap cannot begin; `code` says why."""

    def __init__(self, code: SwapProblem) -> None:
        super().__init__(code)
        self.code: SwapProblem = code


def confirm(session: Session, case: FaultCase, spare: Kit, who: str, now: int) -> SwapRow:
    """Move the settings of the case's kit to the spare and lock the kit.

    Both learn it by their desired state.
    """
    old = session.get_one(Kit, case.kit_id)
    _check(session, case, old, spare)
    before = {old.id: _settings(old), spare.id: _settings(spare)}
    _exchange(session, old, spare, now)
    new_version = refresh(session, spare, "swap_takes_over", now)
    old_version = refresh(session, old, "swap_locks", now)
    row = SwapRow(
        case_number=case.number,
        old_kit=old.id,
        new_kit=spare.id,
        old_version=old_version,
        new_version=new_version,
        before=before,
        state="proposed",
    )
    session.add(row)
    session.flush()
    _take(session, row, "fault_reported", old.id if case.source == "kiosk" else who, case.opened_at)
    _take(session, row, "confirmed", who, now)
    case.replacement = spare.id
    cases.move(session, case, "swapping", who, now)
    audit.record(session, who, "swap_confirmed", old.id, now, case=case.number, new=spare.id)
    if _is_silent(session, old.id):
        _take(session, row, "old_silent", who, now)
    return row


def undo(session: Session, row: SwapRow, who: str, now: int) -> None:
    """Give both kits back what they had. `StepError` once the old kit has been returned."""
    _take(session, row, "undone", who, now)
    old, new = session.get_one(Kit, row.old_kit), session.get_one(Kit, row.new_kit)
    for kit in (old, new):
        for name, value in row.before[kit.id].items():
            setattr(kit, name, value)
    _unlock(old)
    _forget_takeover(new)
    _move_meetings(session, new.id, old.id)
    case = session.get_one(FaultCase, row.case_number)
    refresh(session, new, "swap_undone", now)
    refresh(session, old, "swap_undone", now)
    case.replacement = None
    cases.move(session, case, "handling", who, now)
    audit.record(session, who, "swap_undone", old.id, now, case=row.case_number, new=new.id)


def afterwards(session: Session, row: SwapRow, step: Step, who: str, now: int) -> None:
    """What becomes of the old kit: returned, then repair, scrapped or back_as_spare.

    `StepError` when out of turn.
    """
    _take(session, row, step, who, now)
    old = session.get_one(Kit, row.old_kit)
    if step == "returned":
        _returned(session, row, who, now)
    elif step == "repair":
        old.role, old.lock_reason = "repair", "repair"
    elif step == "scrapped":
        old.role, old.lock_reason = "scrapped", "scrapped"
    else:
        old.role = "spare"
        _unlock(old)
    refresh(session, old, f"swap_{step}", now)
    audit.record(session, who, f"swap_{step}", old.id, now, case=row.case_number)


def applied(session: Session, kit: str, version: int, now: int) -> None:
    """A kit has taken over a desired state: the swaps that waited for it go on."""
    for row in _open_swaps(session, kit):
        if row.new_kit == kit and version >= row.new_version:
            _take_if_next(session, row, "new_applied", kit, now)
        if row.old_kit == kit and version >= row.old_version:
            _take_if_next(session, row, "old_applied", kit, now)


def old_kit_silent(session: Session, kit: str, now: int) -> None:
    """A kit has fallen silent: a swap away from it need not wait for its answer."""
    for row in _open_swaps(session, kit):
        if row.old_kit == kit:
            _take_if_next(session, row, "old_silent", kit, now)


def steps(session: Session, row: SwapRow) -> Swap:
    """The swap as the list of its steps."""
    rows = session.scalars(select(SwapStepRow).where(SwapStepRow.swap_id == row.id).order_by(SwapStepRow.id))
    return Swap(tuple(Taken(cast("Step", r.step), r.at) for r in rows))


def latest_swap(session: Session, case_number: int) -> SwapRow | None:
    """The case's newest swap, or None."""
    query = select(SwapRow).where(SwapRow.case_number == case_number)
    return session.scalars(query.order_by(SwapRow.id.desc()).limit(1)).first()


def _check(session: Session, case: FaultCase, old: Kit, spare: Kit) -> None:
    if case.state in ("swapping", "swapped"):
        raise SwapRefusedError("already_swapping")
    if case.state == "closed":
        raise SwapRefusedError("case_closed")
    if old.role != "active":
        raise SwapRefusedError("not_in_use")
    if spare.role != "spare" or any(True for _ in _open_swaps(session, spare.id, ("moving",))):
        raise SwapRefusedError("spare_gone")


def _exchange(session: Session, old: Kit, new: Kit, now: int) -> None:
    """The new kit becomes the old one's unit; the old one gets the spare's name, so that no name is used
    twice.
    """
    for name in ("unit_name", "place", "language"):
        mine, theirs = getattr(old, name), getattr(new, name)
        setattr(old, name, theirs)
        setattr(new, name, mine)
    new.municipality_id = old.municipality_id
    new.role, old.role = "active", "locked"
    new.takes_over_from, new.takes_over_since = old.id, now
    old.lock_reason, old.locked_since, old.replaced_by = "replaced", now, new.id
    _forget_takeover(old)
    _move_meetings(session, old.id, new.id)


def _move_meetings(session: Session, source: str, target: str) -> None:
    session.flush()
    moving = select(MeetingRow.id).where(MeetingRow.kit_id == source)
    session.execute(delete(MeetingRow).where(MeetingRow.kit_id == target, MeetingRow.id.in_(moving)))
    session.execute(update(MeetingRow).where(MeetingRow.kit_id == source).values(kit_id=target, version=None))


def _returned(session: Session, row: SwapRow, who: str, now: int) -> None:
    """The old kit is back: nothing to undo any more, the case is over, the new kit need not say whence it
    came.
    """
    new = session.get_one(Kit, row.new_kit)
    _forget_takeover(new)
    refresh(session, new, "swap_finished", now)
    cases.move(session, session.get_one(FaultCase, row.case_number), "closed", who, now)


def _take_if_next(session: Session, row: SwapRow, step: Step, who: str, now: int) -> None:
    if step not in next_steps(steps(session, row)):
        return
    state = _take(session, row, step, who, now)
    case = session.get_one(FaultCase, row.case_number)
    if state == "swapped" and case.state == "swapping":
        cases.move(session, case, "swapped", who, now)


def _take(session: Session, row: SwapRow, step: Step, who: str, now: int) -> SwapState:
    after = take(steps(session, row), step, now)
    session.add(SwapStepRow(swap_id=row.id, step=step, at=after.taken[-1].at, who=who))
    state = state_of(after)
    row.state = state
    session.flush()
    return state


def _open_swaps(session: Session, kit: str, states: tuple[str, ...] = ("moving", "swapped")) -> list[SwapRow]:
    query = select(SwapRow).where(
        SwapRow.state.in_(states), or_(SwapRow.old_kit == kit, SwapRow.new_kit == kit)
    )
    return list(session.scalars(query))


def _settings(kit: Kit) -> dict[str, Any]:
    return {name: getattr(kit, name) for name in SETTINGS}


def _unlock(kit: Kit) -> None:
    kit.lock_reason = kit.locked_since = kit.replaced_by = None


def _forget_takeover(kit: Kit) -> None:
    kit.takes_over_from = kit.takes_over_since = None


def _is_silent(session: Session, kit: str) -> bool:
    row = session.get(PresenceRow, kit)
    return row is None or row.word in ("silent", "never_seen")
