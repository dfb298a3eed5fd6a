"""What a kit's screen is told: the agent's snapshots, read beside the real screen and never answered."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from demo.ready import TooLate
from kit.ipc.state import KitState
from kit.ipc.wire import Peer, agent_socket, connect

_RETRY_S = 0.1


class Watcher:
    """The newest snapshot of one kit; finds the way back to a restarted agent."""

    def __init__(self, run_dir: Path) -> None:
        """``run_dir`` holds the agent's socket."""
        self._path = agent_socket(run_dir)
        self._changed = asyncio.Condition()
        self.state: KitState | None = None
        """None while there is no agent."""

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            with contextlib.suppress(OSError):
                await self._read()
            await self._take(None)
            await asyncio.sleep(_RETRY_S)

    async def until(self, wanted: Callable[[KitState], bool], deadline_s: float, what: str) -> float:
        """Wait for a snapshot; return the unix time at which it was there. TooLate names ``what``."""

        def there() -> bool:
            return self.state is not None and wanted(self.state)

        try:
            async with asyncio.timeout(deadline_s), self._changed:
                await self._changed.wait_for(there)
                return time.time()
        except TimeoutError:
            raise TooLate(f"{what}: not within {deadline_s:g} s") from None

    def expect(self, wanted: Callable[[KitState], bool], deadline_s: float, what: str) -> asyncio.Task[float]:
        """Wait like :meth:`until` from now on, while something else is done; await the result."""
        return asyncio.create_task(self.until(wanted, deadline_s, what))

    async def _read(self) -> None:
        link = await connect(self._path, Peer.SCREEN, KitState)
        try:
            async for state in link:
                await self._take(state)
        finally:
            await link.close()

    async def _take(self, state: KitState | None) -> None:
        async with self._changed:
            self.state = state
            self._changed.notify_all()
