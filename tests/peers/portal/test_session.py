"""A visit to a portal: login, call, falls, refusals, and that nothing is left of it."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from kit.portal.confinement import HOME
from kit.portal.policy import managed
from kit.portal.session import Failed, Failure, NotGenuine, Opened, Restarting
from kit.portal.site import Portal
from tests.peers.portal.desk import browsers, portal, visiting
from tests.peers.portal.server import World

pytestmark = pytest.mark.timeout(300)
GONE_S = 30.0


async def until_gone(pids: set[int]) -> None:
    async with asyncio.timeout(GONE_S):
        while any(psutil.pid_exists(pid) for pid in pids):  # noqa: ASYNC110 - processes tell nobody
            await asyncio.sleep(0.02)


def fall(kind: str) -> None:
    """End Chromium's own process, or that of its page."""
    for process in browsers():
        with contextlib.suppress(psutil.Error):  # one that ends at this moment
            words = process.cmdline()
            wanted = "--type=renderer" in words if kind == "page" else not any("--type=" in w for w in words)
            if wanted and process.name() == "chromium":
                process.send_signal(signal.SIGKILL)


async def test_a_login_by_qr_leads_through_another_origin_and_back(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/")) as desk:
        await desk.until(Opened)
        await world.until_page("/")
        await desk.click("login")
        await world.until_page("/login")
        assert world.orders
        world.scanned.add(world.orders[-1])
        await world.until_page("/second")
        assert desk.notices == []


async def test_a_call_has_picture_and_sound_without_a_question(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/call")) as desk:
        await desk.until(Opened)
        assert int((await world.until_told("I mötet")).rpartition(" ")[2]) > 0


async def test_camera_and_microphone_are_for_the_portals_origins_alone(world: World, screen: str) -> None:
    place = portal("/call")
    own = f"https://{place.host}"
    policy = json.loads(managed(place))
    assert policy["AudioCaptureAllowedUrls"] == policy["VideoCaptureAllowedUrls"]
    assert all(url.startswith((own, "https://idp.example")) for url in policy["AudioCaptureAllowedUrls"])
    async with visiting(world, screen, portal("/stranger", "https://elsewhere.example")) as desk:
        await desk.until(Opened)
        assert (await world.until_told("frame")).startswith("frame nej")


async def test_pages_are_asked_for_in_swedish(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/")) as desk:
        await desk.until(Opened)
        await world.until_page("/")
        assert all(language.startswith("sv") for language in world.languages)


async def test_back_leads_one_page_back(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/")) as desk:
        await desk.until(Opened)
        await world.until_page("/")
        await desk.click("second")
        await world.until_page("/second")
        assert desk.session is not None
        desk.session.back()
        await world.until_page("/")


async def test_nothing_listens_and_the_kit_is_out_of_sight(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/")) as desk:
        await desk.until(Opened)
        processes = browsers()
        inside = next(p for p in processes if p.name() == "chromium" and len(p.cmdline()) > 3)
        listening = [
            connection
            for process in processes
            for connection in process.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        ]
        root = Path(f"/proc/{inside.pid}/root")
        assert listening == []
        assert not (root / "work").exists()
        assert not (root / "root").exists()
        assert not (root / "run/user").exists()
        assert not (root / "run/dbus").exists()
        theirs = [path.name for path in (root / "tmp").iterdir() if "chromium" not in path.name.lower()]
        assert theirs == [".X11-unix"]
        assert (root / "etc/chromium/policies/managed/portal.json").exists()


async def test_the_browsers_own_sandbox_is_on(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/")) as desk:
        await desk.until(Opened)
        await world.until_page("/")
        pages = [p for p in browsers() if "--type=renderer" in p.cmdline()]
        filtered = [_status(p.pid)["Seccomp"] == "2" for p in pages]
        assert filtered
        assert all(filtered)
        assert not any("--no-sandbox" in p.cmdline() for p in browsers())


async def test_a_fallen_browser_is_started_once_more_and_then_given_up(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/")) as desk:
        await desk.until(Opened)
        await world.until_page("/")
        fall("browser")
        await desk.until(Restarting)
        await desk.until(Opened, times=2)
        await world.until_page("/")
        fall("browser")
        await desk.until(Failed)
        assert desk.heard[-1] == Failed(Failure.FELL)
        await until_gone({process.pid for process in browsers()})


async def test_a_fallen_page_counts_as_a_fall(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/")) as desk:
        await desk.until(Opened)
        await world.until_page("/")
        fall("page")
        await desk.until(Restarting)
        await desk.until(Opened, times=2)
        await world.until_page("/")


async def test_a_page_that_eats_all_memory_falls_alone(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/attempts")) as desk:
        await desk.until(Opened)
        await world.until_page("/attempts")
        await desk.click("crash")
        await desk.until(Restarting)
        await desk.until(Opened, times=2)
        await world.until_page("/attempts")


async def refused(world: World, screen: str, address: str) -> Failure:
    host = address.removeprefix("https://").rstrip("/")
    place = Portal(name="Portalen", address=address, origins=(f"https://{host}",))
    async with visiting(world, screen, place) as desk:
        await desk.until(Failed)
        assert [type(happening) for happening in desk.heard] == [Failed]
        return next(happening.failure for happening in desk.heard if isinstance(happening, Failed))


async def test_a_server_that_is_not_genuine_is_never_opened(world: World, screen: str) -> None:
    assert await refused(world, screen, "https://untrusted.example/") is Failure.NOT_GENUINE


async def test_a_server_that_does_not_answer_is_said(world: World, screen: str) -> None:
    assert await refused(world, screen, "https://dead.example/") is Failure.UNREACHABLE


async def test_a_bad_certificate_in_mid_visit_cannot_be_clicked_past(world: World, screen: str) -> None:
    async with visiting(world, screen, portal("/attempts", "https://untrusted.example")) as desk:
        await desk.until(Opened)
        await world.until_page("/attempts")
        await desk.click("untrusted")
        await desk.until(NotGenuine)
        # Chromium's own word for going on all the same, typed at its warning.
        await desk.xdotool("type", "thisisunsafe")
        await asyncio.sleep(1)
        assert world.evil == []
        assert desk.session is not None
        # As the agent does: covered, with the way back in the frame.
        desk.session.place(None)
        desk.session.back()
        await desk.until(Opened, times=2)
        await world.until_page("/attempts")


async def test_without_a_display_of_our_own_there_is_no_portal(world: World, screen: str) -> None:
    async with visiting(world, ":987", portal("/")) as desk:
        await desk.until(Failed)
        assert desk.heard == [Failed(Failure.NOT_INSTALLED)]


async def test_at_the_end_no_process_and_no_socket_is_left(world: World, screen: str) -> None:
    before = shared()
    async with visiting(world, screen, portal("/call")) as desk:
        await desk.until(Opened)
        await world.until_told("I mötet")
        pids = {process.pid for process in browsers()}
        assert len(pids) > 3
    await until_gone(pids)
    assert shared() == before


async def test_a_killed_agent_takes_the_browser_with_it(world: World, screen: str, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    told.write_text(json.dumps({"port": world.port, "ca": str(world.ca), "screen": screen}))
    agent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.peers.portal.alone", str(told)), cwd=Path.cwd(), env=os.environ
    )
    await world.until_page("/")
    pids = {process.pid for process in browsers()}
    assert len(pids) > 3
    agent.kill()
    await agent.wait()
    await until_gone(pids)


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def shared() -> tuple[set[Path], set[Path]]:
    """What lies in shared memory, and of sockets of X servers."""
    return set(Path("/dev/shm").iterdir()), set(Path("/tmp/.X11-unix").iterdir())


def test_this_machine_knows_neither_the_browsers_home_nor_its_policy() -> None:
    assert not Path(HOME).exists()
    assert not Path("/etc/chromium/policies/managed/portal.json").exists()
