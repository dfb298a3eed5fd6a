"""After the meeting: what remains to be done, task by task, until the visit is forgotten.

Every visit passes here, whatever ended it. The first task is the patient's Wi-Fi, and it cannot be skipped:
only its verified removal leads on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from kit.visit import events as ev
from kit.visit.effects import Effect, Forget, RememberOpen, RemoveWifi, Summarise
from kit.visit.model import DoorState, EndReason, HygieneStep, PinState, Policy, Step, TidyTask
from kit.visit.visit import Visit

Outcome = tuple[Visit, tuple[Effect, ...]]

NO_WAY_BACK = frozenset({TidyTask.WIFI, TidyTask.JOURNAL})
"""Tasks that are passed once: the Wi-Fi is gone, and the journal's facts are shown once."""


def begin(visit: Visit, at: float, policy: Policy) -> Visit:
    """Return the visit at its first tidy task. Who was in the room is forgotten here already."""
    tasks = [TidyTask.WIFI]
    met = visit.started_at is not None and not visit.practice
    if met:
        tasks += [TidyTask.JOURNAL, TidyTask.EVALUATION]
    if met or visit.end_reason is EndReason.RESTARTED:
        tasks += [TidyTask.HYGIENE, *([TidyTask.PACKING] if policy.packing else [])]
    return replace(
        visit,
        step=Step.TIDY,
        since=at,
        invitation=None,
        pin=PinState.NOT_NEEDED,
        door=DoorState.OPEN,
        confirmed=frozenset(),
        relatives=0,
        tidy=TidyTask.WIFI,
        tidy_tasks=tuple(tasks),
    )


def settle(visit: Visit, at: float, policy: Policy) -> Outcome:
    """Go on from the Wi-Fi task if it is done and nothing needs to be read there."""
    seen = visit.wifi_removed and not visit.wifi_used
    if visit.tidy is TidyTask.WIFI and seen and len(visit.tidy_tasks) == 1:
        return _finish(visit, at, policy)
    return visit, (() if visit.wifi_removed else (RemoveWifi(),))


def forgotten(visit: Visit, at: float) -> Visit:
    """Return idle: nothing of the visit is left but what is not personal."""
    return Visit(since=at, spent=visit.spent, checks_passed_at=visit.checks_passed_at)


def _wifi_removed(visit: Visit, _event: ev.WifiRemoved, at: float, policy: Policy) -> Outcome:
    return settle(replace(visit, wifi_removed=True, wifi_since=None), at, policy)


def _next(visit: Visit, _event: ev.NextTidy, at: float, policy: Policy) -> Outcome:
    if visit.tidy is None or (visit.tidy is TidyTask.WIFI and not visit.wifi_removed):
        return visit, ()
    following = visit.tidy_tasks.index(visit.tidy) + 1
    if following == len(visit.tidy_tasks):
        return _finish(visit, at, policy)
    return replace(visit, tidy=visit.tidy_tasks[following]), ()


def _back(visit: Visit, _event: ev.BackTidy, _at: float, _policy: Policy) -> Outcome:
    before = visit.tidy_tasks.index(visit.tidy) - 1 if visit.tidy else -1
    if before < 0 or visit.tidy_tasks[before] in NO_WAY_BACK:
        return visit, ()
    return replace(visit, tidy=visit.tidy_tasks[before]), ()


def _rate(visit: Visit, event: ev.Rate, _at: float, _policy: Policy) -> Outcome:
    others = tuple(r for r in visit.ratings if r[0] is not event.evaluator)
    return replace(visit, ratings=(*others, (event.evaluator, event.score))), ()


def _hygiene(visit: Visit, event: ev.DoneHygiene, _at: float, _policy: Policy) -> Outcome:
    change = visit.hygiene.union if event.done else visit.hygiene.difference
    return replace(visit, hygiene=change({event.hygiene})), ()


def _packing(visit: Visit, event: ev.DonePacking, _at: float, _policy: Policy) -> Outcome:
    change = visit.packed.union if event.packed else visit.packed.difference
    return replace(visit, packed=change({event.part})), ()


def _tick(visit: Visit, _event: ev.Tick, at: float, policy: Policy) -> Outcome:
    if not visit.wifi_removed:
        return visit, (RemoveWifi(),)
    if at - visit.since > policy.tidy_limit_s:
        return _finish(visit, at, policy)
    return visit, ()


def _finish(visit: Visit, at: float, policy: Policy) -> Outcome:
    effects: tuple[Effect, ...] = (Forget(), RememberOpen(False))
    if not visit.practice:
        effects = (_summary(visit, policy), *effects)
    return forgotten(visit, at), effects


def _summary(visit: Visit, policy: Policy) -> Summarise:
    packing = TidyTask.PACKING in visit.tidy_tasks
    return Summarise(
        duration_s=max(0.0, visit.left_at - visit.started_at) if visit.started_at is not None else 0.0,
        participants=visit.participants,
        end_reason=visit.end_reason or EndReason.NEVER_JOINED,
        ratings=visit.ratings,
        hygiene_done=visit.hygiene.issuperset(HygieneStep),
        missing_parts=tuple(p for p in policy.packing if p not in visit.packed) if packing else (),
    )


TRANSITIONS: dict[type, Callable[[Visit, Any, float, Policy], Outcome]] = {
    ev.WifiRemoved: _wifi_removed,
    ev.NextTidy: _next,
    ev.BackTidy: _back,
    ev.Rate: _rate,
    ev.DoneHygiene: _hygiene,
    ev.DonePacking: _packing,
    ev.Tick: _tick,
}
