"""The visit's state: one immutable value."""

from __future__ import annotations

from hashlib import sha256

from msgspec import Struct

from kit.visit.model import (
    AgendaItem,
    Check,
    CheckResult,
    Confirmation,
    DoorState,
    EndReason,
    Evaluator,
    HygieneStep,
    Invitation,
    JournalFacts,
    PackedPart,
    PinState,
    Policy,
    Step,
    TidyTask,
)

SPENT_KEPT = 16
"""How many ended meetings are remembered (as digests) so that their invitations lead nowhere."""


class Visit(Struct, frozen=True, kw_only=True):
    """A visit, or the lack of one (``step`` idle). Times are unix seconds.

    What outlives a visit is not personal: ``spent`` (digests of ended invitations) and ``checks_passed_at``.
    """

    step: Step = Step.IDLE
    since: float = 0.0
    invitation: Invitation | None = None
    practice: bool = False
    unplanned: bool = False
    checks: tuple[tuple[Check, CheckResult], ...] = ()
    confirmed: frozenset[Confirmation] = frozenset()
    relatives: int = 0
    pin: PinState = PinState.NOT_NEEDED
    pin_tries: int = 0
    door: DoorState = DoorState.OPEN
    started_at: float | None = None
    """When the kit was first let into the meeting."""
    left_at: float = 0.0
    participants: int = 0
    """The most that took part at once, this kit included."""
    waiting_advice: bool = False
    resume_asked: bool = False
    agenda: AgendaItem = AgendaItem.WELCOME
    end_reason: EndReason | None = None
    wifi_since: float | None = None
    wifi_used: bool = False
    """The patient's Wi-Fi carried this visit, for however long: its removal is shown."""
    wifi_removed: bool = False
    tidy: TidyTask | None = None
    tidy_tasks: tuple[TidyTask, ...] = ()
    ratings: tuple[tuple[Evaluator, int], ...] = ()
    hygiene: frozenset[HygieneStep] = frozenset()
    packed: frozenset[PackedPart] = frozenset()
    checks_passed_at: float | None = None
    spent: tuple[str, ...] = ()


def digest(invitation: Invitation) -> str:
    """Tell one meeting from another without keeping its name."""
    behind = "" if invitation.extension is None else f"\n{invitation.extension}"
    return sha256(f"{invitation.host}\n{invitation.alias}{behind}".casefold().encode()).hexdigest()[:16]


def may_proceed(visit: Visit, policy: Policy) -> bool:
    """Whether Proceed leads on from the current step."""
    match visit.step:
        case Step.PREPARE:
            open_results = (CheckResult.UNTESTED, CheckResult.RUNNING)
            return all(result not in open_results for _, result in visit.checks)
        case Step.CONFIRM:
            return visit.confirmed.issuperset(policy.confirmations)
        case Step.ENDED:
            return True
        case _:
            return False


def journal_facts(visit: Visit, policy: Policy) -> JournalFacts | None:
    """Return the facts for the patient's record, while they are to be shown: only in their own tidy task."""
    if visit.tidy is not TidyTask.JOURNAL or visit.started_at is None:
        return None
    return JournalFacts(
        started_at=visit.started_at,
        ended_at=max(visit.left_at, visit.started_at),
        participants=visit.participants,
        contact_type=policy.contact_type,
        patient_fee_kr=policy.patient_fee_kr,
    )
