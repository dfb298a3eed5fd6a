"""What holds for the patient's Wi-Fi, whatever happens in whatever order; and the way through it."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from kit.agent import wifi_flow
from kit.agent.wifi_flow import OFFER_AFTER_S, TRIES_BEFORE_STUCK, WARN_BEFORE_S
from kit.agent.wifi_model import (
    Cause,
    CodeSeen,
    Effect,
    Event,
    Flow,
    Gone,
    Join,
    Joined,
    JoinFailed,
    ReadCodes,
    RemovalAsked,
    RemovalDone,
    Remove,
    Scan,
    Scanned,
    Target,
    TellJoined,
    TellRemoved,
    TellStuck,
    Ticked,
    World,
)
from kit.ipc import wifi as cmd
from kit.ipc.network import Signal, WifiSecurity, WifiStep, WifiTrouble
from kit.network.wifi.names import Name
from kit.network.wifi.patient import Found
from kit.network.wifi.secrets import Secret

NAME, KEY = "Kanarieburen", "kanariefågel-4711"
LIMIT_S = 600.0


def found(name: str = NAME, security: WifiSecurity = WifiSecurity.KEY) -> Found:
    return Found(name=Name(name.encode()), label=name, signal=Signal.GOOD, security=security, hotspot=False)


CODE = Target(where=Name(NAME.encode()), label=NAME, secret=Secret(KEY))
LISTS = [(), (found(),), (found("Annat nät"), found(), found("Öppet", WifiSecurity.OPEN))]

touches: st.SearchStrategy[Event] = st.one_of(
    st.builds(cmd.AnswerWifi, st.sampled_from(WifiStep), st.booleans()),
    st.builds(cmd.ChooseWifi, st.integers(0, 4)),
    st.builds(cmd.TypeWifiName, st.sampled_from(["", NAME, "å" * 17])),
    st.builds(cmd.EnterWifiKey, st.sampled_from(["", "kort", KEY, "f" * 64, "x" * 129])),
    st.builds(cmd.ReadWifiCode, st.booleans()),
    st.sampled_from([cmd.BeginWifi(), cmd.ScanWifi(), cmd.BackWifi(), cmd.CloseWifi(), cmd.RemoveWifiNow()]),
)


class Flows(RuleBasedStateMachine):
    """The flow in a world with a clock, a visit, other links, a radio that obeys, and power cuts."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(at=1000.0, limit_s=LIMIT_S)
        self.restart()

    def restart(self) -> None:
        self.flow = Flow()
        self.yes: set[WifiStep] = set()
        self.joining = self.removing = self.scanning = self.reading = False
        self.on_since: float | None = None

    def happen(self, event: Event) -> None:
        shown = self.flow.step
        if isinstance(event, cmd.AnswerWifi) and event.step is shown and event.yes:
            self.yes.add(shown)
        self.flow, effects = wifi_flow.step(self.flow, event, self.world)
        for effect in effects:
            self.obey(effect)

    def obey(self, effect: Effect) -> None:
        match effect:
            case Join(target):
                assert self.yes >= set(wifi_flow.QUESTIONS)
                assert self.world.visiting
                assert self.world.able
                assert not self.world.carried
                assert target.where is not None
                self.joining = True
            case Remove():
                self.joining, self.removing = False, True
            case Scan():
                self.scanning = True
            case ReadCodes(on):
                assert on != self.reading
                self.reading = on
            case TellJoined():
                assert self.on_since is not None
            case TellRemoved(cause):
                assert not (cause is None and self.on_since is not None)

    @rule(touch=touches)
    def touch(self, touch: Event) -> None:
        self.happen(touch)

    @rule()
    def go_on(self) -> None:
        """Do what the screen asks for, so that the end is reached often."""
        match self.flow.step:
            case WifiStep.CLOSED:
                self.happen(cmd.BeginWifi())
            case WifiStep.REASON | WifiStep.CONSENT:
                self.happen(cmd.AnswerWifi(self.flow.step, yes=True))
            case WifiStep.CHOOSE:
                self.happen(cmd.TypeWifiName(NAME))
            case WifiStep.KEY:
                self.happen(cmd.EnterWifiKey(KEY))

    @rule()
    def go_all_the_way(self) -> None:
        """A visit, nothing that carries, and staff that does what is asked: onto the patient's Wi-Fi."""
        self.world = replace(self.world, visiting=True, carried=False, able=True)
        if self.removing:
            self.a_removal_ends(True)
        self.time_passes(OFFER_AFTER_S)
        self.time_passes(OFFER_AFTER_S)
        for _ in WifiStep:
            self.go_on()
        if self.joining and not self.removing:
            self.a_join_ends(WifiTrouble.NONE)

    @precondition(lambda self: self.joining)
    @rule(trouble=st.sampled_from(WifiTrouble))
    def a_join_ends(self, trouble: WifiTrouble) -> None:
        self.joining = False
        if trouble is WifiTrouble.NONE:
            self.on_since = self.world.at
            self.happen(Joined())
        else:
            self.happen(JoinFailed(trouble))

    @precondition(lambda self: self.removing)
    @rule(verified=st.booleans())
    def a_removal_ends(self, verified: bool) -> None:
        self.removing = False
        was_on = self.on_since
        self.happen(RemovalDone(verified))
        if verified and was_on is not None:
            self.on_since = None

    @precondition(lambda self: self.scanning)
    @rule(networks=st.sampled_from(LISTS))
    def a_scan_ends(self, networks: tuple[Found, ...]) -> None:
        self.scanning = False
        self.happen(Scanned(networks))

    @rule(code=st.sampled_from([WifiTrouble.KEY_FORM, CODE]))
    def a_code_is_read(self, code: Target | WifiTrouble) -> None:
        self.happen(CodeSeen(code))

    @precondition(lambda self: self.on_since is not None)
    @rule(trouble=st.sampled_from([WifiTrouble.OUT_OF_REACH, WifiTrouble.TIME_OVER]))
    def it_ends_by_itself(self, trouble: WifiTrouble) -> None:
        self.happen(Gone(trouble))

    @rule()
    def a_visit_begins(self) -> None:
        self.world = replace(self.world, visiting=True)
        self.happen(Ticked())

    @rule()
    def the_visit_ends(self) -> None:
        self.world = replace(self.world, visiting=False)
        self.yes.clear()
        self.happen(RemovalAsked())

    @rule(carried=st.booleans(), able=st.booleans())
    def links_change(self, carried: bool, able: bool) -> None:
        self.world = replace(self.world, carried=carried, able=able)
        self.happen(Ticked())

    @rule(seconds=st.sampled_from([1.0, OFFER_AFTER_S, 400.0, 4000.0]))
    def time_passes(self, seconds: float) -> None:
        """The clock moves on."""
        self.world = replace(self.world, at=self.world.at + seconds)
        self.happen(Ticked())

    @rule()
    def power_cut(self) -> None:
        """The holder and its profile die with the agent, which sweeps when it comes back."""
        self.restart()
        self.world = replace(self.world, visiting=False)

    @invariant()
    def it_is_offered_only_when_nothing_else_carries(self) -> None:
        if wifi_flow.offered(self.flow, self.world):
            assert self.world.visiting
            assert not self.world.carried

    @invariant()
    def nothing_is_asked_while_another_link_carries_or_after_the_visit(self) -> None:
        if self.flow.step in wifi_flow.ASKING | {WifiStep.JOINING}:
            assert self.world.visiting
            assert not self.world.carried

    @invariant()
    def it_outlives_neither_the_visit_nor_its_limit(self) -> None:
        if self.on_since is not None:
            over = self.world.at - self.on_since >= LIMIT_S
            if over or not self.world.visiting:
                tried = self.flow.failed > 0
                assert self.removing or tried
            assert self.flow.step in {WifiStep.ON, WifiStep.REMOVING} or self.removing or self.flow.failed

    @invariant()
    def it_says_that_it_is_on_only_while_it_is(self) -> None:
        if self.flow.step is WifiStep.ON:
            assert self.on_since is not None

    @invariant()
    def the_camera_looks_only_where_a_code_is_chosen(self) -> None:
        assert not self.reading or self.flow.step is WifiStep.CHOOSE

    @invariant()
    def no_name_and_no_password_is_said(self) -> None:
        said = repr(self.flow)
        assert KEY not in said
        shown = wifi_flow.view(self.flow, self.world)
        if self.flow.step not in {WifiStep.CHOOSE, WifiStep.KEY, WifiStep.JOINING}:
            assert NAME not in repr(shown)
        assert KEY not in repr(shown)


