"""A page, and staff on it, try to get out. Real clicks and keys; nothing outside is ever reached."""

import asyncio

import pytest

from kit.ipc.portal import PortalNotice
from kit.portal.session import Failed, Opened, Restarting
from tests.peers.portal.desk import PLACE, REACT_S, Desk, portal, visiting
from tests.peers.portal.server import World

pytestmark = pytest.mark.timeout(300)

OUTSIDE = ("link", "redirect", "post", "subdomain", "port", "plain", "about")
SILENT = ("file", "source", "chrome", "devtools", "data", "script", "blob")
"""Chromium refuses these before there is a page to leave, or the page before comes back."""
PROGRAMS = {"tel": PortalNotice.CALL, "mailto": PortalNotice.MAIL, "bankid": PortalNotice.APP}
DOWNLOADS = ("download", "attachment", "blob-download")
WINDOWS = ("blank", "own-blank", "window")
ASKED = {
    "notify": "notify denied",
    "place": "place nej",
    "display": "display nej",
    "usb": "usb nej",
    "clipboard": "clipboard nej",
    "save-file": "save-file nej",
    "open-folder": "open-folder nej",
    "bluetooth": "bluetooth nej",
}
KEYS = (
    *("ctrl+n", "ctrl+t", "ctrl+w", "ctrl+l", "ctrl+o", "ctrl+p", "ctrl+s", "ctrl+u", "ctrl+j", "ctrl+h"),
    *("ctrl+r", "ctrl+f", "ctrl+g", "ctrl+d", "ctrl+k", "ctrl+e", "ctrl+b", "ctrl+q", "ctrl+plus", "ctrl+1"),
    *("ctrl+shift+n", "ctrl+shift+t", "ctrl+shift+i", "ctrl+shift+j", "ctrl+shift+c", "ctrl+shift+w"),
    *("ctrl+shift+Delete", "ctrl+shift+b", "ctrl+shift+o", "ctrl+F4", "ctrl+Tab", "ctrl+Return", "ctrl+F5"),
    *("alt+Left", "alt+Right", "alt+Home", "alt+F4", "alt+f", "alt+e", "alt+d", "alt+space", "alt+Return"),
    *("F1", "F3", "F5", "F6", "F7", "F10", "F11", "F12", "shift+F5", "shift+F10", "shift+Escape", "Menu"),
    *("Print", "super+l", "super+r", "XF86HomePage", "XF86Search", "XF86Mail", "XF86Forward"),
)


async def arrived(desk: Desk) -> None:
    await desk.until(Opened)
    await desk.world.until_page("/attempts")


def stands(desk: Desk) -> None:
    """Nothing outside was reached, the portal's window is the only one, and nothing had to be restarted."""
    assert desk.world.evil == []
    assert desk.windows() == {"portal.example__attempts": PLACE}
    assert not any(isinstance(happening, Restarting | Failed) for happening in desk.heard)


