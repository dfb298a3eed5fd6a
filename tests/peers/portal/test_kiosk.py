"""A visit by a portal as staff lives it: real screen, real agent, real Chromium, one virtual display."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from msgspec.structs import replace
from PIL import Image, ImageGrab

from kit.config import Broker, KitConfig, Meeting
from kit.ipc import engine as ng
from kit.ipc.portal import PortalNotice, PortalStage
from kit.ipc.state import KitState
from kit.visit.model import Policy, Step
from tests.kit.agent.conftest import OK, Bench, Engine, Screen
from tests.peers.portal.desk import PATIENCE_S, around, browsers, portal
from tests.peers.portal.server import World
from tests.peers.ui.conftest import Kiosk

pytestmark = pytest.mark.timeout(240)
PORTALS = (portal("/attempts"), replace(portal("/form"), name="Portal med lösenord"))
BAR = 100
"""Height of the frame's bar, in pixels."""


class Visit:
    """The whole kit but its engine, of which only the wire is there."""

    def __init__(self, bench: Bench, kiosk: Kiosk, watcher: Screen, engine: Engine, screen: str) -> None:
        self.bench = bench
        self.kiosk = kiosk
        self.watcher = watcher
        self.engine = engine
        self.screen = screen

    async def to_portal(self, number: int = 0) -> None:
        """From the start screen into one of the portals."""
        await self.kiosk.tap("home.join")
        await self.kiosk.tap(f"meeting.portal.{number}")
        await self.kiosk.tap("prepare.next")
        await self.kiosk.until("confirm.next")
        # The same command sooner is for the screen a finger that bounced.
        await asyncio.sleep(0.8)
        await self.kiosk.tap("confirm.next")

    async def sees(self, expected: Callable[[KitState], object]) -> None:
        """Wait until the snapshot shows it, as long as a browser may take to start on a busy machine."""
        async with asyncio.timeout(PATIENCE_S):
            while not expected(self.watcher.state):
                state = await self.watcher.link.receive()
                assert state is not None
                self.watcher.state = state

    async def sees_page(self) -> None:
        """Wait until the portal is open."""
        await self.sees(lambda s: s.portal is not None and s.portal.stage is PortalStage.OPEN)
        await self.kiosk.until("portal.leave")

    async def picture(self, name: str) -> Image.Image:
        """What the display shows, kept to be looked at."""
        await asyncio.sleep(0.7)
        taken = await asyncio.to_thread(ImageGrab.grab, xdisplay=self.screen)
        folder = Path("build/screens")
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(taken.save, folder / f"portal-real-{name}.png")
        return taken


@pytest.fixture
async def visit(world: World, screen: str, tmp_path: Path) -> AsyncIterator[Visit]:
    none = tmp_path / "none.pem"
    config = KitConfig(
        kit_id="kit-0007",
        run_dir=tmp_path / "run",
        state_dir=tmp_path / "state",
        broker=Broker(host="127.0.0.1", port=9, ca=none, certificate=none, key=none),
        meeting=Meeting(allowed_hosts=("meet.example",), ca=world.ca, portals=PORTALS),
        policy=Policy(checks=(), confirmations=()),
    )
    config.run_dir.mkdir()
    config.state_dir.mkdir()
    bench = Bench(config, tmp_path)
    bench.agent.portal.around = around(world, screen)
    await bench.start()
    watcher, engine = await bench.screen(), await bench.engine()
    await engine.tells(ng.EngineReady(OK, OK, OK, "x264"))
    kiosk = Kiosk(config.run_dir, screen, None)  # type: ignore[arg-type]
    await kiosk.start()
    try:
        yield Visit(bench, kiosk, watcher, engine, screen)
    finally:
        await kiosk.kill()
        await bench.die()


