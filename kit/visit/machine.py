"""The visit's transitions: ``step(visit, at, policy) -> (visit, effects)``. Pure.

:data:`TRANSITIONS` is the whole visit at a glance: for each step, which events mean something and what they
do. An event that means nothing in a step changes nothing: taps and facts may cross on their way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from kit.visit import beginning, doors, ringing, tidying
from kit.visit import events as ev
from kit.visit.beginning import Outcome, join
from kit.visit.effects import (
    BeginCheck,
    Decline,
    Join,
    Leave,
    OpenCamera,
    Refuse,
    RememberOpen,
    RemoveWifi,
)
from kit.visit.model import Check, CheckResult, DoorState, EndReason, PinState, Policy, Refusal, Step
from kit.visit.visit import SPENT_KEPT, Visit, digest, may_proceed

Handler = Callable[[Visit, Any, float, Policy], Outcome]

BACK_POSSIBLE = frozenset({EndReason.HUNG_UP, EndReason.CONNECTION_LOST})
"""After these, "Gå tillbaka till mötet" leads back in; after the others it does not."""


def step(visit: Visit, at: ev.At, policy: Policy) -> Outcome:
    """Return the visit after the event, and what is to be done."""
    handler = TRANSITIONS[visit.step].get(type(at.event))
    after, effects = handler(visit, at.event, at.at, policy) if handler else (visit, ())
    if _wifi_overdue(after, at.at, policy) and RemoveWifi() not in effects:
        effects = (*effects, RemoveWifi())
    return after, effects


def _wifi_overdue(visit: Visit, at: float, policy: Policy) -> bool:
    return visit.wifi_since is not None and at - visit.wifi_since >= policy.wifi_limit_s


# prepare


def _run_check(visit: Visit, event: ev.RunCheck, _at: float, _policy: Policy) -> Outcome:
    return _judge(visit, event.check, CheckResult.RUNNING), (BeginCheck(event.check),)


def _answer_check(visit: Visit, event: ev.AnswerCheck, _at: float, _policy: Policy) -> Outcome:
    return _judge(visit, event.check, CheckResult.PASSED if event.passed else CheckResult.FAILED), ()


def _check_done(visit: Visit, event: ev.CheckDone, _at: float, _policy: Policy) -> Outcome:
    return _judge(visit, event.check, event.result), ()


def _judge(visit: Visit, check: Check, result: CheckResult) -> Visit:
    return replace(visit, checks=tuple((c, result if c is check else r) for c, r in visit.checks))


def _to_confirm(visit: Visit, _event: ev.Proceed, at: float, policy: Policy) -> Outcome:
    if not may_proceed(visit, policy):
        return visit, ()
    passed = all(result is CheckResult.PASSED for _, result in visit.checks)
    visit = replace(visit, checks_passed_at=at if passed else None)
    if visit.invitation is None:
        return _give_up(visit, at, policy)
    return replace(visit, step=Step.CONFIRM, since=at), ()


def _engine_back_in_prepare(visit: Visit, _event: ev.EngineReturned, _at: float, _policy: Policy) -> Outcome:
    stopped = tuple((c, CheckResult.UNTESTED if r is CheckResult.RUNNING else r) for c, r in visit.checks)
    return replace(visit, checks=stopped), (OpenCamera(True),)


def _give_up(visit: Visit, at: float, policy: Policy) -> Outcome:
    """End a visit that never came to a meeting; who calls the kit is told."""
    told = (Decline(visit.invitation),) if visit.invitation and visit.invitation.ring_token else ()
    if visit.invitation is None and visit.wifi_since is None:
        return tidying.forgotten(visit, at), (OpenCamera(False),)
    ended = replace(visit, end_reason=EndReason.NEVER_JOINED, left_at=at)
    return tidying.begin(ended, at, policy), (Leave(), *told, OpenCamera(False), RemoveWifi())


def _abandoned(visit: Visit, _event: ev.Tick, at: float, policy: Policy) -> Outcome:
    """A kit left alone before the meeting forgets the visit, as after one."""
    if at - visit.since > policy.tidy_limit_s:
        return _hang_up(visit, ev.HangUp(), at, policy)
    return visit, ()


# confirm


def _confirm(visit: Visit, event: ev.Confirm, _at: float, _policy: Policy) -> Outcome:
    change = visit.confirmed.union if event.given else visit.confirmed.difference
    return replace(visit, confirmed=change({event.confirmation})), ()


def _confirm_late(visit: Visit, event: ev.Confirm, at: float, policy: Policy) -> Outcome:
    """An unplanned call may have begun before the confirmations."""
    return _confirm(visit, event, at, policy) if visit.unplanned else (visit, ())


def _set_relatives(visit: Visit, event: ev.SetRelatives, _at: float, _policy: Policy) -> Outcome:
    return replace(visit, relatives=event.count), ()


def _to_joining(visit: Visit, _event: ev.Proceed, at: float, policy: Policy) -> Outcome:
    return join(visit, at) if may_proceed(visit, policy) else (visit, ())


# joining


def _joined(visit: Visit, event: ev.Joined, at: float, _policy: Policy) -> Outcome:
    return (_waiting(visit, at) if event.waiting else _in_call(visit, at)), ()


def _join_refused(visit: Visit, event: ev.JoinRefused, at: float, policy: Policy) -> Outcome:
    return doors.refused(visit, event.reason, at, policy)


def _joining_tick(visit: Visit, event: ev.Tick, at: float, policy: Policy) -> Outcome:
    if doors.joins_by_itself(visit) and at - visit.since > policy.join_limit_s:
        return doors.refused(visit, Refusal.ROOM_UNREACHABLE, at, policy)
    return _abandoned(visit, event, at, policy)


def _join_again(visit: Visit, _event: ev.EngineReturned, _at: float, _policy: Policy) -> Outcome:
    if visit.invitation is None or not (doors.joins_by_itself(visit) or visit.door is DoorState.LOGIN):
        return visit, ()
    return replace(visit, door=DoorState.OPEN), (Join(visit.invitation),)


# waiting, in call, reconnecting


def _waiting(visit: Visit, at: float) -> Visit:
    inside = doors.answered(visit)
    return replace(inside, step=Step.WAITING, since=at, waiting_advice=False, resume_asked=False)


def _in_call(visit: Visit, at: float) -> Visit:
    started = at if visit.started_at is None else visit.started_at
    inside = doors.answered(visit)
    return replace(inside, step=Step.IN_CALL, since=at, started_at=started, resume_asked=False)


def _to_waiting(visit: Visit, _event: ev.Waiting, at: float, _policy: Policy) -> Outcome:
    return _waiting(visit, at), ()


def _admitted(visit: Visit, _event: ev.Admitted, at: float, _policy: Policy) -> Outcome:
    return _in_call(visit, at), ()


def _advise(visit: Visit, _event: ev.Tick, at: float, policy: Policy) -> Outcome:
    advice = at - visit.since >= policy.waiting_advice_s
    return replace(visit, waiting_advice=advice), ()


def _count(visit: Visit, event: ev.ParticipantsCounted, _at: float, _policy: Policy) -> Outcome:
    return replace(visit, participants=max(visit.participants, event.count)), ()


def _agenda(visit: Visit, event: ev.ShowAgenda, _at: float, _policy: Policy) -> Outcome:
    return replace(visit, agenda=event.item), ()


def _interrupted(visit: Visit, _event: ev.CallInterrupted, at: float, _policy: Policy) -> Outcome:
    return replace(visit, step=Step.RECONNECTING, since=at, resume_asked=False), ()


def _restored(visit: Visit, _event: ev.CallRestored, at: float, _policy: Policy) -> Outcome:
    return (_in_call(visit, at) if visit.started_at is not None else _waiting(visit, at)), ()


def _reconnecting_tick(visit: Visit, _event: ev.Tick, at: float, policy: Policy) -> Outcome:
    asked = visit.resume_asked or at - visit.since >= policy.reconnect_limit_s
    return replace(visit, resume_asked=asked), ()


def _refused_on_the_way_back(visit: Visit, event: ev.JoinRefused, _at: float, _policy: Policy) -> Outcome:
    return replace(visit, resume_asked=True), (Refuse(event.reason),)


def _resume(visit: Visit, _event: ev.Resume, at: float, _policy: Policy) -> Outcome:
    if not visit.resume_asked or visit.invitation is None:
        return visit, ()
    return replace(visit, since=at, resume_asked=False), (Join(visit.invitation),)


def _wifi_joined(visit: Visit, _event: ev.WifiJoined, at: float, _policy: Policy) -> Outcome:
    return replace(visit, wifi_since=at, wifi_used=True, wifi_removed=False), (RememberOpen(True),)


def _wifi_removed_early(visit: Visit, _event: ev.WifiRemoved, _at: float, _policy: Policy) -> Outcome:
    return replace(visit, wifi_since=None), ()


# ended


def _hang_up(visit: Visit, _event: ev.HangUp, at: float, policy: Policy) -> Outcome:
    if visit.started_at is None:
        return _give_up(visit, at, policy)
    return _end(visit, EndReason.HUNG_UP, at)


def _call_ended(visit: Visit, event: ev.CallEnded, at: float, _policy: Policy) -> Outcome:
    return _end(visit, event.reason, at)


def _end(visit: Visit, reason: EndReason, at: float) -> Outcome:
    spent = visit.spent
    # A doctor's own room is called again and again.
    if reason is EndReason.HOST_ENDED and visit.invitation is not None and not visit.unplanned:
        spent = (*spent, digest(visit.invitation))[-SPENT_KEPT:]
    ended = replace(
        visit,
        step=Step.ENDED,
        since=at,
        left_at=at,
        end_reason=reason,
        pin=PinState.NOT_NEEDED,
        door=DoorState.OPEN,
        resume_asked=False,
        spent=spent,
        wifi_removed=False,
    )
    return ended, (Leave(), OpenCamera(False), RemoveWifi())


def _back_into_call(visit: Visit, _event: ev.Resume, at: float, _policy: Policy) -> Outcome:
    return join(visit, at) if visit.end_reason in BACK_POSSIBLE else (visit, ())


def _to_tidy(visit: Visit, _event: ev.Proceed, at: float, policy: Policy) -> Outcome:
    return tidying.settle(tidying.begin(visit, at, policy), at, policy)


def _ended_tick(visit: Visit, _event: ev.Tick, at: float, policy: Policy) -> Outcome:
    if at - visit.since > policy.waiting_advice_s:
        return tidying.settle(tidying.begin(visit, at, policy), at, policy)
    return visit, (() if visit.wifi_removed else (RemoveWifi(),))


def _wifi_gone(visit: Visit, _event: ev.WifiRemoved, _at: float, _policy: Policy) -> Outcome:
    return replace(visit, wifi_removed=True, wifi_since=None), ()


_WIFI: dict[type, Handler] = {ev.WifiJoined: _wifi_joined, ev.WifiRemoved: _wifi_removed_early}
_DOOR: dict[type, Handler] = {
    ev.PinAsked: doors.pin_asked,
    ev.ExtensionAsked: doors.extension_asked,
    ev.LoginAsked: doors.login_asked,
}
_LIVE: dict[type, Handler] = {
    **_WIFI,
    ev.HangUp: _hang_up,
    ev.CallEnded: _call_ended,
    ev.EngineReturned: _join_again,
    ev.ParticipantsCounted: _count,
    ev.ShowAgenda: _agenda,
    ev.Confirm: _confirm_late,
}
_MEETING: dict[type, Handler] = {**_LIVE, ev.CallInterrupted: _interrupted}

TRANSITIONS: dict[Step, dict[type, Handler]] = {
    Step.IDLE: {
        ev.StartCheck: beginning.start_check,
        ev.MeetingChosen: beginning.choose_meeting,
        ev.AgentRestarted: beginning.after_crash,
        ev.Rang: ringing.rang,
    },
    Step.RINGING: ringing.TRANSITIONS,
    Step.PREPARE: {
        **_WIFI,
        ev.RunCheck: _run_check,
        ev.AnswerCheck: _answer_check,
        ev.CheckDone: _check_done,
        ev.EngineReturned: _engine_back_in_prepare,
        ev.Proceed: _to_confirm,
        ev.HangUp: _hang_up,
        ev.Tick: _abandoned,
    },
    Step.CONFIRM: {
        **_WIFI,
        ev.Confirm: _confirm,
        ev.SetRelatives: _set_relatives,
        ev.Proceed: _to_joining,
        ev.RingCancelled: ringing.called_off,
        ev.HangUp: _hang_up,
        ev.Tick: _abandoned,
    },
    Step.JOINING: {
        **_LIVE,
        **_DOOR,
        ev.Joined: _joined,
        ev.CallRestored: _restored,
        ev.EnterPin: doors.enter_pin,
        ev.EnterExtension: doors.enter_extension,
        ev.ChooseLogin: doors.choose_login,
        ev.JoinRefused: _join_refused,
        ev.Tick: _joining_tick,
    },
    Step.WAITING: {**_MEETING, ev.Admitted: _admitted, ev.Tick: _advise},
    Step.IN_CALL: {**_MEETING, ev.Waiting: _to_waiting},
    Step.RECONNECTING: {
        **_LIVE,
        **_DOOR,
        ev.Joined: _joined,
        ev.CallRestored: _restored,
        ev.Waiting: _to_waiting,
        ev.Admitted: _admitted,
        ev.JoinRefused: _refused_on_the_way_back,
        ev.Resume: _resume,
        ev.Tick: _reconnecting_tick,
    },
    Step.ENDED: {
        ev.Resume: _back_into_call,
        ev.Proceed: _to_tidy,
        ev.WifiRemoved: _wifi_gone,
        ev.Tick: _ended_tick,
    },
    Step.TIDY: tidying.TRANSITIONS,
}
