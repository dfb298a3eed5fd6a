"""The phone of the demo: reads the login on the kiosk's screen, and lets the kit into the meeting."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from demo.kiosk import Kiosk
from demo.phone import look_for_link
from demo.world import World
from kit.visit.model import Step
from tests.peers.demo.test_faults import SOON_S, kiosk, world

__all__ = ["kiosk", "world"]

pytestmark = pytest.mark.timeout(300)


async def phone(folder: Path, **env: str) -> tuple[int | None, str]:
    """Run the command as a newcomer does; its exit code, and what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo.phone", "--folder", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **env},
    )
    said, _ = await asyncio.wait_for(process.communicate(), 2 * SOON_S)
    return process.returncode, said.decode()


def shown(kiosk: Kiosk) -> str:
    return kiosk.state.call.login_url if kiosk.state else ""


async def test_the_phone_lets_the_kit_in_from_a_picture_and_from_a_window(world: World, kiosk: Kiosk) -> None:
    screen = world.visiting.screen
    code, said = await phone(world.layout.root, **screen.env)
    assert (code, said.count("\n")) == (1, 1)
    assert "inloggat" in said
    await kiosk.finger.tap("home.join")
    await kiosk.type_meeting("inloggat")
    await kiosk.test_again()
    await kiosk.confirm_everything()
    await kiosk.finger.tap("confirm.next")
    await kiosk.until(lambda state: bool(state.call.login_url), SOON_S, "the login")
    await world.picture_screens()
    picture = world.picture_of(world.visiting)
    assert await asyncio.to_thread(look_for_link, picture) == shown(kiosk)
    picture.unlink()
    assert await phone(world.layout.root, **screen.env) == (0, "logged in\n")
    inside = (Step.WAITING, Step.IN_CALL)
    await kiosk.until(lambda state: state.visit.step in inside, SOON_S, "the kit in the meeting")


async def test_a_phone_without_a_demo_says_so(tmp_path: Path) -> None:
    code, said = await phone(tmp_path)
    assert code == 1
    assert "make demo" in said
