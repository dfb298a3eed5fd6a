"""A virtual screen, and the servers of a portal."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.peers.portal import server
from tests.peers.portal.server import World


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """A virtual screen of its own, with no window manager on it."""
    read, write = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(write),
        "-screen",
        "0",
        "1280x800x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as process:
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        yield f":{number}"
        process.terminate()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The portal, its login, and the rest of the world."""
    async with server.running(tmp_path / "world") as running:
        yield running
