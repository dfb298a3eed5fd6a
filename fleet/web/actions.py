"""What can be done from the dashboard.

Pages and API call these; each is one transaction with its audit entry.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.agreements import Numbers, PeriodError
from fleet.clock import day_of, now_ms, today
from fleet.contract import Fault, Health, Refused, decode, encode
from fleet.contract.limits import Agreement, FaultCategory
from fleet.faults import TransitionError
from fleet.store import Store, agreements, audit, cases, meetings, swaps
from fleet.store.desired import refresh
from fleet.store.meetings import Wanted
from fleet.store.tables import CostNumbers, FaultCase, Kit, LatestHealth, MeetingRow, Municipality, SwapRow
from fleet.swap import Step, StepError, propose
from fleet.web.problem import Problem
from fleet.web.views.kits import candidate, kit_view

WHO: Final = "Lokal användare"
"""There is no login yet: the dashboard is reached only from the machine that it runs on."""


def report_by_phone(store: Store, kit: str, category: FaultCategory, text: str) -> int:
    """Open a case for a kit that cannot report its fault itself. Returns the case's number."""
    with store.writing() as session:
        row = _kit(session, kit)
        latest = session.get(LatestHealth, kit)
        facts = None if latest is None else decode(Health, latest.body.encode())
        fault = Fault(local_id=uuid.uuid4().hex, category=category, text=text, facts=facts)
        _fits(fault)
        now = now_ms()
        return cases.open_case(session, row, fault, source="phone", who=WHO, opened_at=now, now=now).number


def move_case(store: Store, number: int, state: Literal["handling", "closed"]) -> None:
    """Take a case in hand, or close it."""
    with store.writing() as session:
        try:
            cases.move(session, _case(session, number), state, WHO, now_ms())
        except TransitionError:
            raise Problem("step_out_of_turn") from None


def swap(store: Store, number: int, spare: str) -> int:
    """Swap the case's kit for the spare. Returns the swap's number."""
    with store.writing() as session:
        case = _case(session, number)
        new = _kit(session, spare)
        _usable(session, case.kit_id, spare)
        try:
            return swaps.confirm(session, case, new, WHO, now_ms()).id
        except swaps.SwapRefusedError as refused:
            raise Problem(refused.code) from None


def undo_swap(store: Store, number: int) -> None:
    """Undo a swap."""
    with store.writing() as session:
        try:
            swaps.undo(session, _swap(session, number), WHO, now_ms())
        except StepError:
            raise Problem("step_out_of_turn") from None


def afterwards(store: Store, number: int, step: Step) -> None:
    """Say what became of the swap's old kit: returned, repair, scrapped or back_as_spare."""
    with store.writing() as session:
        try:
            swaps.afterwards(session, _swap(session, number), step, WHO, now_ms())
        except StepError:
            raise Problem("step_out_of_turn") from None


def change_agreement(store: Store, municipality: str, kind: Agreement, start: date) -> None:
    """Another agreement from that day, at the earliest today."""
    with store.writing() as session:
        row = session.get(Municipality, municipality)
        if row is None:
            raise Problem("no_municipality")
        try:
            agreements.change(session, row, kind, start, today=today(), who=WHO, now=now_ms())
        except PeriodError as error:
            raise Problem(error.code) from None


def keep_numbers(store: Store, municipality: str, numbers: Numbers) -> None:
    """Keep the municipality's own numbers for the cost comparison."""
    with store.writing() as session:
        if session.get(Municipality, municipality) is None:
            raise Problem("no_municipality")
        content = msgspec.to_builtins(numbers)
        session.merge(CostNumbers(municipality_id=municipality, numbers=content))
        audit.record(session, WHO, "cost_numbers", municipality, now_ms())


def set_meetings(store: Store, kit: str, wanted: Sequence[Wanted]) -> int:
    """Exchange the meetings that programs have put at the kit. Returns the version of its desired state."""
    with store.writing() as session:
        row = _kit(session, kit)
        ids = {meeting.id for meeting in wanted}
        if len(ids) < len(wanted):
            raise Problem("bad_input")
        if len(wanted) > meetings.MAX_A_DAY:
            raise Problem("too_much")
        ours = select(MeetingRow).where(MeetingRow.kit_id == kit, MeetingRow.source == "api")
        for gone in session.scalars(ours.where(MeetingRow.id.not_in(ids))).all():
            meetings.remove(session, gone, who=WHO, now=now_ms())
        for meeting in wanted:
            _put(session, row, meeting)
        return refresh(session, row, "meetings", now_ms())


def send_meeting(store: Store, kit: str, *, link: str, pin: str, kind: str, start: int) -> None:
    """Send a meeting to a kit by hand; the link is checked as the kit will check it."""
    with store.writing() as session:
        row = _kit(session, kit)
        if row.role != "active":
            raise Problem("kit_not_in_use")
        begins, _ = day_of(now_ms())
        if not begins <= start <= begins + meetings.AHEAD_MS:
            raise Problem("bad_time")
        checked = meetings.check_link(session, row, link)
        if isinstance(checked, str):
            raise Problem(checked)
        if not meetings.PIN.fullmatch(pin):
            raise Problem("bad_pin")
        wanted = Wanted(
            id=f"sent-{uuid.uuid4().hex[:16]}",
            title=meetings.KINDS.get(kind, meetings.NEUTRAL),
            start=start,
            link=checked.link,
            pin=pin.removesuffix("#") or checked.pin,
            source="sent",
        )
        _put(session, row, wanted)


def remove_meeting(store: Store, kit: str, meeting: str) -> None:
    """Take away a meeting that was sent; a booked one is its booking system's."""
    with store.writing() as session:
        row = session.get(MeetingRow, (kit, meeting))
        if row is None or row.source == "booking":
            raise Problem("no_meeting")
        meetings.remove(session, row, who=WHO, now=now_ms())


def _put(session: Session, kit: Kit, wanted: Wanted) -> MeetingRow:
    try:
        return meetings.put(session, kit, wanted, who=WHO, now=now_ms())
    except meetings.TooManyError:
        raise Problem("too_much") from None
    except Refused:
        raise Problem("bad_input") from None


def _usable(session: Session, old: str, spare: str) -> None:
    broken, new = kit_view(session, old), kit_view(session, spare)
    assert broken is not None
    assert new is not None
    proposals = propose(candidate(broken), [candidate(new)])
    if new.role == "spare" and not all(proposal.usable for proposal in proposals):
        raise Problem("spare_unusable")


def _fits(message: msgspec.Struct) -> None:
    try:
        encode(message)
    except Refused:
        raise Problem("bad_input") from None


def _kit(session: Session, kit: str) -> Kit:
    row = session.get(Kit, kit)
    if row is None:
        raise Problem("no_kit")
    return row


def _case(session: Session, number: int) -> FaultCase:
    row = session.get(FaultCase, number)
    if row is None:
        raise Problem("no_case")
    return row


def _swap(session: Session, number: int) -> SwapRow:
    row = session.get(SwapRow, number)
    if row is None:
        raise Problem("no_swap")
    return row
