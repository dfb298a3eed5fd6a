"""Which screen a snapshot is shown on. Pure."""

from enum import StrEnum

from kit.ipc.network import WifiStep
from kit.ipc.state import KitState, Page
from kit.visit.model import DoorState, PinState, Refusal, Step


class Screen(StrEnum):
    """All screens."""

    AWAY = "away"
    LOCKED = "locked"
    START = "start"
    MEETING = "meeting"
    SCAN = "scan"
    PRACTICE = "practice"
    PHONE = "phone"
    NETWORK = "network"
    FAULT = "fault"
    HELP = "help"
    SETTINGS = "settings"
    RINGING = "ringing"
    PREPARE = "prepare"
    CONFIRM = "confirm"
    JOINING = "joining"
    PIN = "pin"
    EXTENSION = "extension"
    LOGIN = "login"
    WAITING = "waiting"
    WIFI = "wifi"
    CALL = "call"
    PORTAL = "portal"
    ENDED = "ended"
    TIDY = "tidy"


_PAGES = {
    Page.HOME: Screen.START,
    Page.MEETING: Screen.MEETING,
    Page.SCAN: Screen.SCAN,
    Page.PRACTICE: Screen.PRACTICE,
    Page.PHONE: Screen.PHONE,
    Page.NETWORK: Screen.NETWORK,
    Page.FAULT: Screen.FAULT,
    Page.HELP: Screen.HELP,
    Page.SETTINGS: Screen.SETTINGS,
}
_STEPS = {
    Step.RINGING: Screen.RINGING,
    Step.PREPARE: Screen.PREPARE,
    Step.CONFIRM: Screen.CONFIRM,
    Step.JOINING: Screen.JOINING,
    Step.WAITING: Screen.WAITING,
    Step.IN_CALL: Screen.CALL,
    Step.RECONNECTING: Screen.CALL,
    Step.ENDED: Screen.ENDED,
    Step.TIDY: Screen.TIDY,
}

_OUTSIDE = frozenset({Step.IDLE, Step.RINGING, Step.ENDED, Step.TIDY})
"""Steps without a meeting to carry."""
_NO_SCREEN = frozenset({WifiStep.CLOSED, WifiStep.ON})
_GOING = frozenset({WifiStep.REMOVING, WifiStep.REMOVED})


def screen_for(state: KitState | None) -> Screen:
    """Return the screen; None is an agent that is not there.

    A visit that is under way goes before a lock: the fleet locks a kit between visits, and a lock that
    comes during one waits for its end.
    """
    if state is None:
        return Screen.AWAY
    if _wifi(state):
        return Screen.WIFI
    if state.visit.step is Step.JOINING and (asked := _asked(state)):
        return asked
    if state.visit.step is Step.IN_CALL and state.portal is not None:
        return Screen.PORTAL
    if state.visit.step is not Step.IDLE:
        return _STEPS[state.visit.step]
    return Screen.LOCKED if state.lock else _PAGES[state.page]


def _wifi(state: KitState) -> bool:
    """Whether the patient's Wi-Fi is being set up or removed.

    Its end does not cover a call that is on, and nothing covers a portal: that is a window of its own.
    """
    step = state.devices.network.patient.step
    if step in _NO_SCREEN or state.visit.step in _OUTSIDE:
        return False
    stays = step in _GOING or state.portal is not None
    return not (stays and state.visit.step is Step.IN_CALL)


def _asked(state: KitState) -> Screen | None:
    """What the room wants to know first."""
    if state.visit.pin is not PinState.NOT_NEEDED:
        return Screen.PIN
    if state.visit.door in {DoorState.EXTENSION, DoorState.EXTENSION_WRONG}:
        return Screen.EXTENSION
    return Screen.LOGIN if state.visit.door is DoorState.LOGIN else None


def refusal_shown(state: KitState | None) -> Refusal | None:
    """Return the refusal that lies over the screen; a wrong PIN is said where the PIN is typed."""
    if state is None or state.refused is None:
        return None
    if state.refused.reason is Refusal.PIN_WRONG and screen_for(state) is Screen.PIN:
        return None
    return state.refused.reason
