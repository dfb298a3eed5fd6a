"""The screen process: window, connection to the agent, pictures, and what is written for others to read."""

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.base import EventLoop, async_runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.config import Config
from kivy.metrics import Metrics
from msgspec import Struct

from kit.ipc.pictures import Picture, PictureClient, Stream, picture_socket
from kit.ipc.state import KitState, Language
from kit.ipc.wire import agent_socket
from kit.ui import targets, theme
from kit.ui.assets import register_fonts
from kit.ui.catalogue import catalogue
from kit.ui.focus import Focus
from kit.ui.link import AgentLink
from kit.ui.moments import day
from kit.ui.root import Root
from kit.ui.screens.load import load_rules

PICTURE_RATE = 30
"""Most pictures a second that are drawn."""
NO_PICTURE_RETRY_S = 0.1
TARGETS_EVERY_S = 0.1
MAKE_AHEAD_EVERY_S = 0.4
MEASURE_AFTER_S = 0.5


class Options(Struct, frozen=True):
    """The command line."""

    run_dir: Path
    text_scale: float = 1.0
    measure: Path | None = None
    targets: Path | None = None


def fit_metrics(width: int, height: int, text_scale: float) -> None:
    """Scale millimetres and type so that the reference tablet's layout fills a window of this size."""
    factor = theme.scale(width, height)
    Metrics.dpi = theme.REFERENCE_DPI * factor
    Metrics.density = theme.REFERENCE_DENSITY * factor
    Metrics.fontscale = text_scale


def open_window(text_scale: float) -> Any:
    """Make the window and everything that screens are made of; return the window."""
    # Kivy's own search for touch devices would report each touch a second time.
    Config.remove_option("input", "%(name)s")
    EventLoop.ensure_window()
    EventLoop.window.set_title("Hembesök")
    width, height = EventLoop.window.size
    fit_metrics(width, height, text_scale)
    register_fonts()
    load_rules()
    for language in Language:
        # Read its names of days and months before the loop runs.
        day(0, language)
    return EventLoop.window


class Pictures(PictureClient):
    """Is not asked again at once where there was no picture: no engine, no call."""

    def __init__(self, path: Path, monotonic: Callable[[], float]) -> None:
        """``path`` is the engine's picture socket."""
        super().__init__(path)
        self._monotonic = monotonic
        self._not_before: dict[Stream, float] = {}

    def latest(self, stream: Stream) -> Picture | None:
        """Return the newest picture of a stream, or None."""
        at = self._monotonic()
        if at < self._not_before.get(stream, 0.0):
            return None
        picture = super().latest(stream)
        if picture is None:
            self._not_before[stream] = at + NO_PICTURE_RETRY_S
        return picture


class App:
    """Ties the parts together."""

    def __init__(self, options: Options, window: Any) -> None:
        """``window`` is what :func:`open_window` returned."""
        self._options = options
        self._window = window
        self._link = AgentLink(agent_socket(options.run_dir), self._take)
        self._pictures = Pictures(picture_socket(options.run_dir), time.monotonic)
        self._newest: KitState | None = None
        self._shows = Clock.create_trigger(self._show)
        self._written = b""
        self._redrawn = True
        self._background: set[asyncio.Future[Any]] = set()
        self._measure: Any = None
        self.root = Root(self._link.post, time.monotonic, now=int(time.time()))
        # Kivy holds what it calls weakly.
        self._focus = Focus(self.root)

    async def run(self) -> None:
        """Run until the process is told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopTouchApp)
        self._focus.bind(self._window)
        Clock.schedule_interval(self._tell_time, 0.25)
        Clock.schedule_interval(self._draw_pictures, 1 / PICTURE_RATE)
        Clock.schedule_interval(self._make_ahead, MAKE_AHEAD_EVERY_S)
        if self._options.targets:
            self._window.bind(on_draw=self._note_redrawn)
            Clock.schedule_interval(self._write_targets, TARGETS_EVERY_S)
        if self._options.measure:
            Clock.schedule_once(self._begin_measuring, MEASURE_AFTER_S)
        # In a thread: most screens speak Swedish, which needs no catalogue.
        self._aside(catalogue, Language.ENGLISH)
        link = asyncio.create_task(self._link.run())
        try:
            await async_runTouchApp(self.root, async_lib="asyncio")
        finally:
            link.cancel()

    def _take(self, state: KitState | None) -> None:
        """Keep the newest snapshot; of several between two frames only the last is drawn."""
        self._newest = state
        self._shows()

    def _show(self, _passed: float) -> None:
        self.root.state = self._newest

    def _tell_time(self, _passed: float) -> None:
        self.root.now = int(time.time())

    def _draw_pictures(self, _passed: float) -> None:
        if self.root.view is None:
            return
        for stream, picture in self.root.view.draw_pictures(self._pictures):
            if self._measure is not None and stream is Stream.REMOTE:
                self._measure.uploaded(picture)

    def _make_ahead(self, _passed: float) -> bool:
        """Make the screens that will be needed, while nothing moves on this one."""
        if self.root.state is None or self.root.shows_pictures():
            return True
        return self.root.make_next()

    def _note_redrawn(self, _window: Any) -> None:
        self._redrawn = True

    def _write_targets(self, _passed: float) -> None:
        path = self._options.targets
        if path is None or not self._redrawn:
            return
        self._redrawn = False
        content = targets.encode(targets.visible(self.root))
        if content != self._written:
            self._written = content
            self._aside(targets.write, path, content)

    def _begin_measuring(self, _passed: float) -> None:
        # Only here: numpy would put off the first frame.
        from kit.ui.measure import Measure

        self._measure = Measure()
        self._window.bind(on_flip=self._flip)
        Clock.schedule_interval(self._write_measure, 1.0)

    def _flip(self, window: Any) -> bool:
        """Flip in place of Kivy: only after it the pictures are seen."""
        window.flip()
        self._measure.flipped(time.time())
        return True

    def _write_measure(self, _passed: float) -> None:
        from kit.ui.measure import append

        if self._options.measure is not None:
            self._aside(append, self._options.measure, self._measure.line(time.time()))

    def _aside(self, work: Callable[..., Any], *words: Any) -> None:
        """Do file work in a thread, so that no frame waits for a disk."""
        future = asyncio.get_running_loop().run_in_executor(None, work, *words)
        self._background.add(future)
        future.add_done_callback(self._background.discard)
