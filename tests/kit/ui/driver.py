"""A window without a screen: one per process, with real OpenGL, taps and pixels."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from kivy.base import EventLoop, _runTouchApp_prepare
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glFinish, glReadPixels
from kivy.lang import Builder
from kivy.metrics import Metrics
from kivy.tests.common import UnitTestTouch

from kit.ipc.commands import Command
from kit.ipc.state import KitState, Language
from kit.ui.app import open_window
from kit.ui.catalogue import catalogue
from kit.ui.root import Root
from kit.ui.targets import Target, visible
from kit.ui.widgets.bases import BaseScroll
from tests.kit.ui.states import NOW


class Driver:
    """A :class:`Root` in the window, and hands."""

    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.at = 0.0
        self.root = Root(self.take, lambda: self.at, now=NOW)
        self._own = list(self.root.children)
        Window.add_widget(self.root)

    def take(self, command: Command) -> None:
        """Take a command in place of the agent."""
        self.sent.append(command)

    def begin(self) -> None:
        """Forget what was before: nothing sent, no agent, nothing but the screens in the window."""
        for stranger in [w for w in self.root.children if w is not self.root.view and w not in self._own]:
            self.root.remove_widget(stranger)
        self.root._post = self.take
        self.root.now = NOW
        self.show(None)
        self.sent.clear()
        self.at += 100

    def show(self, state: KitState | None) -> None:
        """Show a snapshot and let the layout settle."""
        self.root.state = state
        self.settle()

    def frames(self, count: int = 1) -> None:
        """Run the loop: all of Kivy's ``EventLoop.idle`` but the drawing, which takes most of the time."""
        for _ in range(count):
            Clock.tick()
            EventLoop.dispatch_input()
            Builder.sync()
            Clock.tick_draw()
            Builder.sync()
            Window.mainloop()

    def settle(self) -> None:
        """Run the loop until the layout has come to rest.

        Kivy puts a layout off to the next frame once a frame has taken a second, as on a busy machine.
        """
        before = None
        for _ in range(60):
            self.frames()
            places = [(w.x, w.y, w.width, w.height) for w in self.root.walk()]
            if places == before:
                return
            before = places
        raise AssertionError("the layout does not come to rest")

    def until(self, fulfilled: Callable[[], bool], seconds: float = 3.0) -> None:
        """Run the loop until something is so."""
        deadline = time.monotonic() + seconds
        while not fulfilled():
            assert time.monotonic() < deadline, "it did not happen in time"
            self.frames()

    def view(self) -> Any:
        """Return the shown screen."""
        assert self.root.view is not None
        return self.root.view

    def targets(self) -> list[Target]:
        """Return what can be touched."""
        return visible(self.root)

    def widget(self, target: str) -> Any:
        """Return the widget of a touch target, the visible one of several."""
        seen = [t.widget for t in self.targets() if t.id == target]
        found = seen or [w for w in self.root.walk() if getattr(w, "target", None) == target]
        assert found, f"no target {target}"
        return found[0]

    def tap(self, target: str) -> list[Command]:
        """Touch a target in its middle; return what was sent."""
        before = len(self.sent)
        self.at += 1
        widget = self.widget(target)
        self.tap_at(*widget.to_window(*widget.center))
        if _scrolls(widget):
            # A scrolled list first waits whether the finger moves on.
            self.until(lambda: len(self.sent) > before)
        return self.sent[before:]

    def tap_at(self, x: float, y: float) -> None:
        """Touch the window at a point in Kivy's coordinates."""
        touch = UnitTestTouch(x, y)
        touch.touch_down()
        self.frames()
        touch.touch_up()
        self.settle()

    def pixels(self) -> npt.NDArray[np.uint8]:
        """Return the window, (height, width, 3), top row first."""
        self.frames(2)
        # Read before the flip: after it the content of the back buffer is undefined.
        Window.dispatch("on_draw")
        glFinish()
        width, height = Window.size
        flat = np.frombuffer(glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE), np.uint8)
        return np.ascontiguousarray(flat.reshape(height, width, 3)[::-1])

    def close(self) -> None:
        """Empty the window."""
        Window.remove_widget(self.root)
        self.frames()


def _scrolls(widget: Any) -> bool:
    while widget is not None and widget is not widget.parent:
        if isinstance(widget, BaseScroll):
            return True
        widget = widget.parent
    return False


_ready = False


@contextmanager
def driver(text_scale: float = 1.0) -> Iterator[Driver]:
    """An empty window with our widgets ready, at a text scale."""
    global _ready
    if not _ready:
        open_window(1.0)
        for language in Language:
            catalogue(language)
        _runTouchApp_prepare()
        _ready = True
    Metrics.fontscale = text_scale
    hands = Driver()
    yield hands
    hands.close()
    Metrics.fontscale = 1.0
