"""What can happen to a visit: what staff touches, what the room does, what the machine does.

Each event carries nothing but its own fact; the time comes with :class:`At`, never from a clock.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from kit.visit.model import (
    AgendaItem,
    Check,
    CheckResult,
    Confirmation,
    EndReason,
    Evaluator,
    HygieneStep,
    Invitation,
    PackedPart,
    Refusal,
    UnixTime,
)


class Touch(Struct, frozen=True, tag=True):
    """Something that staff did on the screen."""


class StartCheck(Touch, frozen=True, tag=True):
    """Test the equipment without a meeting."""


class RunCheck(Touch, frozen=True, tag=True):
    """Start or repeat one check of the function test."""

    check: Check


class AnswerCheck(Touch, frozen=True, tag=True):
    """Staff's yes or no to one check's question."""

    check: Check
    passed: bool


class Proceed(Touch, frozen=True, tag=True):
    """Go on: from the function test to the confirmations, from the confirmations into the meeting."""


class Confirm(Touch, frozen=True, tag=True):
    """Tick or untick one confirmation."""

    confirmation: Confirmation
    given: bool


class SetRelatives(Touch, frozen=True, tag=True):
    """How many relatives sit with the patient; kept in memory only."""

    count: Annotated[int, Meta(ge=0, le=20)]


class EnterPin(Touch, frozen=True, tag=True):
    """The room's PIN, digits only."""

    pin: Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[0-9]+$")]


class EnterExtension(Touch, frozen=True, tag=True):
    """The number of the room that a reception asked for."""

    extension: Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[0-9]+$")]


class ChooseLogin(Touch, frozen=True, tag=True):
    """One of the ways in which the room lets people log in."""

    way: Annotated[str, Meta(min_length=1, max_length=64)]


class HangUp(Touch, frozen=True, tag=True):
    """Leave the meeting, or give up joining it. The screen has asked before it sends this."""


class Resume(Touch, frozen=True, tag=True):
    """ "Återuppta samtalet": try again after the kit stopped trying by itself."""


class ShowAgenda(Touch, frozen=True, tag=True):
    """Move the agenda guide to one item."""

    item: AgendaItem


class Rate(Touch, frozen=True, tag=True):
    """One answer of the anonymous evaluation, 1 (bad) to 5 (good)."""

    evaluator: Evaluator
    score: Annotated[int, Meta(ge=1, le=5)]


class DoneHygiene(Touch, frozen=True, tag=True):
    """One hygiene step acknowledged or taken back."""

    hygiene: HygieneStep
    done: bool


class DonePacking(Touch, frozen=True, tag=True):
    """One part ticked or unticked on the packing list."""

    part: PackedPart
    packed: bool


class NextTidy(Touch, frozen=True, tag=True):
    """The current tidy task is finished or skipped."""


class BackTidy(Touch, frozen=True, tag=True):
    """Back to the previous tidy task."""


class AnswerCall(Touch, frozen=True, tag=True):
    """Answer who calls the kit."""


class DeclineCall(Touch, frozen=True, tag=True):
    """Refuse who calls the kit."""


class Fact(Struct, frozen=True, tag=True):
    """Something that happened without being touched."""


class MeetingChosen(Fact, frozen=True, tag=True):
    """A checked invitation: the visit begins. ``practice``: the echo room, no patient, nothing to confirm.

    ``unplanned``: somebody is to be reached at once.
    """

    invitation: Invitation
    practice: bool = False
    unplanned: bool = False


class Rang(Fact, frozen=True, tag=True):
    """Somebody calls the kit; the invitation's ``ring_token`` tells one call from another."""

    invitation: Invitation


class RingCancelled(Fact, frozen=True, tag=True):
    """Who called has given up, or the call was answered elsewhere."""

    ring_token: str

    def __repr__(self) -> str:
        """Say nothing: the token opens a room."""
        return "RingCancelled(…)"


class CheckDone(Fact, frozen=True, tag=True):
    """A check answered itself (microphone, network)."""

    check: Check
    result: CheckResult


class Joined(Fact, frozen=True, tag=True):
    """The room let the kit in; ``waiting`` while it holds it in the waiting room or nobody else is there."""

    waiting: bool


class Waiting(Fact, frozen=True, tag=True):
    """The room (again) holds the kit, or the kit is alone in it."""


class Admitted(Fact, frozen=True, tag=True):
    """The meeting proper: the kit is in and somebody else is there."""


class PinAsked(Fact, frozen=True, tag=True):
    """The room wants a PIN; ``wrong`` when one was given and refused."""

    wrong: bool


class ExtensionAsked(Fact, frozen=True, tag=True):
    """A reception wants the number of a room; ``wrong`` when one was given and led nowhere."""

    wrong: bool


class LoginAsked(Fact, frozen=True, tag=True):
    """The room wants a login; ``over`` when it no longer does."""

    over: bool = False


class JoinRefused(Fact, frozen=True, tag=True):
    """The room said no."""

    reason: Refusal


class CallInterrupted(Fact, frozen=True, tag=True):
    """Media, signalling or the engine itself is gone; the kit is on its way back."""


class CallRestored(Fact, frozen=True, tag=True):
    """Media flows again."""


class CallEnded(Fact, frozen=True, tag=True):
    """The call is over for good."""

    reason: EndReason


class ParticipantsCounted(Fact, frozen=True, tag=True):
    """How many take part, this kit included."""

    count: Annotated[int, Meta(ge=0, le=1000)]


class EngineReturned(Fact, frozen=True, tag=True):
    """A fresh engine is there; it knows nothing of the call."""


class WifiJoined(Fact, frozen=True, tag=True):
    """The kit is on the patient's Wi-Fi."""


class WifiRemoved(Fact, frozen=True, tag=True):
    """The patient's Wi-Fi is verified to be gone from the kit, or never was there."""


class AgentRestarted(Fact, frozen=True, tag=True):
    """The agent came up and found a visit open: what it knew is gone."""


class Tick(Fact, frozen=True, tag=True):
    """Time has passed; sent about once a second."""


class At(Struct, frozen=True):
    """An event and when it happened, in unix seconds."""

    at: UnixTime
    event: Touch | Fact
