"""The holder's process as the agent has it: started, listened to, ended."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from typing import Final

import structlog

from kit.ipc.network import WifiTrouble
from kit.network.wifi.hold import MAX_LINE, Hold, Step, Told, Unreadable, encode, read_told

log = structlog.get_logger()

COMMAND: Final = (sys.executable, "-m", "kit.network.wifi.holder")
END_S: Final = 6.0
"""The holder sees its profile go before it ends; then it is killed, which does the same."""


class HolderProcess:
    """One process for one network."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str] = COMMAND) -> HolderProcess:
        """Start it. It says nothing until it has its order."""
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=MAX_LINE))

    async def order(self, hold: Hold) -> None:
        """Say which network."""
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(encode(hold))
            await self._process.stdin.drain()

    async def next(self) -> Told:
        """Return what it tells next; ENDED when it is gone without a word, or says what it should not."""
        assert self._process.stdout is not None
        try:
            line = await self._process.stdout.readline()
            if line:
                return read_told(line)
        except (Unreadable, ValueError) as error:
            log.warning("wifi_holder_unreadable", error=type(error).__name__)
        return Told(step=Step.ENDED, trouble=WifiTrouble.NO_WIFI)

    async def end(self) -> None:
        """End it, and wait until it is gone. Harmless when it is."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                # Its last words are nobody's now, but it must be able to say them.
                while await self._process.stdout.read(MAX_LINE):
                    pass
                await self._process.wait()
        except TimeoutError:
            log.warning("wifi_holder_killed")
        finally:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
