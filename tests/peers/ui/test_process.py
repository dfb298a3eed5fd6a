"""The screen process on a virtual display, with a real mouse, a real keyboard and real shared memory."""

import asyncio
import json
import time
from typing import Any

import numpy as np
from msgspec.structs import replace

from kit.ipc.commands import Open, SubmitInvitation
from kit.ipc.pictures import PictureServer, Stream, picture_socket
from kit.ipc.state import Page
from kit.media import timecode
from tests.kit.ui.pictures import flat, planes
from tests.kit.ui.states import HOME, call
from tests.peers.ui.conftest import DEADLINE_S, Kiosk

BACK_WITHIN_S = 3.0


PICTURES = 20


def measured(kiosk: Kiosk) -> list[dict[str, Any]]:
    """Return the whole lines of measurements."""
    if not kiosk.measure_file.exists():
        return []
    text = kiosk.measure_file.read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


async def command(kiosk: Kiosk) -> Any:
    async with asyncio.timeout(DEADLINE_S):
        return await kiosk.agent.commands.get()


async def test_a_tap_of_the_mouse_reaches_the_agent_and_the_answer_is_shown(kiosk: Kiosk) -> None:
    await kiosk.tap("home.join")
    assert await command(kiosk) == Open(Page.MEETING)
    await kiosk.agent.show(replace(HOME, page=Page.MEETING))
    await kiosk.until("meeting.type")
    await kiosk.until("home.join", there=False)
    assert await kiosk.stop() == 0


async def test_a_real_keyboard_types_a_link(kiosk: Kiosk) -> None:
    link = "https://moten.region.example/m/Norr?pin=4711&role=guest"
    await kiosk.agent.show(replace(HOME, page=Page.MEETING))
    await kiosk.tap("meeting.type")
    await kiosk.until("key.å")
    await kiosk.xdotool("type", "--delay", "40", link)
    await kiosk.xdotool("key", "Return")
    assert await command(kiosk) == SubmitInvitation(link)


async def test_keys_on_the_screen_type_swedish(kiosk: Kiosk) -> None:
    await kiosk.agent.show(replace(HOME, page=Page.MEETING))
    await kiosk.tap("meeting.type")
    for key in "åäö":
        await kiosk.tap(f"key.{key}")
    await kiosk.tap("meeting.submit")
    assert await command(kiosk) == SubmitInvitation("åäö")


async def test_after_a_kill_the_screen_is_back_at_once(kiosk: Kiosk) -> None:
    await kiosk.agent.show(call())
    await kiosk.until("call.mute")
    await kiosk.kill()
    killed = time.monotonic()
    await kiosk.start()
    await kiosk.until("call.mute")
    passed = time.monotonic() - killed
    # On a machine that is busy with other things the process's own time counts.
    used = sum(kiosk.cpu_times()[:2])
    assert min(passed, used) < BACK_WITHIN_S


async def test_without_its_agent_the_screen_waits_and_comes_back(kiosk: Kiosk) -> None:
    await kiosk.agent.stop()
    await kiosk.until("home.join", there=False)
    assert kiosk.targets() == {}
    await kiosk.agent.start()
    await kiosk.until("home.join")


async def test_pictures_are_drawn_and_their_age_is_measured(kiosk: Kiosk) -> None:
    server = PictureServer()
    serving = asyncio.create_task(server.serve(server.listen(picture_socket(kiosk.run_dir))))
    await kiosk.agent.show(call())
    luma, blue, red = flat(640, 360, 120, 128, 128)
    rows: list[dict[str, Any]] = []
    deadline = time.monotonic() + 30
    while sum(row["drawn"] for row in rows) < PICTURES and time.monotonic() < deadline:
        timecode.write(luma, int(time.time() * 1000))
        server.writers[Stream.REMOTE].write((640, 360), 1, planes(luma, blue, red))
        await asyncio.sleep(0.04)
        rows = measured(kiosk)
    serving.cancel()
    drawn = sum(row["drawn"] for row in rows)
    ages = [timecode.age_ms(code, wall) for row in rows for wall, code in row["glass"]]
    assert drawn >= PICTURES
    assert len(ages) >= drawn - 1
    assert 0 <= np.median(ages) < 1000