Flows.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
TestFlows = Flows.TestCase


# the way through it

ALONE = World(at=1000.0 + OFFER_AFTER_S, limit_s=LIMIT_S, visiting=True)


def after(*events: Event, world: World = ALONE) -> tuple[Flow, tuple[Effect, ...]]:
    flow, effects = wifi_flow.step(Flow(), Ticked(), replace(world, at=world.at - OFFER_AFTER_S))
    for event in events:
        flow, effects = wifi_flow.step(flow, event, world)
    return flow, effects


ASKED = (cmd.BeginWifi(), cmd.AnswerWifi(WifiStep.REASON, True), cmd.AnswerWifi(WifiStep.CONSENT, True))
CHOSEN = (*ASKED, Scanned((found(),)), cmd.ChooseWifi(0))
ON = (*CHOSEN, cmd.EnterWifiKey(KEY), Joined())


def test_two_questions_a_network_and_its_password_lead_onto_it() -> None:
    assert after(*ASKED)[1] == (Scan(),)
    assert after(*CHOSEN)[0].step is WifiStep.KEY
    flow, effects = after(*CHOSEN, cmd.EnterWifiKey(KEY))
    assert effects == (Join(Target(where=found(), label=NAME, secret=Secret(KEY))),)
    flow, effects = after(*ON)
    assert (flow.step, flow.ends_at, effects) == (WifiStep.ON, ALONE.at + LIMIT_S, (TellJoined(),))


