"""A call from the coordinator's page rings on the kit of the demo, and a unit that is not there is said."""

from collections.abc import AsyncIterator

import pytest

from demo.browser import chromium
from demo.coordinator import Coordinator
from demo.kiosk import Kiosk
from demo.world import World
from kit.visit.model import Step
from tests.peers.demo.test_faults import kiosk, world

__all__ = ["kiosk", "world"]

pytestmark = pytest.mark.timeout(300)
SOON_S = 60.0


@pytest.fixture
async def coordinator(world: World) -> AsyncIterator[Coordinator]:
    async with chromium() as browser:
        page = await Coordinator.open(browser, world.coordinator_page)
        await page.fill_in("hembesok")
        await page.join(SOON_S)
        yield page


async def test_the_kit_rings_and_staff_may_decline(
    world: World, kiosk: Kiosk, coordinator: Coordinator
) -> None:
    await coordinator.ring("enhet-99")
    await coordinator.page.get_by_text("Enheten kunde inte ringas upp").wait_for()
    await coordinator.ring(world.visiting.alias)
    await kiosk.until(lambda state: state.visit.step is Step.RINGING, SOON_S, "the call")
    await kiosk.finger.wait_for("ring.answer", SOON_S)
    await kiosk.finger.tap("ring.decline")
    await kiosk.until(lambda state: state.visit.step is Step.IDLE, SOON_S, "quiet")
