"""What holds for every visit, whatever happens in whatever order: taps, facts, time and power cuts."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kit.visit import events as ev
from kit.visit.effects import (
    Decline,
    Effect,
    Forget,
    Join,
    RememberOpen,
    RemoveWifi,
    Ring,
    Summarise,
)
from kit.visit.machine import step
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
    PackedPart,
    PinState,
    Policy,
    Refusal,
    Step,
    TidyTask,
)
from kit.visit.visit import Visit, digest

ROOMS = [Invitation(host="meet.example", alias=name) for name in ("north", "south")]

touches = st.one_of(
    st.builds(ev.RunCheck, st.sampled_from(Check)),
    st.builds(ev.AnswerCheck, st.sampled_from(Check), st.booleans()),
    st.builds(ev.Confirm, st.sampled_from(Confirmation), st.booleans()),
    st.builds(ev.SetRelatives, st.integers(0, 20)),
    st.builds(ev.ShowAgenda, st.sampled_from(AgendaItem)),
    st.builds(ev.Rate, st.sampled_from(Evaluator), st.integers(1, 5)),
    st.builds(ev.DoneHygiene, st.sampled_from(HygieneStep), st.booleans()),
    st.builds(ev.DonePacking, st.sampled_from(PackedPart), st.booleans()),
    st.builds(ev.EnterExtension, st.sampled_from(["41", "42"])),
    st.builds(ev.ChooseLogin, st.just("Regionens inloggning")),
    st.sampled_from(
        [
            ev.StartCheck(),
            ev.Proceed(),
            ev.HangUp(),
            ev.Resume(),
            ev.NextTidy(),
            ev.BackTidy(),
            ev.EnterPin("1234"),
            ev.AnswerCall(),
            ev.DeclineCall(),
        ]
    ),
)
facts = st.one_of(
    st.builds(ev.CheckDone, st.sampled_from(Check), st.sampled_from(CheckResult)),
    st.builds(ev.Joined, st.booleans()),
    st.builds(ev.PinAsked, st.booleans()),
    st.builds(ev.ExtensionAsked, st.booleans()),
    st.builds(ev.LoginAsked, st.booleans()),
    st.builds(ev.JoinRefused, st.sampled_from(Refusal)),
    st.builds(ev.CallEnded, st.sampled_from([EndReason.REMOVED, EndReason.CONNECTION_LOST])),
    st.builds(ev.ParticipantsCounted, st.integers(0, 9)),
    st.sampled_from(
        [ev.Waiting(), ev.Admitted(), ev.CallInterrupted(), ev.CallRestored(), ev.EngineReturned()]
    ),
)


class Visits(RuleBasedStateMachine):
    """The visit in a world that has a clock, a Wi-Fi, a marker of one bit, and power cuts."""

    def __init__(self) -> None:
        super().__init__()
        self.visit = Visit()
        self.policy = Policy()
        self.at = 1000.0
        self.marked_open = False
        self.passed_tidy = True
        self.ended_by_host: set[str] = set()
        self.ringing = False
        self.declined: set[str] = set()
        self.wifi_since: float | None = None
        self.removal_asked_at: float | None = None

    @initialize(
        confirmations=st.sets(st.sampled_from(Confirmation)),
        checks=st.sets(st.sampled_from(Check)),
        unplanned_first=st.booleans(),
        auto_answer_s=st.sampled_from([None, 0.0, 20.0]),
    )
    def region(
        self,
        confirmations: set[Confirmation],
        checks: set[Check],
        unplanned_first: bool,
        auto_answer_s: float | None,
    ) -> None:
        self.policy = Policy(
            confirmations=tuple(confirmations),
            checks=tuple(checks),
            wifi_limit_s=600,
            unplanned_first=unplanned_first,
            auto_answer_s=auto_answer_s,
        )

    def happen(self, event: ev.Touch | ev.Fact) -> None:
        before = self.visit
        self.visit, effects = step(before, ev.At(self.at, event), self.policy)
        for effect in effects:
            self.obey(effect, before)
        if self.visit.step is Step.TIDY:
            self.passed_tidy = True

    def obey(self, effect: Effect, before: Visit) -> None:
        match effect:
            case Join(invitation):
                assert digest(invitation) not in self.ended_by_host or self.visit.unplanned
                assert invitation.ring_token not in self.declined
                confirmed = self.visit.confirmed.issuperset(self.policy.confirmations)
                at_once = self.visit.unplanned and self.policy.unplanned_first
                assert confirmed or self.visit.practice or at_once
            case RememberOpen(opened):
                assert opened or self.passed_tidy or before.step is Step.ENDED
                self.marked_open, self.passed_tidy = opened, not opened
            case RemoveWifi():
                self.removal_asked_at = self.at
            case Ring(on):
                self.ringing = on
            case Decline(invitation):
                assert invitation.ring_token
                self.declined.add(invitation.ring_token)
            case Summarise() | Forget():
                assert before.step in (Step.TIDY, Step.ENDED)

    @rule(touch=touches)
    def touch(self, touch: ev.Touch) -> None:
        self.happen(touch)

    @rule(fact=facts)
    def fact(self, fact: ev.Fact) -> None:
        self.happen(fact)

    @rule(room=st.sampled_from(ROOMS), practice=st.booleans(), unplanned=st.booleans())
    def choose(self, room: Invitation, practice: bool, unplanned: bool) -> None:
        self.happen(ev.MeetingChosen(room, practice, unplanned))

    @rule(number=st.integers(0, 3))
    def somebody_calls(self, number: int) -> None:
        before = self.visit
        token = f"ring-{number}"
        if token in self.declined:
            return
        self.happen(ev.Rang(Invitation(host="meet.example", alias="gateway", ring_token=token)))
        if before.step is not Step.IDLE:
            assert self.visit == before

    @rule(number=st.integers(0, 3))
    def caller_gives_up(self, number: int) -> None:
        self.happen(ev.RingCancelled(f"ring-{number}"))

    @rule()
    def do_what_is_asked(self) -> None:
        for check in self.policy.checks:
            self.happen(ev.AnswerCheck(check, passed=True))
        for confirmation in self.policy.confirmations:
            self.happen(ev.Confirm(confirmation, given=True))
        self.happen(ev.Proceed())

    @precondition(lambda self: self.visit.step is Step.JOINING)
    @rule(
        asked=st.one_of(
            st.builds(ev.PinAsked, st.booleans()),
            st.builds(ev.ExtensionAsked, st.booleans()),
            st.builds(ev.LoginAsked, st.booleans()),
        ),
        answer=st.one_of(
            st.just(ev.EnterPin("1234")),
            st.builds(ev.EnterExtension, st.sampled_from(["41", "42"])),
            st.just(ev.ChooseLogin("Regionens inloggning")),
        ),
    )
    def the_door_asks(self, asked: ev.Fact, answer: ev.Touch) -> None:
        self.happen(asked)
        before = self.visit
        self.happen(answer)
        if before.pin is PinState.NOT_NEEDED and before.door is DoorState.OPEN:
            assert self.visit == before

    @precondition(lambda self: self.visit.step not in (Step.IDLE, Step.TIDY, Step.ENDED))
    @rule()
    def host_ends(self) -> None:
        invitation = self.visit.invitation
        self.happen(ev.CallEnded(EndReason.HOST_ENDED))
        planned = not self.visit.unplanned
        if invitation is not None and planned and self.visit.end_reason is EndReason.HOST_ENDED:
            self.ended_by_host.add(digest(invitation))

    @precondition(lambda self: self.visit.step in (Step.PREPARE, Step.CONFIRM, Step.WAITING, Step.IN_CALL))
    @rule()
    def join_wifi(self) -> None:
        self.wifi_since, self.removal_asked_at = self.at, None
        self.happen(ev.WifiJoined())

    @rule()
    def wifi_is_verified_to_be_gone(self) -> None:
        if self.removal_asked_at is not None:
            self.wifi_since = self.removal_asked_at = None
            self.happen(ev.WifiRemoved())

    @rule(seconds=st.sampled_from([1.0, 50.0, 700.0, 4000.0]))
    def time_passes(self, seconds: float) -> None:
        self.at += seconds
        self.happen(ev.Tick())

    @rule()
    def power_cut(self) -> None:
        self.visit, self.wifi_since, self.removal_asked_at = Visit(), None, None
        self.ended_by_host.clear()
        self.ringing = False
        if self.marked_open:
            self.happen(ev.AgentRestarted())
            assert self.visit.step is Step.TIDY

    @invariant()
    def nothing_personal_survives_idle(self) -> None:
        if self.visit.step is Step.IDLE:
            bare = Visit(
                since=self.visit.since, spent=self.visit.spent, checks_passed_at=self.visit.checks_passed_at
            )
            assert self.visit == bare

    @invariant()
    def a_room_asks_only_while_the_kit_stands_at_its_door(self) -> None:
        asks = self.visit.pin is not PinState.NOT_NEEDED or self.visit.door is not DoorState.OPEN
        assert not asks or self.visit.step is Step.JOINING
        assert self.visit.pin_tries < self.policy.pin_tries

    @invariant()
    def a_number_that_led_nowhere_is_forgotten(self) -> None:
        if self.visit.door is DoorState.EXTENSION_WRONG and self.visit.invitation is not None:
            assert self.visit.invitation.extension is None

    @invariant()
    def the_patients_wifi_never_outlives_the_visit_or_its_limit(self) -> None:
        if self.wifi_since is None:
            return
        assert self.visit.step is not Step.IDLE
        over = self.at - self.wifi_since >= self.policy.wifi_limit_s
        if over or self.visit.step in (Step.ENDED, Step.TIDY):
            assert self.removal_asked_at is not None

    @invariant()
    def the_kit_rings_only_while_nobody_has_answered(self) -> None:
        assert self.ringing == (self.visit.step is Step.RINGING)

    @invariant()
    def nothing_rings_for_longer_than_the_region_allows(self) -> None:
        if self.visit.step is Step.RINGING:
            assert self.at - self.visit.since < self.policy.ring_limit_s

    @invariant()
    def an_open_visit_is_marked_for_the_case_of_a_crash(self) -> None:
        in_tidy = self.visit.step in (Step.ENDED, Step.TIDY)
        if self.visit.step is Step.RINGING:
            return  # Nothing was confirmed, shown or joined yet.
        if self.visit.invitation is not None or self.visit.wifi_since is not None or in_tidy:
            assert self.marked_open

    @invariant()
    def every_visit_can_be_brought_to_its_end_through_tidy(self) -> None:
        visit, at, tidied = self.visit, self.at, self.visit.step is Step.IDLE
        was_meeting = visit.invitation is not None
        ways_out: list[ev.Touch | ev.Fact] = [
            ev.DeclineCall(),
            ev.HangUp(),
            ev.Proceed(),
            ev.WifiRemoved(),
            *[ev.NextTidy()] * len(TidyTask),
        ]
        for event in ways_out:
            visit, _ = step(visit, ev.At(at, event), self.policy)
            tidied = tidied or visit.step is Step.TIDY
        assert visit.step is Step.IDLE
        assert tidied or not was_meeting or visit.spent == self.visit.spent


Visits.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestVisits = Visits.TestCase