def test_a_no_closes_it() -> None:
    for answers in ((False,), (True, False)):
        steps = zip(wifi_flow.QUESTIONS, answers, strict=False)
        flow, _ = after(cmd.BeginWifi(), *(cmd.AnswerWifi(*answer) for answer in steps))
        assert flow.step is WifiStep.CLOSED


def test_it_is_not_offered_at_once_when_a_link_is_lost() -> None:
    flow, _ = wifi_flow.step(Flow(), Ticked(), ALONE)
    assert not wifi_flow.offered(flow, ALONE)
    assert wifi_flow.offered(flow, replace(ALONE, at=ALONE.at + OFFER_AFTER_S))


def test_an_open_network_needs_no_password_and_a_companys_login_is_refused() -> None:
    flow, effects = after(*ASKED, Scanned((found(security=WifiSecurity.OPEN),)), cmd.ChooseWifi(0))
    assert isinstance(effects[0], Join)
    flow, effects = after(*ASKED, Scanned((found(security=WifiSecurity.NOT_SUPPORTED),)), cmd.ChooseWifi(0))
    assert (flow.step, flow.trouble, effects) == (WifiStep.CHOOSE, WifiTrouble.NOT_SUPPORTED, ())


@pytest.mark.parametrize("key", ["", "x" * 129, "med\nradbrytning"])
def test_a_password_that_no_network_takes_is_refused_at_once(key: str) -> None:
    flow, effects = after(*CHOSEN, cmd.EnterWifiKey(key))
    assert (flow.step, flow.trouble, effects) == (WifiStep.KEY, WifiTrouble.KEY_FORM, ())


def test_a_wrong_password_is_asked_for_again_and_what_it_left_is_removed() -> None:
    flow, effects = after(*CHOSEN, cmd.EnterWifiKey(KEY), JoinFailed(WifiTrouble.KEY_WRONG))
    assert (flow.step, flow.trouble, flow.removing) == (WifiStep.KEY, WifiTrouble.KEY_WRONG, True)
    assert effects == (Remove(),)
    assert flow.target is not None
    assert flow.target.secret is None


def test_a_new_attempt_is_not_ended_by_what_an_earlier_one_left_behind() -> None:
    failed = (*CHOSEN, cmd.EnterWifiKey(KEY), JoinFailed(WifiTrouble.KEY_WRONG), RemovalDone(False))
    assert after(*failed, Ticked())[1] == (Remove(),)
    flow, effects = after(*failed, cmd.EnterWifiKey(KEY), Ticked())
    assert (flow.step, effects) == (WifiStep.JOINING, ())


def test_any_other_trouble_leads_back_to_the_list() -> None:
    flow, effects = after(*CHOSEN, cmd.EnterWifiKey(KEY), JoinFailed(WifiTrouble.PORTAL))
    assert (flow.step, flow.trouble) == (WifiStep.CHOOSE, WifiTrouble.PORTAL)
    assert set(effects) == {Remove(), Scan()}


