"""From what the agent knows to what the screen shows. Pure."""

from __future__ import annotations

from fleet.contract import Case, Desired
from kit.agent.parts import Parts
from kit.health import Status
from kit.hw.readings import Readings
from kit.ipc.network import DataLevel
from kit.ipc.state import (
    Condition,
    Devices,
    Fault,
    FaultCategory,
    FaultState,
    Lock,
    Network,
    NoticeKind,
    Support,
    VisitView,
)
from kit.network.guard.client import Guarding
from kit.visit.model import Check, HygieneStep, Policy
from kit.visit.visit import Visit, journal_facts, may_proceed

CASE_STATES = {
    "received": FaultState.RECEIVED,
    "handling": FaultState.RECEIVED,
    "swapping": FaultState.REPLACEMENT_CHOSEN,
    "swapped": FaultState.SWAPPED,
    "closed": FaultState.CLOSED,
}


def visit_view(visit: Visit, policy: Policy) -> VisitView:
    """The visit without its room and its PIN."""
    return VisitView(
        step=visit.step,
        unplanned=visit.unplanned,
        has_meeting=visit.invitation is not None,
        since=visit.since,
        started_at=visit.started_at,
        checks=visit.checks,
        confirmations=tuple((c, c in visit.confirmed) for c in policy.confirmations),
        relatives=visit.relatives,
        may_proceed=may_proceed(visit, policy),
        pin=visit.pin,
        pin_tries_left=max(0, policy.pin_tries - visit.pin_tries),
        door=visit.door,
        waiting_advice=visit.waiting_advice,
        resume_asked=visit.resume_asked,
        agenda=visit.agenda,
        end_reason=visit.end_reason,
        tidy=visit.tidy,
        tidy_tasks=visit.tidy_tasks,
        wifi_used=visit.wifi_used,
        wifi_removed=visit.wifi_removed,
        journal=journal_facts(visit, policy),
        ratings=visit.ratings,
        hygiene=tuple((h, h in visit.hygiene) for h in HygieneStep),
        packing=tuple((p, p in visit.packed) for p in policy.packing),
    )


def devices(readings: Readings, network: Network, parts: Parts) -> Devices:
    """The status row of the start screen."""
    level = parts.level
    return Devices(
        battery=readings.battery_shown(),
        network=network,
        camera=parts.device(Check.CAMERA),
        microphone=parts.device(Check.MICROPHONE),
        speaker=parts.device(Check.SPEAKER),
        level_dbfs=level.dbfs if level else None,
        clipping=level is not None and level.clipping,
        second_camera=parts.second_camera,
    )


def notices(
    shown: Devices,
    status: Status,
    *,
    engine_lost: bool,
    room_away: bool,
    guard: Guarding | None,
    unreachable: bool,
) -> tuple[NoticeKind, ...]:
    """What ails the kit now, the worst first."""
    missing = {
        NoticeKind.NO_CAMERA: shown.camera,
        NoticeKind.NO_MICROPHONE: shown.microphone,
        NoticeKind.NO_SPEAKER: shown.speaker,
    }
    found = [NoticeKind.ENGINE_RESTARTING] if engine_lost else []
    found += [NoticeKind.ROOM_AWAY] if room_away else []
    found += [NoticeKind.NETWORK_AWAY] if shown.network.condition is Condition.MISSING else []
    found += [kind for kind, device in missing.items() if device.condition is Condition.MISSING]
    found += [NoticeKind.GUARD_AWAY] if guard not in (None, Guarding.OK) else []
    found += [NoticeKind.NOT_REACHABLE] if unreachable else []
    used = [NoticeKind.DATA_USED] if shown.network.mobile.data is DataLevel.OVER else []
    return (*found, *status.trouble, *used)


def support(desired: Desired | None) -> Support:
    """Whom to call, as the agreement says."""
    if desired is None:
        return Support()
    contact = desired.support
    return Support(name=contact.name[:64], phone=contact.phone, hours=contact.hours[:64])


def lock(desired: Desired | None) -> Lock | None:
    """The lock that the fleet has put on this kit."""
    if desired is None or desired.locked is None:
        return None
    locked = desired.locked
    return Lock(replaced_by=locked.replaced_by or "", since=locked.since / 1000)


def fault(case: Case | None, own: tuple[str, FaultCategory] | None) -> Fault | None:
    """The newest fault report: the fleet's word once it has one, until then what was sent from here."""
    answered = case is not None and (own is None or case.local_id == own[0])
    if case is not None and answered:
        return Fault(
            state=CASE_STATES[case.state],
            category=own[1] if own else FaultCategory.OTHER,
            number=str(case.number),
            handled_by=case.handled_by.name[:64],
            replaced_by=case.replacement or "",
        )
    return Fault(state=FaultState.QUEUED, category=own[1]) if own else None
