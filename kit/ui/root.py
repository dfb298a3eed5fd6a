"""The window's content: the screen for the newest snapshot, and what lies over it."""

from collections.abc import Callable
from typing import Any

from kivy.base import EventLoop
from kivy.properties import NumericProperty, ObjectProperty
from kivy.utils import get_color_from_hex

from kit.ipc.commands import Command
from kit.ipc.state import KitState, Language
from kit.ui import log
from kit.ui.catalogue import catalogue
from kit.ui.route import Screen, screen_for
from kit.ui.screens.load import VIEWS
from kit.ui.screens.refusal import RefusalVeil
from kit.ui.screens.view import View
from kit.ui.widgets.layout import Layers

TWICE_S = 0.6
"""The same command again within this time is a finger that bounced, or a tap on what was there before."""


class Root(Layers):
    """Shows one screen at a time. Screens are made when they are first needed, and kept."""

    state = ObjectProperty(None, allownone=True)
    """The agent's newest snapshot; None while there is no agent."""
    now = NumericProperty(0)

    def __init__(
        self, post: Callable[[Command], None], monotonic: Callable[[], float], **properties: Any
    ) -> None:
        """``post`` takes commands to the agent."""
        super().__init__(**properties)
        self._post = post
        self._monotonic = monotonic
        self._views: dict[Screen, View] = {}
        self._last: tuple[Command | None, float] = (None, 0.0)
        self._language = Language.SWEDISH
        self.screen: Screen | None = None
        self.view: View | None = None
        self._refusal = RefusalVeil()
        self.add_widget(self._refusal)
        self.fbind("state", self._show)
        self.fbind("now", self._tell_time)
        self._show()

    def send(self, command: Command) -> None:
        """Send what was touched, once."""
        at = self._monotonic()
        again = self._last[0] == command and at - self._last[1] < TWICE_S
        self._last = (command, at)
        if not again:
            self._post(command)

    def make(self, screen: Screen) -> View:
        """Return a screen, made now if it was not made before."""
        if screen not in self._views:
            self._views[screen] = VIEWS[screen]()
        return self._views[screen]

    def make_next(self) -> bool:
        """Make one screen that was not needed yet, so that showing it is quick; False when all are made."""
        missing = [screen for screen in VIEWS if screen not in self._views]
        if missing:
            self.make(missing[0])
        return len(missing) > 1

    def shows_pictures(self) -> bool:
        """Whether this screen has room for pictures."""
        return self.view is not None and bool(self.view.tiles())

    def escape(self) -> str:
        """Return the target that the Escape key touches."""
        if self._refusal.shown:
            return self._refusal.escape
        return self.view.escape if self.view else ""

    def _show(self, *_: Any) -> None:
        state: KitState | None = self.state
        if state is not None:
            self._language = state.language
        screen = screen_for(state)
        view = self.make(screen)
        view.tr = catalogue(self._language)
        view.now = self.now
        view.state = state or KitState(language=self._language)
        self._refusal.tr, self._refusal.state = view.tr, view.state
        if screen is not self.screen:
            self._change(screen, view)

    def _change(self, screen: Screen, view: View) -> None:
        before, self.screen, self.view = self.view, screen, view
        if before is not None:
            self.remove_widget(before)
            before.rest()
        self.add_widget(view, len(self.children))
        EventLoop.window.clearcolor = get_color_from_hex(view.ground)
        log.info("screen_shown", screen=screen)

    def _tell_time(self, *_: Any) -> None:
        if self.view is not None:
            self.view.now = self.now
