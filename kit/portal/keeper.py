"""Keeps Chromium's one window where the frame leaves room, and what is not for it away from it.

It is the display's window manager: an X server asks it before any window is mapped or moved. The first window
of the browser is the portal; every other is refused before it is seen. Keys and buttons that would leave the
page are taken by the server before they reach the browser (passive grabs on the root window).
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import structlog
from msgspec import Struct
from Xlib import X, Xatom, display, error
from Xlib.ext import xtest
from Xlib.protocol import event as xevent

from kit.portal import keys
from kit.portal.browser import WINDOW_CLASS

log = structlog.get_logger()

_JOIN_S: Final = 3.0
_WARNINGS: Final = frozenset(("Integritetsfel", "Privacy error", "Fel på klockan", "Clock error"))
"""Titles of Chromium's warnings that a server is not genuine. Nothing but the title tells of them: a page
that calls itself so is covered as well."""


class Place(Struct, frozen=True):
    """Where the frame leaves room, in pixels of the display."""

    left: int
    top: int
    width: int
    height: int


class Seen(StrEnum):
    """What the keeper noticed."""

    WINDOW = "window"
    """The portal's window is there."""
    NEW_WINDOW = "new_window"
    """The page, or a key, opened another; it was refused."""
    LOCK = "lock"
    """The page took the pointer; it was given back."""
    KEY = "key"
    """A key or button was pressed that does not reach the page."""
    WARNING = "warning"
    """Chromium shows its warning of a certificate in place of the page."""
    PAGE = "page"
    """After a warning, a page is there again."""
    LOST = "lost"
    """The display is gone."""


class NoDisplay(Exception):  # noqa: N818 - it names what is missing
    """There is no X display, or a window manager already keeps it."""


