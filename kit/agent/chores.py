"""Work that the agent does not wait for: chores in order, and what may run beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeAlias

import structlog

KEPT: Final = 200

Work: TypeAlias = Coroutine[Any, Any, None]

log = structlog.get_logger()


class Chores:
    """One after another, as they came. ``count`` is told by code what was dropped or failed."""

    def __init__(self, count: Callable[[str], None]) -> None:
        """Nothing is done before :meth:`run`."""
        self._count = count
        self._waiting: asyncio.Queue[Work] = asyncio.Queue(KEPT)
        self._beside: set[asyncio.Task[None]] = set()
        self._over = False

    def add(self, work: Work) -> None:
        """Do it after those that came before; with too many, the newest is dropped and counted."""
        if self._over or self._waiting.full():
            work.close()
            self._count("chore_dropped")
        else:
            self._waiting.put_nowait(work)

    def beside(self, work: Work) -> None:
        """Do it at once, beside everything else."""
        task = asyncio.create_task(self._guarded(work))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def run(self) -> None:
        """Do them until cancelled; what waits then is dropped."""
        try:
            while True:
                work = await self._waiting.get()
                try:
                    await self._guarded(work)
                finally:
                    self._waiting.task_done()
        finally:
            self._over = True
            while not self._waiting.empty():
                self._waiting.get_nowait().close()
                self._waiting.task_done()

    async def done(self) -> None:
        """Wait until all that was added is done or dropped."""
        await self._waiting.join()

    async def _guarded(self, work: Work) -> None:
        try:
            await work
        except Exception as error:
            # One that fails must not end the visit, and an exception's text may hold anything.
            log.warning("chore_failed", error=type(error).__name__)
            self._count("chore_failed")