async def test_what_leads_outside_is_refused_in_words_and_left_again(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        for part in OUTSIDE:
            desk.heard.clear()
            await desk.click(part)
            try:
                await desk.until_notice(PortalNotice.OUTSIDE)
                await world.until_page("/attempts")
            except TimeoutError:
                raise AssertionError(part) from None
            stands(desk)


async def test_other_schemes_lead_nowhere(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        for part in SILENT:
            await desk.click(part)
            await asyncio.sleep(REACT_S)
            try:
                await world.until_page("/attempts")
            except TimeoutError:
                raise AssertionError((part, desk.heard)) from None
            stands(desk)


async def test_a_link_that_opens_a_program_is_refused_in_words_of_its_own(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        for part, notice in PROGRAMS.items():
            desk.heard.clear()
            await desk.click(part)
            try:
                await desk.until_notice(notice)
                await world.until_page("/attempts")
            except TimeoutError:
                raise AssertionError((part, desk.heard)) from None
            assert desk.notices == [notice]
            stands(desk)


async def test_a_frame_of_another_origin_stays_empty(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        await asyncio.sleep(REACT_S)
        stands(desk)


async def test_no_second_window_is_ever_seen(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        for part in WINDOWS:
            desk.heard.clear()
            await desk.click(part)
            await desk.until_notice(PortalNotice.NEW_WINDOW)
            await asyncio.sleep(REACT_S)
            await world.until_page("/attempts")
            stands(desk)


async def test_nothing_is_downloaded(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        for part in DOWNLOADS:
            desk.heard.clear()
            await desk.click(part)
            await desk.until_notice(PortalNotice.DOWNLOAD)
            await world.until_page("/attempts")
            stands(desk)


async def test_what_a_page_may_ask_for_is_refused_without_a_question(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        for part, answer in ASKED.items():
            await desk.click(part)
            try:
                await world.until_told(answer)
            except TimeoutError:
                raise AssertionError((part, world.told, desk.heard)) from None
            stands(desk)


async def test_a_page_cannot_fill_the_screen(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        await desk.click("fullscreen")
        await asyncio.sleep(REACT_S)
        assert "fullscreen ja" not in world.told
        stands(desk)


async def test_a_page_cannot_move_over_the_kits_own_frame(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        await desk.click("move")
        await world.until_told("move klar")
        await asyncio.sleep(REACT_S)
        stands(desk)


@pytest.mark.parametrize(("part", "answer"), [("alert", "alert false"), ("passkey", "passkey nej")])
async def test_what_is_asked_of_staff_is_asked_in_the_page_and_answered_there(
    world: World, screen: str, part: str, answer: str
) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        before = desk.seen()
        await desk.click(part)
        await asyncio.sleep(REACT_S)
        assert desk.seen() == before
        async with asyncio.timeout(60):
            while answer not in " ".join(world.told):
                await desk.xdotool("key", "Escape")
                await asyncio.sleep(REACT_S)
        await world.until_page("/attempts")
        stands(desk)


async def test_a_page_cannot_make_itself_the_program_for_links(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        before = desk.seen()
        await desk.click("handler")
        await world.until_told("handler klar")
        await asyncio.sleep(REACT_S)
        assert desk.seen() == before
        stands(desk)


async def test_a_page_cannot_keep_the_keyboard(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        await desk.click("keyboard")
        await world.until_told("keyboard")
        desk.heard.clear()
        await desk.xdotool("key", "ctrl+w")
        await desk.until_notice(PortalNotice.KEY)
        await world.until_page("/attempts")
        stands(desk)


async def test_a_page_cannot_keep_the_pointer(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        await desk.click("pointer")
        await world.until_told("pointer fri")
        assert PortalNotice.POINTER in desk.notices
        stands(desk)


async def test_no_file_is_chosen_and_nothing_is_printed(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        await desk.click("print")
        await world.until_told("print klar")
        stands(desk)
        await desk.click("upload")
        await asyncio.sleep(REACT_S)
        assert "upload ja" not in world.told
        stands(desk)


async def test_no_shortcut_of_the_browser_reaches_it(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        await desk.click("said")
        for keys in KEYS:
            desk.heard.clear()
            world.told.clear()
            await desk.xdotool("key", keys)
            try:
                await desk.until_notice(PortalNotice.KEY)
            except TimeoutError:
                raise AssertionError(keys) from None
            await asyncio.sleep(0.1)
            modifiers = {"key Control", "key Shift", "key Alt", "key Meta"}
            assert [told for told in world.told if told not in modifiers] == [], keys
        await world.until_page("/attempts")
        stands(desk)


async def test_typing_and_editing_still_work(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/")) as desk:
        await desk.until(Opened)
        await world.until_page("/")
        await desk.click("name")
        await desk.xdotool("type", "--delay", "30", "sara@norr")
        await desk.xdotool("key", "ctrl+a", "ctrl+c", "End", "ctrl+v")
        await desk.click("keep")
        assert await world.until_told("sara@norr") == "sara@norrsara@norr"


async def test_other_buttons_of_a_mouse_do_nothing(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        for button in (2, 3, 8, 9):
            desk.heard.clear()
            await desk.click("link", button)
            await desk.until_notice(PortalNotice.KEY)
        await asyncio.sleep(REACT_S)
        assert "contextmenu" not in world.told
        stands(desk)


async def test_a_page_that_is_asked_for_its_menu_shows_none(
    world: World, screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As after a long press: nothing is held back on the way to the page.
    monkeypatch.setattr("kit.portal.keys.BUTTONS", (2,))
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        before = desk.seen()
        await desk.click("link", 3)
        await world.until_told("contextmenu")
        await asyncio.sleep(REACT_S)
        assert desk.seen() == before
        stands(desk)


async def test_an_address_dropped_on_the_page_leads_nowhere(world: World, screen: str) -> None:
    async with visiting(world, screen, portal()) as desk:
        await arrived(desk)
        (x, y), (to_x, to_y) = world.places["link"], world.places["said"]
        await desk.xdotool("mousemove", str(x), str(y + 100), "mousedown", "1")
        for step in range(1, 11):
            part = step / 10
            await desk.xdotool(
                "mousemove", str(int(x + (to_x - x) * part)), str(int(100 + y + (to_y - y) * part))
            )
            await asyncio.sleep(0.03)
        await desk.xdotool("mouseup", "1")
        await asyncio.sleep(REACT_S)
        await world.until_page("/attempts")
        stands(desk)
