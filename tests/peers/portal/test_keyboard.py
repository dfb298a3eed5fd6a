"""The keyboard on the screen, in a portal: real keys in a real page, and nothing of them anywhere else."""

import asyncio

import pytest

from kit.ipc.portal import PortalKey
from kit.portal.keeper import Place
from kit.portal.session import Opened
from tests.peers.portal.desk import PLACE, Desk, portal, visiting
from tests.peers.portal.server import World

pytestmark = pytest.mark.timeout(300)
SMALL = Place(PLACE.left, PLACE.top, PLACE.width, 190)
"""What the frame leaves of the page beside the keyboard."""


def press(desk: Desk, text: str) -> None:
    assert desk.session is not None
    for sign in text:
        desk.session.press(sign)


async def until_last_told(world: World, word: str) -> None:
    """Wait until a page says this once more."""
    world.told.clear()
    await world.until_told(word)


async def test_a_login_is_typed_with_the_letters_of_swedish(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/form")) as desk:
        assert desk.session is not None
        await desk.until(Opened)
        await world.until_page("/form")
        await desk.click("name")
        press(desk, "Åsa.Öst-ärlig_7@norrx")
        desk.session.press(PortalKey.BACK)
        desk.session.press(PortalKey.NEXT)
        press(desk, "llÄ?=&/:, !1")
        desk.session.press(PortalKey.ENTER)
        await world.until_told("skickat")
        assert "skickat Åsa.Öst-ärlig_7@norr llÄ?=&/:, !1" in world.told
        assert desk.heard == [Opened()]


async def test_the_first_key_brings_the_field_back_into_what_is_left_of_the_page(
    world: World, screen: str
) -> None:
    async with visiting(world, screen, portal("/form")) as desk:
        assert desk.session is not None
        await desk.until(Opened)
        await world.until_page("/form")
        await desk.click("name")
        desk.session.place(SMALL)
        await until_last_told(world, "ser name nej")
        press(desk, "s")
        await until_last_told(world, "ser name ja")
        desk.session.press(PortalKey.NEXT)
        await until_last_told(world, "ser secret ja")


async def test_no_key_reaches_a_page_that_is_covered(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/attempts")) as desk:
        assert desk.session is not None
        await desk.until(Opened)
        await world.until_page("/attempts")
        desk.session.place(None)
        press(desk, "q")
        desk.session.place(PLACE)
        press(desk, "w")
        await world.until_told("key w")
        await asyncio.sleep(0.2)
        assert "key q" not in world.told
