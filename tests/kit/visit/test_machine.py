"""One visit as staff lives it, step by step, and the turns it may take."""

from __future__ import annotations

import pytest

from kit.visit import events as ev
from kit.visit.effects import (
    BeginCheck,
    Effect,
    Forget,
    Join,
    Leave,
    Refuse,
    RememberOpen,
    RemoveWifi,
    Summarise,
)
from kit.visit.machine import step
from kit.visit.model import (
    Check,
    CheckResult,
    Confirmation,
    EndReason,
    Evaluator,
    HygieneStep,
    Invitation,
    PackedPart,
    PinState,
    Policy,
    Refusal,
    Step,
    TidyTask,
)
from kit.visit.visit import Visit, journal_facts

ROOM = Invitation(host="meet.example", alias="north")
POLICY = Policy(patient_fee_kr=100)


class Story:
    def __init__(self) -> None:
        self.visit = Visit()
        self.at = 1_000.0
        self.effects: tuple[Effect, ...] = ()

    def done(self) -> tuple[Effect, ...]:
        """What the last event asked for."""
        return self.effects

    def after(self, *events: ev.Touch | ev.Fact, seconds: float = 1.0) -> Step:
        for event in events:
            self.at += seconds
            self.visit, self.effects = step(self.visit, ev.At(self.at, event), POLICY)
        return self.visit.step

    def confirmed(self) -> Story:
        self.after(ev.MeetingChosen(ROOM), *[ev.AnswerCheck(c, passed=True) for c in Check], ev.Proceed())
        self.after(*[ev.Confirm(c, given=True) for c in Confirmation])
        return self

    def in_call(self) -> Story:
        self.confirmed().after(
            ev.Proceed(), ev.Joined(waiting=True), ev.Admitted(), ev.ParticipantsCounted(3)
        )
        return self


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_whole_visit_goes_from_idle_to_idle(story: Story) -> None:
    assert story.after(ev.MeetingChosen(ROOM)) is Step.PREPARE
    assert BeginCheck(Check.NETWORK) in story.effects
    assert story.after(*[ev.AnswerCheck(c, passed=True) for c in Check], ev.Proceed()) is Step.CONFIRM
    assert story.after(*[ev.Confirm(c, given=True) for c in Confirmation], ev.Proceed()) is Step.JOINING
    assert story.effects == (Join(ROOM),)
    assert story.after(ev.Joined(waiting=True)) is Step.WAITING
    assert story.after(ev.Admitted()) is Step.IN_CALL
    assert story.after(ev.ParticipantsCounted(4), ev.ParticipantsCounted(2), ev.HangUp()) is Step.ENDED
    assert story.after(ev.WifiRemoved(), ev.Proceed(), ev.NextTidy()) is Step.TIDY
    facts = journal_facts(story.visit, POLICY)
    assert facts is not None
    assert (facts.participants, facts.ended_at - facts.started_at, facts.patient_fee_kr) == (4, 3.0, 100)
    story.after(ev.NextTidy(), ev.Rate(Evaluator.PATIENT, 5), ev.Rate(Evaluator.PATIENT, 4), ev.NextTidy())
    story.after(*[ev.DoneHygiene(h, done=True) for h in HygieneStep], ev.NextTidy())
    story.after(*[ev.DonePacking(p, packed=True) for p in PackedPart if p is not PackedPart.CHARGER])
    assert story.after(ev.NextTidy()) is Step.IDLE
    summary, *rest = story.done()
    assert summary == Summarise(
        3.0, 4, EndReason.HUNG_UP, ((Evaluator.PATIENT, 4),), True, (PackedPart.CHARGER,)
    )
    assert rest == [Forget(), RememberOpen(False)]


def test_no_meeting_before_every_demanded_confirmation(story: Story) -> None:
    story.confirmed().after(ev.Confirm(Confirmation.CONSENT, given=False))
    assert story.after(ev.Proceed()) is Step.CONFIRM
    assert story.effects == ()


def test_a_function_test_that_is_not_answered_holds_the_visit(story: Story) -> None:
    story.after(ev.MeetingChosen(ROOM), ev.AnswerCheck(Check.CAMERA, passed=True))
    assert story.after(ev.Proceed()) is Step.PREPARE


def test_a_failed_check_is_no_wall_but_is_tested_again_next_time(story: Story) -> None:
    story.after(ev.MeetingChosen(ROOM), *[ev.AnswerCheck(c, passed=c is not Check.SPEAKER) for c in Check])
    assert story.after(ev.Proceed()) is Step.CONFIRM
    story.after(ev.HangUp(), ev.WifiRemoved())
    assert story.after(ev.MeetingChosen(ROOM)) is Step.PREPARE


def test_after_a_mistyped_link_the_passed_function_test_still_holds(story: Story) -> None:
    story.confirmed().after(ev.Proceed(), ev.JoinRefused(Refusal.ROOM_UNKNOWN))
    assert story.visit.step is Step.CONFIRM
    assert story.effects == (Refuse(Refusal.ROOM_UNKNOWN), Leave())
    assert story.after(ev.HangUp(), ev.WifiRemoved()) is Step.IDLE
    assert story.after(ev.MeetingChosen(ROOM)) is Step.CONFIRM


