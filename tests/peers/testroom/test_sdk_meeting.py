"""Pexip's own client library against the room: what two people do in a meeting."""

import asyncio

from kit.meeting.testroom import TestRoomServer
from tests.kit.meeting.testroom.client import Api
from tests.peers.testroom.conftest import Join

SEEN_AND_HEARD = "(s => s.picture_latency_ms.count >= 25 && s.beep_latency_ms.count >= 2)(room.stats())"


async def test_two_see_and_hear_each_other_and_write(join: Join) -> None:
    host = await join("Samordnare Norr", "1234")
    kit = await join("Hembesökskit 7", "none")
    for client in (host, kit):
        await client.until(SEEN_AND_HEARD)
        await client.until("room.stats().sound_dbfs > -45")
        stats = await client.stats()
        assert stats["participants"] == 2
        assert stats["codec"] == "video/H264"
        assert 0 < stats["picture_latency_ms"]["p50"] < 10_000
    for writer, reader in ((host, kit), (kit, host)):
        name = await writer.page.evaluate("room.state.me.name")
        await writer.page.fill("#chat-text", f"Hej från {name}")
        await writer.page.click("#chat-send")
        await reader.until(f"room.stats().last_chat?.text === 'Hej från {name}'")
        assert (await reader.stats())["last_chat"]["from"] == name


async def test_mute_and_camera_off_are_heard_seen_and_told(join: Join) -> None:
    host = await join("Samordnare Norr", "1234")
    kit = await join("Hembesökskit 7", "none")
    await host.until(SEEN_AND_HEARD)
    await kit.page.click("#mute")
    await host.until("room.stats().roster.some(p => p.muted)")
    await host.until("room.stats().sound_dbfs < -70")
    await kit.page.click("#camera")
    await host.until("room.stats().roster.some(p => p.cameraOff)")
    await asyncio.sleep(1)
    before = (await host.stats())["picture_latency_ms"]["count"]
    await asyncio.sleep(1)
    assert (await host.stats())["picture_latency_ms"]["count"] == before
    await kit.page.click("#camera")
    await kit.page.click("#mute")
    await host.until(f"room.stats().picture_latency_ms.count > {before} && room.stats().sound_dbfs > -45")
    assert not any(p["muted"] or p["cameraOff"] for p in (await host.stats())["roster"])


async def test_a_locked_room_lets_in_whom_the_host_admits_and_the_host_ends_it_for_all(join: Join) -> None:
    host = await join("Samordnare Norr", "1234")
    await host.page.click("#lock")
    await host.until("room.state.locked")
    late = await join("Närstående", "none")
    await late.until("room.state.waiting")
    assert await late.page.locator("#waiting").is_visible()
    assert (await late.stats())["participants"] == 0
    await host.page.get_by_role("button", name="Släpp in").click()
    await late.until("!room.state.waiting && room.stats().participants === 2")
    await late.until("room.stats().picture_latency_ms.count > 5")
    assert not await late.page.locator("#end-all").is_visible()
    await host.page.click("#end-all")
    await host.page.click("#confirm-no")
    assert (await host.stats())["phase"] == "in"
    await host.page.click("#end-all")
    await host.page.click("#confirm-yes")
    for client in (host, late):
        await client.until("room.state.phase === 'ended'")
        assert (await client.stats())["disconnect"]["code"] == "#pex125"
        assert await client.page.get_by_text("Mötesledaren har avslutat mötet för alla.").is_visible()


async def test_the_host_puts_one_out(join: Join) -> None:
    host = await join("Samordnare Norr", "1234")
    kit = await join("Hembesökskit 7", "none")
    await host.until("room.stats().participants === 2")
    await host.page.get_by_role("button", name="Koppla ner").click()
    await kit.until("room.state.phase === 'ended'")
    assert (await kit.stats())["disconnect"]["code"] == "#pex124"
    await host.until("room.stats().participants === 1")


async def test_slides_are_shown_stolen_and_taken_away(join: Join) -> None:
    host = await join("Samordnare Norr", "1234")
    kit = await join("Hembesökskit 7", "none")
    await kit.until("room.stats().participants === 2")
    await host.page.click("#share-slide")
    await kit.until("room.stats().slides_shown")
    # Chromium begins small and grows with what it thinks the path carries.
    await kit.until("document.getElementById('slides').videoWidth === 1280")
    await kit.page.click("#share-slide")
    await host.until("room.stats().slides_shown")
    assert await host.page.get_attribute("#share-slide", "aria-pressed") == "false"
    await kit.page.click("#share-slide")
    await host.until("!room.stats().slides_shown")


async def test_leaving_and_closing_the_page_free_the_place_at_once(
    join: Join, server: TestRoomServer
) -> None:
    host = await join("Samordnare Norr", "1234")
    kit = await join("Hembesökskit 7", "none")
    await kit.page.click("#leave")
    await host.until("room.stats().participants === 1")
    assert await kit.page.get_by_text("Du har lämnat mötet").first.is_visible()
    await kit.page.click("#again")
    await kit.join()
    await host.until("room.stats().participants === 2")
    await kit.page.goto("about:blank")
    await host.until("room.stats().participants === 1")


async def test_the_roster_follows_a_participant_that_is_no_browser(join: Join, api: Api) -> None:
    host = await join("Samordnare Norr", "1234")
    other = await api.join("Tolk", pin="none")
    await host.until("room.stats().roster.some(p => p.name === 'Tolk' && !p.media)")
    await other.ok("message", {"type": "text/plain", "payload": "Jag är här"})
    await host.until("room.stats().last_chat?.text === 'Jag är här'")
    await other.ok("release_token")
    await host.until("room.stats().participants === 1")
