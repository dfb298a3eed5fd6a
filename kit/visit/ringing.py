"""Somebody calls the kit: it rings until it is answered, refused, called off, or has rung long enough.

A call that comes during a visit does not get here: it must not disturb.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from kit.visit import events as ev
from kit.visit import tidying
from kit.visit.beginning import Outcome, unplanned
from kit.visit.effects import Decline, Leave, OpenCamera, Refuse, RemoveWifi, Ring
from kit.visit.model import EndReason, Policy, Refusal, Step
from kit.visit.visit import Visit


def rang(visit: Visit, event: ev.Rang, at: float, _policy: Policy) -> Outcome:
    """Begin to ring."""
    return replace(visit, step=Step.RINGING, since=at, invitation=event.invitation), (Ring(True),)


def called_off(visit: Visit, event: ev.RingCancelled, at: float, policy: Policy) -> Outcome:
    """End a visit whose caller gave up while staff still confirmed."""
    if not _is_this(visit, event):
        return visit, ()
    ended = replace(visit, end_reason=EndReason.NEVER_JOINED, left_at=at)
    effects = (Refuse(Refusal.CALL_CANCELLED), Leave(), OpenCamera(False), RemoveWifi())
    return tidying.begin(ended, at, policy), effects


def _answer(visit: Visit, _event: object, at: float, policy: Policy) -> Outcome:
    if visit.invitation is None:
        return visit, ()
    begun, effects = unplanned(visit, visit.invitation, at, policy)
    return begun, (Ring(False), *effects)


def _decline(visit: Visit, _event: ev.DeclineCall, at: float, _policy: Policy) -> Outcome:
    return _stop(visit, at)


def _cancelled(visit: Visit, event: ev.RingCancelled, at: float, _policy: Policy) -> Outcome:
    if not _is_this(visit, event):
        return visit, ()
    return tidying.forgotten(visit, at), (Ring(False), Refuse(Refusal.CALL_CANCELLED))


def _engine_back(visit: Visit, _event: ev.EngineReturned, _at: float, _policy: Policy) -> Outcome:
    return visit, (Ring(True),)


def _tick(visit: Visit, event: ev.Tick, at: float, policy: Policy) -> Outcome:
    rung = at - visit.since
    answers_at = policy.answers_itself_s
    if answers_at is not None and rung >= answers_at:
        return _answer(visit, event, at, policy)
    if rung >= policy.ring_limit_s:
        stopped, effects = _stop(visit, at)
        return stopped, (*effects, Refuse(Refusal.CALL_MISSED))
    return visit, ()


def _stop(visit: Visit, at: float) -> Outcome:
    told = () if visit.invitation is None else (Decline(visit.invitation),)
    return tidying.forgotten(visit, at), (Ring(False), *told)


def _is_this(visit: Visit, event: ev.RingCancelled) -> bool:
    return visit.invitation is not None and visit.invitation.ring_token == event.ring_token


TRANSITIONS: dict[type, Callable[[Visit, Any, float, Policy], Outcome]] = {
    ev.AnswerCall: _answer,
    ev.DeclineCall: _decline,
    ev.RingCancelled: _cancelled,
    ev.EngineReturned: _engine_back,
    ev.Tick: _tick,
}
