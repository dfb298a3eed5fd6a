"""What the kit shows the others: a still picture and a second camera, to Pexip's own client in Chromium."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from playwright.async_api import Browser, async_playwright

from kit.ipc import engine as ng
from kit.ipc.call import PresentSource
from kit.ipc.pictures import Picture, Stream
from kit.media import timecode
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.media.conftest import Node, until
from tests.peers.media.kit import Kit, write_config
from tests.peers.media.pulse import Pulse
from tests.peers.testroom.browser import CHROMIUM, FLAGS, Client

pytestmark = pytest.mark.timeout(300)
FULL_HD = "el => el.videoWidth === 1920 && el.videoHeight === 1080"
LUMA = """async el => {
    const g = new OffscreenCanvas(1920, 1080).getContext('2d', {alpha: false});
    g.drawImage(el, 0, 0, 1920, 1080);
    const {data} = g.getImageData(0, 0, 1920, 1080);
    const luma = new Uint8Array(1920 * 1080);
    for (let at = 0; at < luma.length; at++) {
        luma[at] = 16.5 + 0.257 * data[4 * at] + 0.504 * data[4 * at + 1] + 0.098 * data[4 * at + 2];
    }
    let text = '';
    for (let at = 0; at < luma.length; at += 8192) {
        text += String.fromCharCode(...luma.subarray(at, at + 8192));
    }
    return btoa(text);
}"""
Luma = npt.NDArray[np.uint8]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def coordinator(browser: Browser, node: Node) -> AsyncIterator[Client]:
    client = await Client.open(browser, node.server.url, "hembesok", "Samordnare Norr", "1234")
    await client.join()
    yield client
    assert client.errors == []


@pytest.fixture
async def sharing_kit(config: Path, pulse: Pulse, node: Node, coordinator: Client) -> AsyncIterator[Kit]:
    """In a call with the coordinator, with a second camera."""
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[second_camera]\nsource = "generated"\nfps = 5\n')
    async with Kit(config, pulse.environment) as kit:
        await kit.join(node.host, "hembesok")
        await kit.wait_for(ng.RoomJoined)
        yield kit


def luma_of(picture: Picture) -> Luma:
    plane = picture.planes[0]
    whole = np.frombuffer(plane.data, np.uint8).reshape(plane.rows, plane.stride)
    return whole[: picture.height, : picture.width].copy()


async def shown_to(client: Client) -> Luma:
    text = await client.page.locator("#slides").evaluate(LUMA)
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(1080, 1920)


async def sees_slides(client: Client) -> None:
    for _ in range(450):
        if await client.page.locator("#slides").evaluate(FULL_HD):
            return
        await client.page.wait_for_timeout(100)
    raise AssertionError(await client.stats())


def psnr(one: Luma, other: Luma) -> float:
    error = one.astype(np.float64) - other.astype(np.float64)
    return float(10 * np.log10(255**2 / max(float(np.mean(error**2)), 1e-9)))


async def take(kit: Kit) -> Luma:
    """A still picture, as staff sees it before it is shown."""
    await kit.order(ng.Aim(PresentSource.STILL))
    await kit.picture(Stream.SELF)
    await kit.order(ng.TakeStill())
    assert (await kit.wait_for(ng.StillTaken)).taken
    preview = await kit.picture(Stream.SHARED)
    assert (preview.width, preview.height) == (1920, 1080)
    return luma_of(preview)


async def test_a_still_picture_reaches_the_others_in_full_size_and_sharp(
    sharing_kit: Kit, coordinator: Client
) -> None:
    taken = await take(sharing_kit)
    assert timecode.read(taken) is not None
    await sharing_kit.order(ng.Present(PresentSource.STILL))
    assert (await sharing_kit.wait_for(ng.FloorChanged)).mine
    await sees_slides(coordinator)
    seen = await shown_to(coordinator)
    for _ in range(40):
        if psnr(taken, seen) > 33:
            break
        await asyncio.sleep(0.5)
        seen = await shown_to(coordinator)
    assert psnr(taken, seen) > 33
    assert timecode.read(seen) == timecode.read(taken)
    await sharing_kit.order(ng.Present(PresentSource.NONE))
    await coordinator.until("document.getElementById('slides').hidden")
    await until(lambda: sharing_kit.pictures.latest(Stream.SHARED) is None)


async def test_a_second_camera_is_shown_as_it_moves(sharing_kit: Kit, coordinator: Client) -> None:
    await sharing_kit.order(ng.Aim(PresentSource.SECOND_CAMERA))
    await sharing_kit.picture(Stream.SHARED)
    await sharing_kit.order(ng.Present(PresentSource.SECOND_CAMERA))
    assert (await sharing_kit.wait_for(ng.FloorChanged)).mine
    await coordinator.until("room.stats().slides_shown")
    codes: set[int] = set()
    for _ in range(60):
        if (code := timecode.read(await shown_to(coordinator))) is not None:
            codes.add(code)
        if len(codes) > 1:
            break
        await asyncio.sleep(0.3)
    assert len(codes) > 1


async def test_a_room_that_gives_no_floor_is_told_and_nothing_is_shown(
    sharing_kit: Kit, node: Node, coordinator: Client
) -> None:
    await take(sharing_kit)
    node.server.lab.refuse("take_floor", 403)
    await sharing_kit.order(ng.Present(PresentSource.STILL))
    assert not (await sharing_kit.wait_for(ng.FloorChanged)).mine
    assert not (await coordinator.stats())["slides_shown"]
    node.server.lab.heal()
    await sharing_kit.order(ng.Present(PresentSource.STILL))
    assert (await sharing_kit.wait_for(ng.FloorChanged)).mine


async def test_who_shows_something_else_takes_the_kits_picture_away(
    sharing_kit: Kit, coordinator: Client
) -> None:
    await take(sharing_kit)
    await sharing_kit.order(ng.Present(PresentSource.STILL))
    await sharing_kit.wait_for(ng.FloorChanged)
    await sees_slides(coordinator)
    await coordinator.page.evaluate("room.share('slide')")
    assert not (await sharing_kit.wait_for(ng.FloorChanged)).mine
    await sharing_kit.picture(Stream.SLIDES)
    await until(lambda: sharing_kit.pictures.latest(Stream.SHARED) is None)


async def test_a_still_picture_is_nowhere_but_in_memory(
    tmp_path: Path, node: Node, certificates: Certificates, pulse: Pulse, coordinator: Client
) -> None:
    folder, scratch = tmp_path / "kit", tmp_path / "scratch"
    for made in (folder, scratch, folder / "state"):
        made.mkdir(parents=True)
    config = write_config(folder, ca=certificates.ca, host=node.host)
    places = {"TMPDIR": str(scratch), "HOME": str(scratch), "XDG_CACHE_HOME": str(scratch)}
    async with Kit(config, {**pulse.environment, **places, "PYTHONDONTWRITEBYTECODE": "1"}) as kit:
        await kit.join(node.host, "hembesok")
        await kit.wait_for(ng.RoomJoined)
        taken = await take(kit)
        canaries = [taken[row].tobytes() for row in (40, 500, 600)]
        assert timecode.read(taken) is not None
        await kit.order(ng.Present(PresentSource.STILL))
        await kit.wait_for(ng.FloorChanged)
        await sees_slides(coordinator)
        while_shown = await asyncio.to_thread(_found, canaries, (tmp_path, Path("/dev/shm")))
        await kit.order(ng.LeaveRoom())
        await until(lambda: kit.pictures.latest(Stream.SHARED) is None)
    assert while_shown == []
    assert await asyncio.to_thread(_found, canaries, (tmp_path, Path("/dev/shm"))) == []


def _found(canaries: list[bytes], places: tuple[Path, ...]) -> list[str]:
    """Files that hold a row of the picture."""
    found = []
    for place in places:
        for path in place.rglob("*"):
            if not path.is_file():
                continue
            try:
                data = path.read_bytes()
            except OSError:
                continue
            found += [str(path) for canary in canaries if canary in data]
    return found
