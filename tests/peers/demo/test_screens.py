"""The kiosk in a window on a display that it shares with others."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from demo.ready import service_ready, socket_open, until
from demo.screens import NoScreen, Screen, ScreenChoice, choose
from demo.supervisor import Service, Supervisor

KIT = "kit-0001"
SOON_S = 30.0


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    made = Supervisor(tmp_path / "log")
    yield made
    await made.close()


async def users_display(supervisor: Supervisor) -> str:
    """A display larger than the kiosk, that was there before the demo."""
    [found] = choose(ScreenChoice.VIRTUAL, (KIT,)).values()
    large = Screen(display=found.display, virtual=True, size=(1600, 1000))
    await supervisor.start(large.service("user"))
    await service_ready(supervisor, "user-display", socket_open(large.socket), SOON_S)
    return large.display


async def test_a_window_is_found_and_seen_where_it_is(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    display = await users_display(supervisor)
    monkeypatch.setenv("DISPLAY", display)
    screen = choose(ScreenChoice.AUTO, (KIT, "kit-0002"))[KIT]
    assert screen == Screen(display=display, virtual=False)
    size = "x".join(map(str, screen.size))
    argv = (sys.executable, "-m", "kit.ui", "--run-dir", str(tmp_path), "--size", size)
    await supervisor.start(Service(name="kiosk", argv=argv, env=screen.env))

    async def opened() -> bool:
        try:
            await screen.origin(supervisor.pid("kiosk"))
        except NoScreen:
            return False
        return True

    await until(opened, SOON_S, "the window")
    window = (await screen.xdotool("search", "--pid", str(supervisor.pid("kiosk")))).split()[-1]
    await screen.xdotool("windowmove", "--sync", window, "200", "100")
    assert await screen.origin(supervisor.pid("kiosk")) == (200, 100)
    picture = await screen.picture(supervisor.pid("kiosk"))
    assert picture.size == screen.size
    # The kiosk's ground is light to its edges; the display behind it is black.
    width, height = screen.size
    for corner in ((2, 2), (width - 3, 2), (2, height - 3), (width - 3, height - 3)):
        assert min(picture.convert("RGB").getpixel(corner)) > 200  # type: ignore[arg-type]


def test_a_window_without_a_display_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(NoScreen):
        choose(ScreenChoice.WINDOW, (KIT,))


def test_each_kit_gets_a_screen_of_its_own_without_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    screens = choose(ScreenChoice.AUTO, (KIT, "kit-0002", "kit-0003"))
    assert len({screen.display for screen in screens.values()}) == 3
    assert all(screen.virtual for screen in screens.values())
