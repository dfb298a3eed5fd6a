"""Presence of one kit: never_seen, online, late or silent, with why and since when.

Three things are told apart that fleets often mix up: what the broker knows of the connection (online message
and last will), what the kit has lately said (reports), and whether the fleet itself was listening. A kit is
not called late because the fleet's own ingest was down.

All times are UTC milliseconds by the fleet's clock.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

Word: TypeAlias = Literal["never_seen", "online", "late", "silent"]
Goodbye: TypeAlias = Literal["connection_lost", "shutdown", "restart", "update", "battery_empty"]
Why: TypeAlias = Literal["never_heard", "connected", "reports", "no_report", Goodbye]

PAST_SESSIONS: Final = 4
DRAIN_MS: Final = 10_000
"""A report this soon after the last will may have been on its way before the kit was lost; later it proves
life.
"""


class Policy(Struct, frozen=True, kw_only=True):
    """How long a connected kit may be quiet.

    A kit's heartbeat should be at most a third of `late_after_ms`.
    """

    late_after_ms: int = 180_000
    silent_after_ms: int = 900_000


class State(Struct, frozen=True, kw_only=True):
    """What is known. `since` is when `word` began; `past` are connections known to be over, newest last."""

    word: Word = "never_seen"
    why: Why = "never_heard"
    since: int = 0
    connected: bool = False
    session: str | None = None
    past: tuple[str, ...] = ()
    heard_at: int | None = None


class Connected(Struct, frozen=True):
    """The kit's online message."""

    session: str


class Disconnected(Struct, frozen=True):
    """The kit's goodbye or its last will."""

    session: str
    why: Goodbye


class Heard(Struct, frozen=True):
    """A report has been received."""


Event: TypeAlias = Connected | Disconnected | Heard


def observe(state: State, event: Event, at: int) -> State:
    """The state after an event at time `at`; time never runs backwards."""
    at = max(at, state.since, state.heard_at or 0)
    match event:
        case Connected(session):
            return _connected(state, session, at)
        case Disconnected(session, why):
            return _disconnected(state, session, why, at)
        case Heard():
            return _heard(state, at)


def advance(state: State, now: int, listening_since: int, policy: Policy) -> State:
    """The state after mere waiting. Call it only while the fleet is listening, since `listening_since`."""
    due = due_at(state, listening_since, policy)
    while due is not None and due <= now:
        state = replace(
            state, word="late" if state.word == "online" else "silent", why="no_report", since=due
        )
        due = due_at(state, listening_since, policy)
    return state


def due_at(state: State, listening_since: int, policy: Policy) -> int | None:
    """When waiting alone will change the state, or None."""
    if state.word not in ("online", "late"):
        return None
    limit = policy.late_after_ms if state.word == "online" else policy.silent_after_ms
    quiet_since = max(state.heard_at or 0, listening_since)
    return max(quiet_since + limit, state.since)


def _connected(state: State, session: str, at: int) -> State:
    if session in state.past:
        return state  # an old retained message: the broker came back with an older state than ours
    past = state.past if state.session in (None, session) else _remember(state.past, state.session)
    fresh = replace(state, connected=True, session=session, past=past, heard_at=at)
    return fresh if state.word == "online" else replace(fresh, word="online", why="connected", since=at)


def _disconnected(state: State, session: str, why: Goodbye, at: int) -> State:
    if session in state.past:
        return state  # the late will of a connection that another one has replaced, or a repetition
    past = _remember(_remember(state.past, state.session), session)
    gone = replace(state, connected=False, session=None, past=past)
    return replace(gone, word="silent", why=why, since=state.since if state.word == "silent" else at)


def _heard(state: State, at: int) -> State:
    heard = replace(state, heard_at=at)
    if state.word == "online":
        return heard
    if state.word == "silent" and not state.connected and at - state.since < DRAIN_MS:
        return heard
    return replace(heard, word="online", why="reports", since=at, connected=True)


def _remember(past: tuple[str, ...], session: str | None) -> tuple[str, ...]:
    if session is None or session in past:
        return past
    return (*past, session)[-PAST_SESSIONS:]
