"""Pexip's own client library against the room: how it is refused, and what the page says."""

from playwright.async_api import Browser

from kit.meeting.testroom import TestRoomServer
from tests.peers.testroom.browser import Client
from tests.peers.testroom.conftest import Join


async def test_without_pin_with_a_wrong_one_and_with_the_right_one(join: Join) -> None:
    client = await join("Samordnare Norr")
    assert await client.page.inner_text("#notice") == "Skriv PIN-koden för mötet."
    await client.page.fill("#pin", "9999")
    await client.join()
    assert await client.page.inner_text("#notice") == "Fel PIN-kod. Försök igen."
    assert (await client.stats())["disconnect"]["code"] == "#pex101"
    await client.page.fill("#pin", "1234")
    await client.join()
    await client.until("room.state.phase === 'in' && room.state.me?.host")


async def test_no_such_room_a_full_one_and_maintenance(browser: Browser, server: TestRoomServer) -> None:
    client = await Client.open(browser, server.url, "finnsinte", "Samordnare Norr", "1234")
    for alias, code, words in (
        ("finnsinte", "#pex154", "Mötesrummet finns inte."),
        ("fullt", "#pex194", "Mötesrummet är fullt."),
        ("hembesok", "#pex110", "Mötestjänsten har underhåll just nu."),
    ):
        server.lab.maintenance(code == "#pex110")
        await client.page.fill("#alias", alias)
        await client.join()
        assert (await client.stats())["disconnect"]["code"] == code
        assert words in await client.page.inner_text("#notice")
    server.lab.maintenance(False)
    await client.join()
    await client.until("room.state.phase === 'in'")
    assert client.errors == []
