"""The patient's Wi-Fi as an emergency: ``step(flow, event, world) -> (flow, effects)``. Pure.

What holds whatever happens, and is tested with random events: nothing is joined before both questions were
answered with yes in this visit; nothing is offered, asked or joined while another link carries the kit; and
what was joined is being removed as soon as the visit, the time limit or staff ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

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
from kit.ipc.network import PatientWifi, WifiNetwork, WifiSecurity, WifiStep, WifiTrouble
from kit.network.wifi import names
from kit.network.wifi.patient import Found
from kit.network.wifi.secrets import Secret

Outcome = tuple[Flow, tuple[Effect, ...]]

OFFER_AFTER_S = 10.0
"""For so long nothing has carried the kit before the patient is bothered: modems and cables come back."""
WARN_BEFORE_S = 300.0
CODE_KEPT_S = 600.0
"""A code that was read before a meeting was chosen."""
TRIES_BEFORE_STUCK = 3
NETWORKS = 100
QUESTIONS = (WifiStep.REASON, WifiStep.CONSENT)
ASKING = frozenset({*QUESTIONS, WifiStep.CHOOSE, WifiStep.KEY})
"""Steps in which there is nothing to remove yet."""
HELD = frozenset({WifiStep.JOINING, WifiStep.ON})


def step(flow: Flow, event: Event, world: World) -> Outcome:
    """Return the flow after the event, and what is to be done."""
    alone = None if world.carried else flow.alone_since if flow.alone_since is not None else world.at
    flow = replace(flow, alone_since=alone)
    after, effects = _HANDLERS[type(event)](flow, event, world)
    settled, more = _settle(after, world)
    reads = settled.reading_code
    codes: tuple[Effect, ...] = (ReadCodes(reads),) if reads != flow.reading_code else ()
    return settled, (*effects, *more, *codes)


def offered(flow: Flow, world: World) -> bool:
    """Whether staff may begin: nothing else has carried the kit for a while, in a visit with a meeting."""
    since = flow.alone_since
    waited = since is not None and world.at - since >= OFFER_AFTER_S
    return flow.step is WifiStep.CLOSED and not flow.removing and waited and _possible(world)


def view(flow: Flow, world: World) -> PatientWifi:
    """Return what the screen may know. The networks are shown only while one of them is chosen."""
    choosing = flow.step in {WifiStep.CHOOSE, WifiStep.KEY}
    named = flow.step in {WifiStep.KEY, WifiStep.JOINING} and flow.target is not None
    return PatientWifi(
        offered=offered(flow, world),
        step=flow.step,
        trouble=flow.trouble,
        scanning=flow.scanning,
        networks=tuple(_shown(*numbered) for numbered in flow.networks) if choosing else (),
        chosen=flow.target.label if named and flow.target else "",
        ends_at=flow.ends_at,
        ends_soon=flow.ends_at is not None and flow.ends_at - world.at <= WARN_BEFORE_S,
        reading_code=flow.reading_code,
        code_waiting=flow.code is not None,
        stuck=flow.failed >= TRIES_BEFORE_STUCK,
    )


def _shown(number: int, found: Found) -> WifiNetwork:
    return WifiNetwork(
        number=number,
        label=found.label,
        signal=found.signal,
        security=found.security,
        hotspot=found.hotspot,
    )


# what staff does


def _begin(flow: Flow, _event: cmd.BeginWifi, world: World) -> Outcome:
    return _forward(flow) if offered(flow, world) else (flow, ())


def _answer(flow: Flow, event: cmd.AnswerWifi, _world: World) -> Outcome:
    if flow.step is not event.step or event.step not in QUESTIONS:
        return flow, ()
    if not event.yes:
        return _closed(flow), ()
    return _forward(replace(flow, agreed=flow.agreed | {event.step}))


def _forward(flow: Flow) -> Outcome:
    """To the first question that is open, else to the network whose code was read, else to the list."""
    unanswered = [question for question in QUESTIONS if question not in flow.agreed]
    if unanswered:
        return replace(flow, step=unanswered[0], trouble=WifiTrouble.NONE), ()
    return _join(flow, flow.code) if flow.code is not None else _choose(flow, WifiTrouble.NONE)


def _choose(flow: Flow, trouble: WifiTrouble) -> Outcome:
    choosing = replace(
        flow, step=WifiStep.CHOOSE, trouble=trouble, target=None, scanning=True, reading_code=False
    )
    return choosing, (() if flow.scanning else (Scan(),))


def _scan(flow: Flow, _event: cmd.ScanWifi, _world: World) -> Outcome:
    return _choose(flow, WifiTrouble.NONE) if flow.step is WifiStep.CHOOSE else (flow, ())


def _chosen(flow: Flow, event: cmd.ChooseWifi, _world: World) -> Outcome:
    found = dict(flow.networks).get(event.number)
    if flow.step is not WifiStep.CHOOSE or found is None:
        return flow, ()
    if found.security is WifiSecurity.NOT_SUPPORTED:
        return replace(flow, trouble=WifiTrouble.NOT_SUPPORTED), ()
    target = Target(where=found, label=found.label)
    return _join(flow, target) if found.security is WifiSecurity.OPEN else (_ask_key(flow, target), ())


def _named(flow: Flow, event: cmd.TypeWifiName, _world: World) -> Outcome:
    if flow.step is not WifiStep.CHOOSE:
        return flow, ()
    name = names.typed(event.name)
    if name is None:
        return replace(flow, trouble=WifiTrouble.NAME_FORM), ()
    target = Target(where=name, label=names.label(name))
    listed = {network.security for _, network in flow.networks if network.name == name}
    # Whether one that hides wants a password is seen when it answers to its name.
    return (_ask_key(flow, target), ()) if listed - {WifiSecurity.OPEN} else _join(flow, target)


def _ask_key(flow: Flow, target: Target, trouble: WifiTrouble = WifiTrouble.NONE) -> Flow:
    return replace(
        flow, step=WifiStep.KEY, target=replace(target, secret=None), trouble=trouble, reading_code=False
    )


def _key(flow: Flow, event: cmd.EnterWifiKey, _world: World) -> Outcome:
    if flow.step is not WifiStep.KEY or flow.target is None:
        return flow, ()
    secret = Secret(event.key)
    if not (secret.fits_wpa2 or secret.fits_sae):
        return replace(flow, trouble=WifiTrouble.KEY_FORM), ()
    return _join(flow, replace(flow.target, secret=secret))


def _join(flow: Flow, target: Target) -> Outcome:
    joining = replace(
        flow, step=WifiStep.JOINING, target=target, trouble=WifiTrouble.NONE, code=None, reading_code=False
    )
    return joining, (Join(target),)


def _read_code(flow: Flow, event: cmd.ReadWifiCode, _world: World) -> Outcome:
    if flow.step is not WifiStep.CHOOSE:
        return flow, ()
    return replace(flow, reading_code=event.on, trouble=WifiTrouble.NONE), ()


def _back(flow: Flow, _event: cmd.BackWifi, _world: World) -> Outcome:
    match flow.step:
        case WifiStep.CONSENT:
            return replace(flow, step=WifiStep.REASON, agreed=frozenset()), ()
        case WifiStep.CHOOSE if flow.reading_code:
            return replace(flow, reading_code=False, trouble=WifiTrouble.NONE), ()
        case WifiStep.KEY:
            return _choose(flow, WifiTrouble.NONE)
        case WifiStep.JOINING:
            return _given_up(*_choose(flow, WifiTrouble.NONE))
        case _:
            return _closed(flow) if flow.step in {*ASKING, WifiStep.REMOVED} else flow, ()


def _close(flow: Flow, _event: cmd.CloseWifi, _world: World) -> Outcome:
    if flow.step is WifiStep.JOINING:
        return _given_up(_closed(flow), ())
    return _closed(flow) if flow.step in {*ASKING, WifiStep.REMOVED} else flow, ()


def _given_up(flow: Flow, effects: tuple[Effect, ...]) -> Outcome:
    """What was being joined may leave something behind."""
    return replace(flow, removing=True, cause=flow.cause or Cause.BY_HAND), (Remove(), *effects)


def _closed(flow: Flow) -> Flow:
    """Nothing is shown or kept any more but what was answered, and what is still to be removed."""
    return Flow(
        agreed=flow.agreed,
        scanning=flow.scanning,
        removing=flow.removing,
        failed=flow.failed,
        cause=flow.cause,
        alone_since=flow.alone_since,
        was_on=flow.was_on,
    )


def _remove_now(flow: Flow, _event: cmd.RemoveWifiNow, _world: World) -> Outcome:
    return _remove(flow, Cause.BY_HAND) if flow.step is WifiStep.ON else (flow, ())


# what happens


def _scanned(flow: Flow, event: Scanned, _world: World) -> Outcome:
    flow = replace(flow, scanning=False)
    if flow.step is not WifiStep.CHOOSE:
        return flow, ()
    return replace(flow, networks=_numbered(flow.networks, event.networks)), ()


def _numbered(
    before: tuple[tuple[int, Found], ...], found: tuple[Found, ...]
) -> tuple[tuple[int, Found], ...]:
    """Let a network keep its number: a tap that crosses a new list on its way must not join another one."""
    known = {(network.name, network.security): number for number, network in before}
    numbers = [known.pop((network.name, network.security), None) for network in found[:NETWORKS]]
    free = (number for number in range(NETWORKS) if number not in numbers)
    return tuple(
        (next(free) if number is None else number, network)
        for number, network in zip(numbers, found[:NETWORKS], strict=True)
    )


def _code_seen(flow: Flow, event: CodeSeen, world: World) -> Outcome:
    code = event.code
    if flow.step is WifiStep.CHOOSE and flow.reading_code:
        return (replace(flow, trouble=code), ()) if isinstance(code, WifiTrouble) else _join(flow, code)
    if flow.step is WifiStep.CLOSED and isinstance(code, Target):
        return replace(flow, code=code, code_at=world.at), ()
    return flow, ()


def _joined(flow: Flow, _event: Joined, world: World) -> Outcome:
    if flow.step is not WifiStep.JOINING or not _possible(world):
        return _given_up(flow, ())
    on = replace(flow, step=WifiStep.ON, target=None, networks=(), was_on=True)
    return replace(on, ends_at=world.at + world.limit_s), (TellJoined(),)


def _join_failed(flow: Flow, event: JoinFailed, _world: World) -> Outcome:
    if flow.step is not WifiStep.JOINING or flow.target is None:
        return flow, ()
    if event.trouble in {WifiTrouble.KEY_WRONG, WifiTrouble.KEY_FORM}:
        unasked = flow.target.secret is None
        trouble = WifiTrouble.NONE if unasked else event.trouble
        return _given_up(_ask_key(flow, flow.target, trouble), ())
    return _given_up(*_choose(flow, event.trouble))


def _gone(flow: Flow, event: Gone, _world: World) -> Outcome:
    if flow.step is not WifiStep.ON:
        return flow, ()
    over = event.trouble is WifiTrouble.TIME_OVER
    return _remove(replace(flow, trouble=event.trouble), Cause.TIME_LIMIT if over else Cause.LOST)


def _removal_asked(flow: Flow, _event: RemovalAsked, world: World) -> Outcome:
    flow = replace(flow, code=None)
    if flow.step in HELD:
        return _remove(flow, _ending(flow, world))
    return (flow, ()) if flow.removing else (replace(flow, removing=True), (Remove(),))


def _ending(flow: Flow, world: World) -> Cause:
    over = flow.ends_at is not None and world.at >= flow.ends_at
    return Cause.TIME_LIMIT if over else Cause.VISIT_ENDED


def _remove(flow: Flow, cause: Cause) -> Outcome:
    trouble = WifiTrouble.TIME_OVER if cause is Cause.TIME_LIMIT else flow.trouble
    going = replace(
        flow, step=WifiStep.REMOVING, trouble=trouble, cause=cause, removing=True, target=None, networks=()
    )
    return going, (Remove(),)


def _removal_done(flow: Flow, event: RemovalDone, _world: World) -> Outcome:
    flow = replace(flow, removing=False)
    if not event.verified:
        failed = flow.failed + 1
        stuck = failed == TRIES_BEFORE_STUCK
        told: tuple[Effect, ...] = (TellStuck(flow.cause or Cause.VISIT_ENDED),) if stuck else ()
        return replace(flow, failed=failed), told
    cause = flow.cause if flow.was_on else None
    flow = replace(flow, failed=0, cause=None, was_on=False)
    if flow.step is WifiStep.REMOVING:
        flow = replace(flow, step=WifiStep.REMOVED, ends_at=None, agreed=frozenset())
    return flow, (TellRemoved(cause),)


def _ticked(flow: Flow, _event: Ticked, world: World) -> Outcome:
    if flow.step is WifiStep.ON and _ending(flow, world) is Cause.TIME_LIMIT:
        return _remove(flow, Cause.TIME_LIMIT)
    # A join removes what the one before it left; to remove it now would end the new one.
    left_behind = flow.cause is not None and flow.step not in HELD
    must_go = flow.step is WifiStep.REMOVING or left_behind
    if must_go and not flow.removing:
        return replace(flow, removing=True), (Remove(),)
    if flow.code is not None and world.at - flow.code_at >= CODE_KEPT_S:
        return replace(flow, code=None), ()
    return flow, ()


# what holds after each event


def _settle(flow: Flow, world: World) -> Outcome:
    """Close or remove what the visit and the links no longer allow."""
    if flow.step in ASKING and not _possible(world):
        flow = _closed(flow)
    elif flow.step is WifiStep.JOINING and not _possible(world):
        return _given_up(_closed(flow), ())
    elif flow.step is WifiStep.ON and not world.visiting:
        return _remove(flow, Cause.VISIT_ENDED)
    if not world.visiting:
        shown = _closed(flow) if flow.step is WifiStep.REMOVED else flow
        return replace(shown, agreed=frozenset()), ()
    if flow.code is not None and offered(flow, world):
        return _forward(flow)
    return flow, ()


def _possible(world: World) -> bool:
    return world.visiting and world.able and not world.carried


_HANDLERS: dict[type, Callable[[Flow, Any, World], Outcome]] = {
    cmd.BeginWifi: _begin,
    cmd.AnswerWifi: _answer,
    cmd.ScanWifi: _scan,
    cmd.ChooseWifi: _chosen,
    cmd.TypeWifiName: _named,
    cmd.ReadWifiCode: _read_code,
    cmd.EnterWifiKey: _key,
    cmd.BackWifi: _back,
    cmd.CloseWifi: _close,
    cmd.RemoveWifiNow: _remove_now,
    Scanned: _scanned,
    CodeSeen: _code_seen,
    Joined: _joined,
    JoinFailed: _join_failed,
    Gone: _gone,
    RemovalAsked: _removal_asked,
    RemovalDone: _removal_done,
    Ticked: _ticked,
}