class Keeper:
    """One for a portal. ``told`` is called in the keeper's thread."""

    def __init__(self, name: str, told: Callable[[Seen], None]) -> None:
        """``name`` is the display: ``:0``."""
        self._name = name
        self._told = told
        self._place: Place | None = None
        self._portal: Any = None
        self._warned = False
        self._strokes: dict[int, keys.Stroke] = {}
        self._work: deque[Callable[[], None]] = deque()
        self._closed = False
        self._wake_near, self._wake_far = os.pipe()
        self._thread = threading.Thread(target=self._run, name="portal-keeper", daemon=True)

    def start(self) -> None:
        """Take the display; NoDisplay when it is not to be had. Blocks for a moment."""
        try:
            self._display = display.Display(self._name)
        except (error.DisplayError, OSError):
            self._let_go()
            raise NoDisplay from None
        self._display.set_error_handler(_ignored)
        self._root = self._display.screen().root
        refused = error.CatchError(error.BadAccess)
        mask = X.SubstructureRedirectMask | X.SubstructureNotifyMask
        self._root.change_attributes(event_mask=mask, onerror=refused)
        self._display.sync()
        if refused.get_error() is not None:
            self._display.close()
            self._let_go()
            raise NoDisplay
        self._learn_keys()
        self._thread.start()

    def place(self, place: Place | None) -> None:
        """Show the portal there, or put it below everything."""
        self._do(lambda: self._put(place))

    def back(self) -> None:
        """Press the key that a browser goes back by."""
        self._do(self._press_back)

    def press(self, key: str) -> None:
        """Press a key in the page: a character, or the value of a :class:`PortalKey`; others are nothing."""
        self._do(lambda: self._type(key))

    def close(self) -> None:
        """Give the display back. Blocks until it is done."""
        self._closed = True
        self._do(lambda: None)
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    # in the thread

    def _do(self, work: Callable[[], None]) -> None:
        self._work.append(work)
        with contextlib.suppress(OSError):
            os.write(self._wake_far, b"!")

    def _run(self) -> None:
        try:
            while not self._closed:
                select.select([self._display.fileno(), self._wake_near], [], [])
                while self._display.pending_events():
                    # A window may vanish while it is looked at.
                    with contextlib.suppress(error.XError):
                        self._take(self._display.next_event())
                while self._work:
                    self._work.popleft()()
                _drain(self._wake_near)
                self._display.flush()
        except (error.ConnectionClosedError, OSError):
            self._told(Seen.LOST)
        except Exception as fault:
            log.warning("portal_keeper_failed", error=type(fault).__name__)
            self._told(Seen.LOST)
        finally:
            # Whatever ended it: a display that stays open stays taken, and no other portal could be opened.
            with contextlib.suppress(error.ConnectionClosedError, OSError):
                self._display.close()
            self._let_go()

    def _let_go(self) -> None:
        for descriptor in (self._wake_near, self._wake_far):
            os.close(descriptor)
        self._wake_near = self._wake_far = -1

    def _take(self, happened: Any) -> None:
        match happened.type:
            case X.MapRequest:
                self._map(happened.window)
            case X.ConfigureRequest:
                self._configure(happened)
            case X.MapNotify:
                self._mapped(happened)
            case X.DestroyNotify if self._is_portal(happened.window):
                self._portal, self._warned = None, False
            case X.PropertyNotify if self._is_portal(happened.window):
                self._titled()
            case X.KeyPress | X.ButtonPress:
                self._told(Seen.KEY)
            case X.MappingNotify:
                self._display.refresh_keyboard_mapping(happened)
                self._learn_keys()

    def _map(self, window: Any) -> None:
        if not _is_browsers(window):
            window.map()
            self._arrange()
        elif self._portal is None or self._is_portal(window):
            self._portal = window
            window.change_attributes(event_mask=X.PropertyChangeMask)
            self._arrange()
            window.map()
            self._told(Seen.WINDOW)
        else:
            self._refuse(window)
            self._told(Seen.NEW_WINDOW)

    def _configure(self, asked: Any) -> None:
        if self._is_portal(asked.window):
            self._arrange()
            return
        values = {
            name: getattr(asked, name)
            for name, bit in (("x", 1), ("y", 2), ("width", 4), ("height", 8), ("border_width", 16))
            if asked.value_mask & bit
        }
        asked.window.configure(**values)

    def _mapped(self, happened: Any) -> None:
        """Where a page has locked the pointer, Chromium says in a window of its own how to get out."""
        if happened.override and self._is_portals(happened.window) and self._is_note(happened.window):
            self._press(keys.ESCAPE)
            self._told(Seen.LOCK)

    def _put(self, place: Place | None) -> None:
        self._place = place
        self._arrange()

    def _arrange(self) -> None:
        portal, place = self._portal, self._place
        if portal is None:
            return
        if place is None:
            portal.configure(stack_mode=X.Below)
            self._display.set_input_focus(X.PointerRoot, X.RevertToPointerRoot, X.CurrentTime)
            return
        portal.configure(
            x=place.left, y=place.top, width=place.width, height=place.height, stack_mode=X.Above
        )
        self._display.set_input_focus(portal, X.RevertToPointerRoot, X.CurrentTime)

    def _refuse(self, window: Any) -> None:
        """Ask the browser to close what nobody has seen."""
        delete = self._display.intern_atom("WM_DELETE_WINDOW")
        protocols = self._display.intern_atom("WM_PROTOCOLS")
        data = (32, [delete, X.CurrentTime, 0, 0, 0])
        window.send_event(xevent.ClientMessage(window=window, client_type=protocols, data=data))

    def _is_portal(self, window: Any) -> bool:
        return self._portal is not None and window.id == self._portal.id

    def _is_portals(self, window: Any) -> bool:
        """Whether it belongs to the same client of the display."""
        mask = self._display.display.info.resource_id_mask
        return self._portal is not None and window.id & ~mask == self._portal.id & ~mask

    def _is_note(self, window: Any) -> bool:
        kind = window.get_full_property(self._display.intern_atom("_NET_WM_WINDOW_TYPE"), Xatom.ATOM)
        note = self._display.intern_atom("_NET_WM_WINDOW_TYPE_NOTIFICATION")
        return kind is not None and note in kind.value

    def _titled(self) -> None:
        """Tell when Chromium begins and ends to warn."""
        try:
            name = self._display.intern_atom("_NET_WM_NAME")
            title = self._portal.get_full_property(name, X.AnyPropertyType)
        except error.XError:
            return
        warned = title is not None and title.value.decode(errors="replace") in _WARNINGS
        if warned != self._warned:
            self._warned = warned
            self._told(Seen.WARNING if warned else Seen.PAGE)

    def _learn_keys(self) -> None:
        """Anew whenever a keyboard is plugged in: it may have other keys."""
        info = self._display.display.info
        first, count = info.min_keycode, info.max_keycode - info.min_keycode + 1
        keymap = dict(enumerate(map(tuple, self._display.get_keyboard_mapping(first, count)), first))
        for code, keysyms in keys.missing(keymap).items():
            self._display.change_keyboard_mapping(code, [keysyms])
            keymap[code] = keysyms
        self._strokes = keys.strokes(keymap)
        self._take_keys()

    def _take_keys(self) -> None:
        self._root.ungrab_key(X.AnyKey, X.AnyModifier)
        info = self._display.display.info
        codes = range(info.min_keycode, info.max_keycode + 1)
        keymap = {code: self._display.keycode_to_keysym(code, 0) for code in codes}
        for code, modifiers in keys.taken(keymap):
            self._root.grab_key(code, modifiers, False, X.GrabModeAsync, X.GrabModeAsync)
        for code, modifiers in keys.given(keymap):
            self._root.ungrab_key(code, modifiers)
        for button in keys.BUTTONS:
            self._root.grab_button(
                *(button, X.AnyModifier, False, X.ButtonPressMask),
                *(X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE),
            )

    def _press_back(self) -> None:
        # While the page is covered, keys go to what covers it.
        if self._portal is not None:
            self._display.set_input_focus(self._portal, X.RevertToPointerRoot, X.CurrentTime)
        self._press(keys.BACK)

    def _type(self, key: str) -> None:
        stroke, shift = self._strokes.get(keys.keysym(key)), self._display.keysym_to_keycode(keys.SHIFT_KEY)
        if stroke is None or self._portal is None or self._place is None:
            return
        self._display.set_input_focus(self._portal, X.RevertToPointerRoot, X.CurrentTime)
        held = [shift] if stroke.shift else []
        for code in (*held, stroke.keycode):
            xtest.fake_input(self._display, X.KeyPress, code)
        for code in (stroke.keycode, *held):
            xtest.fake_input(self._display, X.KeyRelease, code)

    def _press(self, keysym: int) -> None:
        code = self._display.keysym_to_keycode(keysym)
        if code:
            xtest.fake_input(self._display, X.KeyPress, code)
            xtest.fake_input(self._display, X.KeyRelease, code)


def _is_browsers(window: Any) -> bool:
    try:
        named = window.get_wm_class()
    except error.XError:
        return False
    return named is not None and WINDOW_CLASS in named


def _ignored(_error: error.XError, _request: Any) -> None:
    """A window may vanish at any moment; what was asked of it then is nothing."""


def _drain(descriptor: int) -> None:
    while select.select([descriptor], [], [], 0)[0]:
        os.read(descriptor, 4096)
