"""A virtual screen, and the screen process on it."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.kit.ui.agent import Agent
from tests.kit.ui.states import HOME

SIZE = "1280x800"
DEADLINE_S = 30.0


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A virtual screen of its own."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        yield f":{number}"
        server.terminate()


class Kiosk:
    """The screen process, its files, and a finger."""

    def __init__(self, run_dir: Path, display: str, agent: Agent) -> None:
        self.run_dir = run_dir
        self.agent = agent
        self.targets_file = run_dir / "targets.json"
        self.measure_file = run_dir / "measure.jsonl"
        self._env = {**os.environ, "DISPLAY": display}
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process."""
        self.targets_file.unlink(missing_ok=True)
        words = ["-m", "kit.ui", "--run-dir", str(self.run_dir), "--size", SIZE]
        words += ["--targets", str(self.targets_file), "--measure", str(self.measure_file)]
        self.process = await asyncio.create_subprocess_exec(sys.executable, *words, env=self._env)

    async def stop(self) -> int:
        """End it as systemd does; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        async with asyncio.timeout(10):
            return await self.process.wait()

    async def kill(self) -> None:
        """End it as a crash does."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    def cpu_times(self) -> tuple[float, ...]:
        """Return what the process has used: user, system, …"""
        assert self.process is not None
        return tuple(psutil.Process(self.process.pid).cpu_times())

    def targets(self) -> dict[str, Any]:
        """Return what can be touched now, by id."""
        if not self.targets_file.exists():
            return {}
        return {row["id"]: row for row in json.loads(self.targets_file.read_bytes())}

    async def until(self, target: str, *, there: bool = True) -> None:
        """Wait until a target is there, or gone."""
        async with asyncio.timeout(DEADLINE_S):
            while (target in self.targets()) is not there:  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(0.02)

    async def tap(self, target: str) -> None:
        """Touch a target with the mouse of the virtual screen."""
        await self.until(target)
        x, y, width, height = self.targets()[target]["rect"]
        # SDL drops a press without a real move before it.
        await self.xdotool("mousemove", "2", "2")
        await self.xdotool("mousemove", str(x + width // 2), str(y + height // 2))
        await asyncio.sleep(0.1)
        await self.xdotool("click", "1")

    async def xdotool(self, *words: str) -> None:
        """Run xdotool."""
        program = await asyncio.create_subprocess_exec("xdotool", *words, env=self._env)
        assert await program.wait() == 0


@pytest.fixture
async def kiosk(display: str, tmp_path: Path) -> AsyncIterator[Kiosk]:
    """A screen process that has shown the start screen of an agent."""
    agent = Agent(tmp_path, HOME)
    await agent.start()
    ready = Kiosk(tmp_path, display, agent)
    await ready.start()
    try:
        await ready.until("home.join")
        yield ready
    finally:
        if ready.process is not None and ready.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                await ready.kill()
        await agent.stop()
