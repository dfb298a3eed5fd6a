"""The page's time code and Python's are the same."""

import numpy as np
import pytest
from playwright.async_api import Browser

from kit.media import timecode
from kit.meeting.testroom import TestRoomServer
from tests.peers.testroom.browser import Client

DRAW = """([width, height, ms]) => {
    const canvas = Object.assign(document.createElement('canvas'), {width, height});
    const g = canvas.getContext('2d');
    g.fillStyle = '#888';
    g.fillRect(0, 0, width, height);
    room.timecode.write(g, width, height, ms);
    const data = g.getImageData(0, 0, width, Math.floor(height / 12) + 1).data;
    return Array.from(data.filter((_, index) => index % 4 === 1));
}"""

READ = """([width, height, luma]) => {
    const data = new Uint8ClampedArray(luma.flatMap(y => [y, y, y, 255]));
    return room.timecode.read({data, width, height});
}"""


@pytest.fixture
async def client(browser: Browser, server: TestRoomServer) -> Client:
    return await Client.open(browser, server.url, "hembesok", "Samordnare Norr")


async def test_each_reads_what_the_other_writes(client: Client) -> None:
    for width, height, ms in ((320, 180, 1), (640, 360, 1_700_000_123_456), (1280, 720, 2**26 - 1)):
        rows = np.array(await client.page.evaluate(DRAW, [width, height, ms]), np.uint8).reshape(-1, width)
        assert (rows[-1] == 0x88).all()
        luma = np.full((height, width), 120, np.uint8)
        luma[: len(rows)] = rows
        assert timecode.read(luma) == ms % timecode.SPAN_MS
        timecode.write(luma, ms)
        strip = luma[: timecode.strip_height(height)]
        read = await client.page.evaluate(READ, [width, len(strip), strip.flatten().tolist()])
        assert read == ms % timecode.SPAN_MS


async def test_the_page_reads_no_code_where_there_is_none(client: Client) -> None:
    plain = np.full((30, 640), 120, np.uint8)
    assert await client.page.evaluate(READ, [640, 30, plain.flatten().tolist()]) is None


async def test_ages_agree_across_the_wrap(client: Client) -> None:
    for code, wall in (
        (timecode.SPAN_MS - 10, timecode.SPAN_MS * 3 + 10),
        (500, 450),
        (0, 1_700_000_000_000),
    ):
        assert await client.page.evaluate(f"room.timecode.ageMs({code}, {wall})") == timecode.age_ms(
            code, wall
        )