def test_three_wrong_pins_end_the_asking_and_the_pin_is_forgotten(story: Story) -> None:
    story.confirmed().after(ev.Proceed(), ev.PinAsked(wrong=False))
    pins = [story.visit.pin]
    for _ in range(2):
        story.after(ev.EnterPin("99"))
        assert isinstance(story.effects[0], Join)
        story.after(ev.PinAsked(wrong=True))
        pins.append(story.visit.pin)
    assert pins == [PinState.NEEDED, PinState.WRONG, PinState.WRONG]
    story.after(ev.EnterPin("99"), ev.PinAsked(wrong=True))
    assert story.effects[0] == Refuse(Refusal.PIN_TRIES_USED_UP)
    assert story.visit.invitation is not None
    assert story.visit.invitation.pin is None


def test_when_the_host_has_ended_the_same_invitation_leads_nowhere(story: Story) -> None:
    story.in_call().after(ev.CallEnded(EndReason.HOST_ENDED))
    assert story.after(ev.Resume()) is Step.ENDED
    story.after(ev.WifiRemoved(), ev.Proceed(), *[ev.NextTidy()] * 5)
    assert story.after(ev.MeetingChosen(Invitation(host="MEET.example", alias="North", pin="1"))) is Step.IDLE
    assert story.effects == (Refuse(Refusal.MEETING_ENDED),)


def test_who_hung_up_by_mistake_gets_back_with_one_tap(story: Story) -> None:
    story.in_call().after(ev.HangUp())
    assert story.after(ev.Resume()) is Step.JOINING
    assert story.effects == (Join(ROOM),)


def test_a_broken_call_comes_back_by_itself_or_asks_after_a_minute(story: Story) -> None:
    story.in_call().after(ev.CallInterrupted())
    assert story.after(ev.CallRestored()) is Step.IN_CALL
    story.after(ev.CallInterrupted(), ev.Tick())
    assert not story.visit.resume_asked
    story.after(ev.Tick(), seconds=61)
    assert story.visit.resume_asked
    assert story.after(ev.Resume()) is Step.RECONNECTING
    assert story.effects == (Join(ROOM),)


def test_a_fresh_engine_is_sent_back_into_the_call(story: Story) -> None:
    story.in_call().after(ev.CallInterrupted(), ev.EngineReturned())
    assert story.effects == (Join(ROOM),)


def test_nobody_there_for_five_minutes_brings_advice(story: Story) -> None:
    story.confirmed().after(ev.Proceed(), ev.Joined(waiting=True), ev.Tick())
    assert not story.visit.waiting_advice
    story.after(ev.Tick(), seconds=301)
    assert story.visit.waiting_advice


def test_a_room_that_does_not_answer_is_given_up_in_time(story: Story) -> None:
    story.confirmed().after(ev.Proceed())
    assert story.after(ev.Tick(), seconds=46) is Step.CONFIRM
    assert story.effects[0] == Refuse(Refusal.ROOM_UNREACHABLE)


def test_after_the_agents_death_the_kit_tidies(story: Story) -> None:
    assert story.after(ev.AgentRestarted()) is Step.TIDY
    assert story.visit.tidy_tasks == (TidyTask.WIFI, TidyTask.HYGIENE, TidyTask.PACKING)
    assert RemoveWifi() in story.effects


def test_wifi_is_never_skipped_in_tidy(story: Story) -> None:
    story.in_call().after(ev.WifiJoined(), ev.HangUp(), ev.Proceed(), ev.NextTidy())
    assert story.visit.tidy is TidyTask.WIFI
    story.after(ev.Tick())
    assert story.effects == (RemoveWifi(),)


def test_the_journals_facts_are_shown_once(story: Story) -> None:
    story.in_call().after(ev.HangUp(), ev.WifiRemoved(), ev.Proceed(), ev.NextTidy(), ev.NextTidy())
    story.after(ev.BackTidy())
    assert story.visit.tidy is TidyTask.EVALUATION
    assert journal_facts(story.visit, POLICY) is None


def test_the_echo_room_needs_no_confirmation_and_leaves_no_summary(story: Story) -> None:
    assert story.after(ev.MeetingChosen(ROOM, practice=True)) is Step.JOINING
    story.after(ev.Joined(waiting=False), ev.HangUp(), ev.Proceed())
    assert story.after(ev.WifiRemoved()) is Step.IDLE
    assert story.effects == (Forget(), RememberOpen(False))


def test_a_kit_left_in_the_middle_forgets_the_visit(story: Story) -> None:
    story.confirmed()
    story.after(ev.Tick(), seconds=3601)
    assert story.after(ev.WifiRemoved()) is Step.IDLE


def test_a_dead_engine_makes_a_running_check_untested(story: Story) -> None:
    story.after(ev.StartCheck(), ev.RunCheck(Check.MICROPHONE), ev.EngineReturned())
    assert dict(story.visit.checks)[Check.MICROPHONE] is CheckResult.UNTESTED


def test_secrets_have_no_text_form() -> None:
    assert "north" not in repr(Visit(invitation=ROOM))
