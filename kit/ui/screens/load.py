"""All screens by name, and their kv files."""

from collections.abc import Callable
from pathlib import Path

from kivy.lang import Builder

from kit.ui.route import Screen
from kit.ui.screens import gallery, panels  # noqa: F401 - kv finds its classes by name
from kit.ui.screens.call import CallView
from kit.ui.screens.calm import AwayView, EndedView, JoiningView, LockedView
from kit.ui.screens.confirm import ConfirmView
from kit.ui.screens.extension import ExtensionView
from kit.ui.screens.fault import FaultView
from kit.ui.screens.login import LoginView
from kit.ui.screens.meeting import MeetingView
from kit.ui.screens.network import NetworkView
from kit.ui.screens.pages import HelpView, SettingsView
from kit.ui.screens.phone import PhoneView
from kit.ui.screens.pin import PinView
from kit.ui.screens.portal import PortalFrameView
from kit.ui.screens.practice import PracticeView
from kit.ui.screens.prepare import PrepareView
from kit.ui.screens.ring import RingView
from kit.ui.screens.scan import ScanView
from kit.ui.screens.start import StartView
from kit.ui.screens.tidy import TidyView
from kit.ui.screens.view import View
from kit.ui.screens.waiting import WaitingView
from kit.ui.screens.wifi import WifiView
from kit.ui.widgets import frame, keys, picture, text, touch  # noqa: F401 - kv finds their classes by name

HERE = Path(__file__).parent
WIDGETS = ("text", "touch", "frame", "keys")

VIEWS: dict[Screen, Callable[[], View]] = {
    Screen.AWAY: AwayView,
    Screen.START: StartView,
    Screen.CALL: CallView,
    Screen.RINGING: RingView,
    Screen.MEETING: MeetingView,
    Screen.PREPARE: PrepareView,
    Screen.CONFIRM: ConfirmView,
    Screen.JOINING: JoiningView,
    Screen.PIN: PinView,
    Screen.EXTENSION: ExtensionView,
    Screen.LOGIN: LoginView,
    Screen.WAITING: WaitingView,
    Screen.WIFI: WifiView,
    Screen.PORTAL: PortalFrameView,
    Screen.ENDED: EndedView,
    Screen.TIDY: TidyView,
    Screen.FAULT: FaultView,
    Screen.NETWORK: NetworkView,
    Screen.HELP: HelpView,
    Screen.SCAN: ScanView,
    Screen.PHONE: PhoneView,
    Screen.PRACTICE: PracticeView,
    Screen.SETTINGS: SettingsView,
    Screen.LOCKED: LockedView,
}
"""In the order in which they are made ahead."""


def load_rules() -> None:
    """Read all kv files, once, before the first screen is made."""
    for name in WIDGETS:
        Builder.load_file(str(HERE.parent / "widgets" / f"{name}.kv"))
    for file in sorted(HERE.glob("*.kv")):
        Builder.load_file(str(file))