async def test_a_visit_by_a_portal_from_the_start_to_tidying_up(visit: Visit, world: World) -> None:
    await visit.to_portal()
    assert (await visit.engine.is_told(ng.Preview)).on
    await visit.sees_page()
    assert not (await visit.engine.is_told(ng.Preview)).on
    await world.until_page("/attempts")
    page = await visit.picture("open")
    assert page.getpixel((640, 700)) == (255, 255, 255)

    await visit.kiosk.tap("portal.help")
    await visit.kiosk.until("portal.close")
    await visit.picture("help")
    await visit.kiosk.tap("portal.close")

    x, y = world.places["link"]
    await visit.kiosk.xdotool("mousemove", str(x), str(y + BAR))
    await visit.kiosk.xdotool("mousemove", str(x + 2), str(y + BAR), "click", "1")
    await visit.sees(lambda s: _notice(s) is PortalNotice.OUTSIDE)
    await visit.picture("refused")
    await world.until_page("/attempts")

    await visit.kiosk.tap("portal.leave")
    await visit.kiosk.until("portal.leave.yes")
    await visit.picture("question")
    await visit.kiosk.tap("portal.leave.yes")
    await visit.sees(lambda s: s.visit.step is Step.ENDED and s.portal is None)
    await visit.kiosk.tap("ended.next")
    await visit.sees(lambda s: s.visit.step is Step.TIDY)
    await _until_no_browser()
    assert world.evil == []


async def test_staff_without_a_keyboard_types_into_the_page(visit: Visit, world: World) -> None:
    await visit.to_portal(1)
    await visit.sees_page()
    await world.until_page("/form")
    x, y = world.places["name"]
    await visit.kiosk.xdotool("mousemove", str(x), str(y + BAR), "click", "1")
    await world.until_told("ser name")
    await visit.kiosk.tap("portal.type")
    for key in ("key.s", "key.s", "key.shift", "key.å", "key.@", "key.q", "key.back", "portal.next"):
        await visit.kiosk.tap(key)
    for key in ("key.ö", "key.1", "portal.enter"):
        await visit.kiosk.tap(key)
    assert await world.until_told("skickat") == "skickat ssÅ@ ö1"
    page = await visit.picture("keyboard")
    assert page.getpixel((1200, 200)) == (255, 255, 255)
    await visit.kiosk.tap("portal.hide")
    await visit.kiosk.until("portal.hide", there=False)
    page = await visit.picture("hidden")
    assert page.getpixel((640, 700)) == (255, 255, 255)


async def test_a_portal_that_falls_twice_offers_the_phone_and_another_try(visit: Visit, world: World) -> None:
    await visit.to_portal()
    await visit.sees_page()
    await world.until_page("/attempts")
    await _fall()
    await visit.sees(lambda s: s.portal is not None and s.portal.stage is PortalStage.RESTARTING)
    await visit.sees_page()
    await world.until_page("/attempts")
    await _fall()
    await visit.sees(lambda s: s.portal is not None and s.portal.stage is PortalStage.FAILED)
    await visit.kiosk.until("portal.retry")
    await visit.picture("failed")
    await visit.kiosk.tap("portal.retry")
    await visit.sees_page()
    await world.until_page("/attempts")


async def test_a_screen_that_was_killed_finds_the_portal_again(visit: Visit, world: World) -> None:
    await visit.to_portal()
    await visit.sees_page()
    await world.until_page("/attempts")
    await visit.kiosk.kill()
    await visit.kiosk.start()
    await visit.kiosk.until("portal.leave")
    await world.until_page("/attempts")
    page = await visit.picture("again")
    assert page.getpixel((640, 700)) == (255, 255, 255)


def _notice(state: KitState) -> PortalNotice | None:
    return state.portal.notice if state.portal is not None else None


async def _fall() -> None:
    for process in browsers():
        # One of its children may have ended in this moment.
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name() == "chromium" and not any("--type=" in word for word in process.cmdline()):
                process.kill()


async def _until_no_browser() -> None:
    async with asyncio.timeout(30):
        while browsers():  # noqa: ASYNC110 - processes tell nobody
            await asyncio.sleep(0.05)
