"""A call that rings on the kit, and a call that the kit makes without a booked meeting."""

from __future__ import annotations

from msgspec.structs import replace

from kit.visit import events as ev
from kit.visit.effects import Decline, Effect, Join, Refuse, Ring
from kit.visit.machine import step
from kit.visit.model import Confirmation, EndReason, Invitation, Policy, Refusal, Step
from kit.visit.visit import Visit

CALL = Invitation(host="meet.example", alias="gateway-1", ring_token="once", caller="Läkare Norr")
DOCTOR = Invitation(host="meet.example", alias="akut")
FIRST = Policy(unplanned_first=True)


def story(policy: Policy, *events: tuple[float, ev.Touch | ev.Fact]) -> tuple[Visit, tuple[Effect, ...]]:
    """Let events happen at these seconds; the visit, and what the last one asked for."""
    visit = Visit()
    effects: tuple[Effect, ...] = ()
    for at, event in events:
        visit, effects = step(visit, ev.At(1000 + at, event), policy)
    return visit, effects


def test_the_kit_rings_until_it_is_answered_and_then_asks_for_the_confirmations() -> None:
    visit, effects = story(Policy(), (0, ev.Rang(CALL)))
    assert (visit.step, effects) == (Step.RINGING, (Ring(True),))
    visit, effects = story(Policy(), (0, ev.Rang(CALL)), (3, ev.AnswerCall()))
    assert visit.step is Step.CONFIRM
    assert Ring(False) in effects
    confirmed = [(4.0, ev.Confirm(c, given=True)) for c in Confirmation]
    visit, effects = story(Policy(), (0, ev.Rang(CALL)), (3, ev.AnswerCall()), *confirmed, (5, ev.Proceed()))
    assert (visit.step, effects) == (Step.JOINING, (Join(CALL),))


def test_where_the_region_allows_it_the_call_begins_at_once_and_is_confirmed_in_it() -> None:
    visit, effects = story(FIRST, (0, ev.Rang(CALL)), (3, ev.AnswerCall()))
    assert (visit.step, effects[-1]) == (Step.JOINING, Join(CALL))
    visit, _ = story(
        FIRST,
        (0, ev.Rang(CALL)),
        (3, ev.AnswerCall()),
        (4, ev.Joined(waiting=False)),
        (9, ev.Confirm(Confirmation.CONSENT, given=True)),
    )
    assert visit.confirmed == {Confirmation.CONSENT}


def test_a_planned_meeting_is_not_confirmed_afterwards() -> None:
    visit, _ = story(
        Policy(confirmations=()),
        (0, ev.MeetingChosen(DOCTOR)),
        *[(1, ev.AnswerCheck(check, passed=True)) for check in Policy().checks],
        (2, ev.Proceed()),
        (3, ev.Proceed()),
        (4, ev.Joined(waiting=False)),
        (5, ev.Confirm(Confirmation.CONSENT, given=True)),
    )
    assert (visit.step, visit.confirmed) == (Step.IN_CALL, frozenset())


def test_a_call_answers_itself_only_where_nothing_must_be_confirmed_first() -> None:
    itself = replace(FIRST, auto_answer_s=10)
    visit, effects = story(itself, (0, ev.Rang(CALL)), (9, ev.Tick()))
    assert visit.step is Step.RINGING
    visit, effects = story(itself, (0, ev.Rang(CALL)), (10, ev.Tick()))
    assert (visit.step, effects[-1]) == (Step.JOINING, Join(CALL))
    visit, _ = story(Policy(auto_answer_s=10), (0, ev.Rang(CALL)), (10, ev.Tick()))
    assert visit.step is Step.RINGING


def test_a_refused_call_stops_ringing_and_the_caller_is_told() -> None:
    visit, effects = story(Policy(), (0, ev.Rang(CALL)), (3, ev.DeclineCall()))
    assert (visit.step, effects) == (Step.IDLE, (Ring(False), Decline(CALL)))
    assert visit.invitation is None


def test_a_call_that_nobody_answers_ends_by_itself_and_is_counted() -> None:
    visit, effects = story(Policy(), (0, ev.Rang(CALL)), (60, ev.Tick()))
    assert visit.step is Step.IDLE
    assert effects == (Ring(False), Decline(CALL), Refuse(Refusal.CALL_MISSED))


def test_a_caller_who_gives_up_stops_the_ringing_also_while_staff_still_confirms() -> None:
    gone = ev.RingCancelled("once")
    visit, effects = story(Policy(), (0, ev.Rang(CALL)), (3, gone))
    assert (visit.step, effects) == (Step.IDLE, (Ring(False), Refuse(Refusal.CALL_CANCELLED)))
    visit, effects = story(
        Policy(), (0, ev.Rang(CALL)), (3, ev.AnswerCall()), (4, gone), (5, ev.WifiRemoved())
    )
    assert visit.step is Step.IDLE
    other = ev.RingCancelled("another")
    assert story(Policy(), (0, ev.Rang(CALL)), (3, other))[0].step is Step.RINGING


def test_staff_who_turns_back_while_confirming_refuses_the_call() -> None:
    _, effects = story(Policy(), (0, ev.Rang(CALL)), (3, ev.AnswerCall()), (4, ev.HangUp()))
    assert Decline(CALL) in effects


def test_a_call_in_the_middle_of_a_visit_changes_nothing() -> None:
    before, _ = story(FIRST, (0, ev.MeetingChosen(DOCTOR, unplanned=True)), (1, ev.Joined(waiting=False)))
    after, effects = step(before, ev.At(1002, ev.Rang(CALL)), FIRST)
    assert (after, effects) == (before, ())


def test_a_fresh_engine_goes_on_ringing() -> None:
    _, effects = story(Policy(), (0, ev.Rang(CALL)), (3, ev.EngineReturned()))
    assert effects == (Ring(True),)


def test_a_doctors_room_can_be_called_again_after_the_doctor_ended_the_last_call() -> None:
    visit, _ = story(
        FIRST,
        (0, ev.MeetingChosen(DOCTOR, unplanned=True)),
        (1, ev.Joined(waiting=False)),
        (2, ev.CallEnded(EndReason.HOST_ENDED)),
        (3, ev.Resume()),
    )
    assert visit.step is Step.ENDED
    visit, effects = step(
        Visit(spent=visit.spent), ev.At(2000, ev.MeetingChosen(DOCTOR, unplanned=True)), FIRST
    )
    assert effects[-1] == Join(DOCTOR)


def test_a_room_that_refuses_an_unplanned_call_leads_back_to_the_start() -> None:
    visit, _ = story(
        FIRST,
        (0, ev.MeetingChosen(DOCTOR, unplanned=True)),
        (1, ev.JoinRefused(Refusal.ROOM_UNREACHABLE)),
        (2, ev.WifiRemoved()),
    )
    assert visit.step is Step.IDLE
