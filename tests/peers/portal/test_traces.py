"""What a visit to a portal leaves on a disk: nothing, where an ordinary Chromium leaves all of it."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kit.portal.browser import WINDOW_CLASS
from kit.portal.confinement import PROGRAM
from kit.portal.keeper import Keeper
from kit.portal.session import Opened
from tests.peers.portal.desk import PLACE, Desk, portal, visiting
from tests.peers.portal.server import World

pytestmark = pytest.mark.timeout(300)
ROOTS = (
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/run",
    "/var/log",
    "/var/lib",
    "/var/cache",
    "/home",
    "/root",
    "/etc",
)
BIGGEST = 1 << 28
SETTLE_S = 3.0
"""By then a browser has written what it keeps."""


def canaries() -> dict[str, str]:
    """Words that nothing else contains."""
    return {kind: f"{kind}{secrets.token_hex(6)}" for kind in ("typed", "password", "page")}


def found(roots: list[Path], words: dict[str, str], since: float) -> set[str]:
    """Which words are in files that were written since, in either of the encodings that Chromium uses."""
    sought = {kind: (word.encode(), word.encode("utf-16-le")) for kind, word in words.items()}
    hits = set()
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                content = written_since(Path(folder, name), since)
                hits |= {kind for kind, forms in sought.items() if any(form in content for form in forms)}
    return hits


def written_since(path: Path, since: float) -> bytes:
    try:
        status = path.lstat()
        fresh = path.is_file() and not path.is_symlink() and status.st_mtime >= since - 1
        return path.read_bytes() if fresh and status.st_size < BIGGEST else b""
    except OSError:
        return b""


async def fill_in(desk: Desk, words: dict[str, str]) -> None:
    """Type into the portal, and let the page keep it in every way that a page can."""
    await desk.world.until_page("/")
    await desk.click("name")
    await desk.xdotool("type", "--delay", "15", words["typed"])
    await desk.click("secret")
    await desk.xdotool("type", "--delay", "15", words["password"])
    await desk.click("keep")
    await desk.world.until_told(words["typed"])
    await asyncio.sleep(SETTLE_S)


@asynccontextmanager
async def unprotected(world: World, screen: str, profile: Path) -> AsyncIterator[Desk]:
    """The same Chromium with a profile on the disk and no policy, in the same place of the screen."""
    keeper = Keeper(screen, lambda _: None)
    await asyncio.to_thread(keeper.start)
    keeper.place(PLACE)
    rules = ",".join(f"MAP {name} {where}" for name, where in world.addresses.items())
    words = [PROGRAM, f"--user-data-dir={profile}", f"--class={WINDOW_CLASS}", "--kiosk", "--no-sandbox"]
    words += ["--ozone-platform=x11", "--no-first-run", "--ignore-certificate-errors", "--disable-gpu"]
    words += [f"--host-resolver-rules={rules}", f"--app={portal('/').address}"]
    browser = await asyncio.create_subprocess_exec(
        *words, env={**os.environ, "DISPLAY": screen}, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield Desk(world, screen)
    finally:
        browser.terminate()
        await browser.wait()
        await asyncio.to_thread(keeper.close)


async def test_a_visit_leaves_no_word_on_any_disk(world: World, screen: str) -> None:
    words, since = canaries(), time.time()
    world.words = words["page"]
    async with visiting(world, screen, portal("/")) as desk:
        await desk.until(Opened)
        await fill_in(desk, words)
        during = await asyncio.to_thread(found, [Path(root) for root in ROOTS], words, since)
    after = await asyncio.to_thread(found, [Path(root) for root in ROOTS], words, since)
    assert (during, after) == (set(), set())


async def test_the_search_finds_what_an_ordinary_chromium_leaves(
    world: World, screen: str, tmp_path: Path
) -> None:
    words, since = canaries(), time.time()
    world.words = words["page"]
    async with unprotected(world, screen, tmp_path / "profile") as desk:
        await fill_in(desk, words)
    assert await asyncio.to_thread(found, [tmp_path], words, since) == set(words)
