"""When a kit is called online, late or silent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.presence import Connected, Disconnected, Event, Heard, Policy, State, advance, due_at, observe

MINUTE = 60_000
POLICY = Policy(late_after_ms=3 * MINUTE, silent_after_ms=15 * MINUTE)
SESSIONS = st.sampled_from(["a", "b", "c"])
EVENTS = st.one_of(
    SESSIONS.map(Connected),
    SESSIONS.map(lambda session: Disconnected(session, "connection_lost")),
    SESSIONS.map(lambda session: Disconnected(session, "shutdown")),
    st.just(Heard()),
)
HISTORY = st.lists(st.tuples(st.integers(0, 20 * MINUTE), st.one_of(EVENTS, st.none())), max_size=30)


def play(history: list[tuple[int, Event | None]]) -> list[tuple[int, State]]:
    """The states after each pause and event; a None is a look at the clock."""
    now, state, states = 1_000_000, State(), []
    for pause, event in history:
        now += pause
        state = advance(state, now, 0, POLICY)
        states.append((now, state))
        if event is not None:
            state = observe(state, event, now)
            states.append((now, state))
    return states


@given(HISTORY)
def test_since_is_when_the_word_began(history: list[tuple[int, Event | None]]) -> None:
    before = State()
    for now, state in play(history):
        assert before.since <= state.since <= now
        assert (
            (state.since == before.since)
            or (state.word != before.word)
            or "late" in (before.word, state.word)
        )
        before = state


@given(HISTORY)
def test_an_online_kit_was_heard_within_the_limit(history: list[tuple[int, Event | None]]) -> None:
    for now, state in play(history):
        if state.word == "online":
            assert state.connected
            assert state.heard_at is not None
            assert now - state.heard_at < POLICY.late_after_ms


@given(HISTORY)
def test_a_kit_whose_connection_is_over_is_silent(history: list[tuple[int, Event | None]]) -> None:
    for _, state in play(history):
        if not state.connected:
            assert state.word in ("silent", "never_seen")


@given(HISTORY, st.integers(0, 60 * MINUTE))
def test_waiting_in_steps_is_the_same_as_waiting_once(
    history: list[tuple[int, Event | None]], wait: int
) -> None:
    for now, state in play(history):
        half = advance(state, now + wait // 2, 0, POLICY)
        assert advance(half, now + wait, 0, POLICY) == advance(state, now + wait, 0, POLICY)


@given(HISTORY)
def test_nothing_changes_before_it_is_due(history: list[tuple[int, Event | None]]) -> None:
    for _, state in play(history):
        due = due_at(state, 0, POLICY)
        if due is None:
            assert advance(state, 10**15, 0, POLICY) == state
        else:
            assert advance(state, due - 1, 0, POLICY) == state
            assert advance(state, due, 0, POLICY) != state


@given(HISTORY, EVENTS)
def test_the_same_presence_message_twice_is_once(
    history: list[tuple[int, Event | None]], event: Event
) -> None:
    for now, state in play(history):
        once = observe(state, event, now)
        assert observe(once, event, now) == once


def test_a_kit_that_dies_is_silent_at_once() -> None:
    state = observe(observe(State(), Connected("a"), 1000), Disconnected("a", "connection_lost"), 2000)
    assert (state.word, state.why, state.since) == ("silent", "connection_lost", 2000)


def test_the_late_will_of_a_replaced_connection_changes_nothing() -> None:
    state = observe(observe(State(), Connected("a"), 1000), Connected("b"), 2000)
    assert observe(state, Disconnected("a", "connection_lost"), 3000) == state


def test_the_end_of_a_connection_that_was_never_announced_counts() -> None:
    state = observe(observe(State(), Connected("a"), 1000), Disconnected("b", "shutdown"), 2000)
    assert (state.word, state.why) == ("silent", "shutdown")


def test_a_report_that_was_on_its_way_does_not_wake_the_dead() -> None:
    dead = observe(observe(State(), Connected("a"), 1000), Disconnected("a", "connection_lost"), 2000)
    assert observe(dead, Heard(), 3000).word == "silent"


def test_a_kit_that_keeps_reporting_is_online_whatever_its_presence_said() -> None:
    dead = observe(observe(State(), Connected("a"), 1000), Disconnected("a", "connection_lost"), 2000)
    state = observe(dead, Heard(), 60_000)
    assert (state.word, state.why) == ("online", "reports")


def test_no_kit_is_late_because_the_fleet_was_not_listening() -> None:
    state = observe(State(), Connected("a"), 0)
    hour = 60 * MINUTE
    assert advance(state, hour + MINUTE, hour, POLICY).word == "online"
    assert advance(state, hour + 3 * MINUTE, hour, POLICY).word == "late"


def test_a_kit_that_goes_quiet_is_late_then_silent() -> None:
    state = observe(State(), Connected("a"), 0)
    late = advance(state, 3 * MINUTE, 0, POLICY)
    silent = advance(state, 15 * MINUTE, 0, POLICY)
    assert (late.word, late.since, late.why) == ("late", 3 * MINUTE, "no_report")
    assert (silent.word, silent.since) == ("silent", 15 * MINUTE)


def test_a_reconnection_is_not_a_new_beginning() -> None:
    state = observe(observe(State(), Connected("a"), 1000), Connected("b"), 5000)
    assert (state.word, state.since) == ("online", 1000)
