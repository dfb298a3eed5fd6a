"""The keeper of the display outlives windows that come and go faster than it can look at them."""

import queue
import threading

import pytest
from Xlib import X, display

from kit.portal.browser import WINDOW_CLASS
from kit.portal.keeper import Keeper, Place, Seen

NOTES = 300
PATIENCE_S = 30.0


def test_windows_that_vanish_at_once_do_not_end_it_and_it_gives_the_display_back(screen: str) -> None:
    seen: queue.Queue[Seen] = queue.Queue()
    keeper = Keeper(screen, seen.put)
    keeper.place(Place(0, 0, 800, 600))
    keeper.start()
    client = display.Display(screen)
    root = client.screen().root
    try:
        page = root.create_window(0, 0, 800, 600, 0, X.CopyFromParent)
        page.set_wm_class("page", WINDOW_CLASS)
        page.map()
        client.flush()
        assert seen.get(timeout=PATIENCE_S) is Seen.WINDOW
        for _ in range(NOTES):
            note = root.create_window(0, 0, 9, 9, 0, X.CopyFromParent, override_redirect=True)
            note.map()
            note.destroy()
        client.flush()
        second = root.create_window(0, 0, 800, 600, 0, X.CopyFromParent)
        second.set_wm_class("second", WINDOW_CLASS)
        second.map()
        client.flush()
        assert seen.get(timeout=PATIENCE_S) is Seen.NEW_WINDOW
    finally:
        client.close()
        keeper.close()
    _starts(screen)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_ends_it_gives_the_display_back(screen: str) -> None:
    heard = threading.Event()

    def nobody_listens(_seen: Seen) -> None:
        heard.set()
        raise RuntimeError

    keeper = Keeper(screen, nobody_listens)
    keeper.start()
    client = display.Display(screen)
    try:
        page = client.screen().root.create_window(0, 0, 800, 600, 0, X.CopyFromParent)
        page.set_wm_class("page", WINDOW_CLASS)
        page.map()
        client.flush()
        assert heard.wait(PATIENCE_S)
    finally:
        client.close()
        keeper.close()
    _starts(screen)


def _starts(screen: str) -> None:
    keeper = Keeper(screen, lambda _: None)
    keeper.start()
    keeper.close()