def test_a_code_that_was_read_before_the_visit_still_asks_both_questions_first() -> None:
    idle = replace(ALONE, visiting=False)
    flow, _ = after(CodeSeen(CODE), world=idle)
    assert wifi_flow.view(flow, idle).code_waiting
    flow, _ = wifi_flow.step(flow, Ticked(), ALONE)
    assert flow.step is WifiStep.REASON
    for question in wifi_flow.QUESTIONS:
        flow, effects = wifi_flow.step(flow, cmd.AnswerWifi(question, True), ALONE)
    assert effects == (Join(CODE),)


def test_a_code_is_kept_for_some_minutes_only() -> None:
    idle = replace(ALONE, visiting=False)
    flow, _ = after(CodeSeen(CODE), world=idle)
    flow, _ = wifi_flow.step(flow, Ticked(), replace(idle, at=idle.at + wifi_flow.CODE_KEPT_S))
    assert flow.code is None


def test_a_code_before_the_camera_leads_on_and_an_unreadable_one_is_said() -> None:
    assert after(*ASKED, cmd.ReadWifiCode(True))[1] == (ReadCodes(True),)
    flow, _ = after(*ASKED, cmd.ReadWifiCode(True), CodeSeen(WifiTrouble.CODE_INVALID))
    assert flow.trouble is WifiTrouble.CODE_INVALID
    flow, effects = after(*ASKED, cmd.ReadWifiCode(True), CodeSeen(CODE))
    assert effects == (Join(CODE), ReadCodes(False))


def test_a_network_keeps_its_number_in_a_new_list() -> None:
    flow, _ = after(*ASKED, Scanned((found(),)), Scanned((found("Nytt"), found())))
    assert [(number, network.label) for number, network in flow.networks] == [(1, "Nytt"), (0, NAME)]


def test_staff_is_warned_before_the_limit_and_the_limit_removes_it() -> None:
    flow, _ = after(*ON)
    assert flow.ends_at is not None
    soon = replace(ALONE, at=flow.ends_at - WARN_BEFORE_S)
    assert wifi_flow.view(flow, soon).ends_soon
    flow, effects = wifi_flow.step(flow, Ticked(), replace(ALONE, at=flow.ends_at))
    assert (flow.step, flow.trouble, effects) == (WifiStep.REMOVING, WifiTrouble.TIME_OVER, (Remove(),))
    flow, effects = wifi_flow.step(flow, RemovalDone(True), ALONE)
    assert (flow.step, effects) == (WifiStep.REMOVED, (TellRemoved(Cause.TIME_LIMIT),))


def test_after_a_removal_the_questions_are_asked_again() -> None:
    flow, _ = after(*ON, cmd.RemoveWifiNow(), RemovalDone(True), cmd.CloseWifi(), cmd.BeginWifi())
    assert flow.step is WifiStep.REASON


def test_a_removal_that_is_not_verified_is_tried_again_and_said_and_told_once() -> None:
    flow, effects = after(*ON, cmd.RemoveWifiNow())
    told = []
    for _ in range(TRIES_BEFORE_STUCK + 2):
        flow, effects = wifi_flow.step(flow, RemovalDone(False), ALONE)
        told += [effect for effect in effects if isinstance(effect, TellStuck)]
        flow, effects = wifi_flow.step(flow, Ticked(), ALONE)
        assert effects == (Remove(),)
    assert told == [TellStuck(Cause.BY_HAND)]
    assert wifi_flow.view(flow, ALONE).stuck
    flow, _ = wifi_flow.step(flow, RemovalDone(True), ALONE)
    assert not wifi_flow.view(flow, ALONE).stuck


def test_another_link_that_carries_ends_a_joining() -> None:
    flow, effects = after(*CHOSEN, cmd.EnterWifiKey(KEY))
    flow, effects = wifi_flow.step(flow, Ticked(), replace(ALONE, carried=True))
    assert (flow.step, effects) == (WifiStep.CLOSED, (Remove(),))


def test_a_visits_end_without_any_wifi_is_verified_too_and_told_as_no_removal() -> None:
    idle = replace(ALONE, visiting=False)
    flow, effects = after(RemovalAsked(), RemovalAsked(), world=idle)
    assert effects == ()
    assert wifi_flow.step(flow, RemovalDone(True), idle)[1] == (TellRemoved(None),)
