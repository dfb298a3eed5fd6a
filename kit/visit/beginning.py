"""How a visit begins: a test of the equipment, a meeting, an unplanned call, or a crash of the one before."""

from __future__ import annotations

from msgspec.structs import replace

from kit.visit import events as ev
from kit.visit import tidying
from kit.visit.effects import (
    BeginCheck,
    Effect,
    Join,
    Leave,
    OpenCamera,
    Refuse,
    RememberOpen,
    RemoveWifi,
)
from kit.visit.model import (
    Check,
    CheckResult,
    DoorState,
    EndReason,
    Invitation,
    PinState,
    Policy,
    Refusal,
    Step,
)
from kit.visit.visit import Visit, digest

Outcome = tuple[Visit, tuple[Effect, ...]]


def start_check(visit: Visit, _event: ev.StartCheck, at: float, policy: Policy) -> Outcome:
    """Test the equipment, without a meeting."""
    return _prepare(visit, at, policy), (OpenCamera(True), BeginCheck(Check.NETWORK))


def choose_meeting(visit: Visit, event: ev.MeetingChosen, at: float, policy: Policy) -> Outcome:
    """Go to the function test, or to the confirmations if it was just passed; practice needs neither."""
    if event.unplanned:
        return unplanned(visit, event.invitation, at, policy)
    if digest(event.invitation) in visit.spent:
        return visit, (Refuse(Refusal.MEETING_ENDED),)
    visit = replace(_prepare(visit, at, policy), invitation=event.invitation, practice=event.practice)
    if event.practice:
        joining, effects = join(visit, at)
        return joining, (RememberOpen(True), *effects)
    tested = visit.checks_passed_at is not None and at - visit.checks_passed_at < policy.checks_valid_s
    if tested:
        return replace(visit, step=Step.CONFIRM), (RememberOpen(True), OpenCamera(True))
    return visit, (RememberOpen(True), OpenCamera(True), BeginCheck(Check.NETWORK))


def unplanned(visit: Visit, invitation: Invitation, at: float, policy: Policy) -> Outcome:
    """Somebody is reached at once: no function test, and the confirmations when the region wants them."""
    begun = replace(visit, step=Step.CONFIRM, since=at, invitation=invitation, unplanned=True)
    if policy.unplanned_first or not policy.confirmations:
        joining, effects = join(begun, at)
        return joining, (RememberOpen(True), *effects)
    return begun, (RememberOpen(True), OpenCamera(True))


def after_crash(visit: Visit, _event: ev.AgentRestarted, at: float, policy: Policy) -> Outcome:
    """Tidy up after a visit of which nothing is known any more."""
    crashed = replace(visit, end_reason=EndReason.RESTARTED, left_at=at)
    return tidying.begin(crashed, at, policy), (Leave(), OpenCamera(False), RemoveWifi())


def join(visit: Visit, at: float) -> Outcome:
    """Go into the meeting; nothing happens without one."""
    if visit.invitation is None:
        return visit, ()
    joining = replace(
        visit, step=Step.JOINING, since=at, pin=PinState.NOT_NEEDED, resume_asked=False, end_reason=None
    )
    joining = replace(joining, door=DoorState.OPEN)
    return joining, (Join(visit.invitation),)


def _prepare(visit: Visit, at: float, policy: Policy) -> Visit:
    checks = tuple(
        (c, CheckResult.RUNNING if c is Check.NETWORK else CheckResult.UNTESTED) for c in policy.checks
    )
    return replace(visit, step=Step.PREPARE, since=at, checks=checks)
