"""The outbox seen from asyncio: one thread of its own, one thing after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from kit.health.outbox import Outbox
from kit.health.store import Row

Answer = TypeVar("Answer")


class OutboxState(Struct, frozen=True, kw_only=True):
    """How many reports are kept; ``trouble`` when the disk refuses them, or there is no room for more."""

    depth: int = 0
    trouble: bool = False


class Desk:
    """Open before use. ``count`` is told by code what could not be kept; ``state`` is as of the last use."""

    def __init__(self, path: Path, count: Callable[[str, int], None]) -> None:
        """Nothing is opened yet."""
        self._path = path
        self._count = count
        self._outbox: Outbox | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")
        self.state = OutboxState()

    async def open(self) -> None:
        """Open the outbox, on disk or, when that refuses, in memory."""
        loop = asyncio.get_running_loop()

        def count(code: str, times: int) -> None:
            loop.call_soon_threadsafe(self._count, code, times)

        self._outbox = await loop.run_in_executor(self._thread, lambda: Outbox(self._path, count=count))
        await self.mend()

    async def append(self, at: int, body: bytes, *, expendable: bool) -> None:
        """See :meth:`Outbox.append`."""
        await self._ask(lambda outbox: outbox.append(at, body, expendable=expendable))

    async def pending(self, limit: int) -> list[Row]:
        """See :meth:`Outbox.pending`."""
        return await self._ask(lambda outbox: outbox.pending(limit))

    async def acknowledge(self, stream: str, seq: int) -> None:
        """See :meth:`Outbox.acknowledge`."""
        await self._ask(lambda outbox: outbox.acknowledge(stream, seq))

    async def replace(self, row: Row, body: bytes) -> None:
        """See :meth:`Outbox.replace`."""
        await self._ask(lambda outbox: outbox.replace(row.stream, row.seq, body))

    async def mend(self) -> None:
        """See :meth:`Outbox.mend`."""
        await self._ask(Outbox.mend)

    async def close(self) -> None:
        """Finish what is under way and close."""
        if self._outbox is not None:
            await self._ask(Outbox.close)
        self._thread.shutdown(wait=False)

    async def _ask(self, question: Callable[[Outbox], Answer]) -> Answer:
        outbox = self._outbox
        if outbox is None:
            raise RuntimeError("the outbox is not open")

        def work() -> tuple[Answer, OutboxState]:
            answer = question(outbox)
            return answer, OutboxState(depth=outbox.depth, trouble=outbox.refused or outbox.full)

        answer, self.state = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        return answer
