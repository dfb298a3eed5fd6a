"""What a room asks at its door before it lets the kit in: a PIN, the number of a room, a login."""

from __future__ import annotations

from msgspec.structs import replace

from kit.visit import events as ev
from kit.visit import tidying
from kit.visit.beginning import Outcome, join
from kit.visit.effects import Leave, Refuse, RemoveWifi
from kit.visit.model import DoorState, EndReason, PinState, Policy, Refusal, Step
from kit.visit.visit import Visit, digest


def pin_asked(visit: Visit, event: ev.PinAsked, at: float, policy: Policy) -> Outcome:
    """Ask staff for the PIN, as often as the policy allows."""
    tries = visit.pin_tries + event.wrong
    if tries >= policy.pin_tries:
        return refused(replace(visit, pin_tries=0), Refusal.PIN_TRIES_USED_UP, at, policy)
    pin = PinState.WRONG if event.wrong else PinState.NEEDED
    return replace(visit, step=Step.JOINING, since=at, pin=pin, door=DoorState.OPEN, pin_tries=tries), ()


def enter_pin(visit: Visit, event: ev.EnterPin, at: float, _policy: Policy) -> Outcome:
    """Try again with it."""
    if visit.invitation is None or visit.pin is PinState.NOT_NEEDED:
        return visit, ()
    return join(replace(visit, invitation=replace(visit.invitation, pin=event.pin)), at)


def extension_asked(visit: Visit, event: ev.ExtensionAsked, at: float, _policy: Policy) -> Outcome:
    """Ask staff for the number of the room; a wrong one is forgotten."""
    invitation = visit.invitation
    if invitation is not None and event.wrong:
        invitation = replace(invitation, extension=None)
    door = DoorState.EXTENSION_WRONG if event.wrong else DoorState.EXTENSION
    asking = replace(visit, step=Step.JOINING, since=at, door=door, pin=PinState.NOT_NEEDED)
    return replace(asking, invitation=invitation), ()


def enter_extension(visit: Visit, event: ev.EnterExtension, at: float, policy: Policy) -> Outcome:
    """Try again with it; a meeting that its host has ended stays closed behind a reception too."""
    if visit.invitation is None or visit.door not in {DoorState.EXTENSION, DoorState.EXTENSION_WRONG}:
        return visit, ()
    invitation = replace(visit.invitation, extension=event.extension)
    if digest(invitation) in visit.spent:
        return refused(visit, Refusal.MEETING_ENDED, at, policy)
    return join(replace(visit, invitation=invitation), at)


def login_asked(visit: Visit, event: ev.LoginAsked, at: float, _policy: Policy) -> Outcome:
    """Wait for somebody to log in, or go on joining when that is over."""
    door = DoorState.OPEN if event.over else DoorState.LOGIN
    return replace(visit, step=Step.JOINING, since=at, door=door, pin=PinState.NOT_NEEDED), ()


def choose_login(visit: Visit, event: ev.ChooseLogin, at: float, _policy: Policy) -> Outcome:
    """Try again with the chosen way of logging in."""
    if visit.invitation is None or visit.door is not DoorState.LOGIN:
        return visit, ()
    return join(replace(visit, invitation=replace(visit.invitation, login=event.way)), at)


def joins_by_itself(visit: Visit) -> bool:
    """Whether nobody has to answer anything."""
    return visit.pin is PinState.NOT_NEEDED and visit.door is DoorState.OPEN


def answered(visit: Visit) -> Visit:
    """Return the visit with nothing more to answer: the kit is inside, or has gone away."""
    return replace(visit, pin=PinState.NOT_NEEDED, door=DoorState.OPEN)


def refused(visit: Visit, reason: Refusal, at: float, policy: Policy) -> Outcome:
    """Back to where one tap tries again, with all confirmations kept; what was refused is forgotten."""
    if visit.practice or visit.unplanned:
        ended = replace(visit, end_reason=EndReason.NEVER_JOINED, left_at=at, door=DoorState.OPEN)
        return tidying.begin(ended, at, policy), (Refuse(reason), Leave(), RemoveWifi())
    invitation = visit.invitation
    if invitation is not None and reason is Refusal.PIN_TRIES_USED_UP:
        invitation = replace(invitation, pin=None)
    if invitation is not None and reason is Refusal.ROOM_LOGIN_NEEDED:
        invitation = replace(invitation, login=None)
    back = replace(visit, step=Step.CONFIRM, since=at, pin=PinState.NOT_NEEDED, door=DoorState.OPEN)
    return replace(back, invitation=invitation), (Refuse(reason), Leave())
