"""News for one reader who may be slow: the latest of each kind, never a queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Put without waiting; what the reader has not taken is replaced by the next of its type."""

    def __init__(self) -> None:
        self._latest: dict[type, Item] = {}
        self._something = asyncio.Event()

    def put(self, item: Item) -> None:
        """Leave it for the reader."""
        self._latest[type(item)] = item
        self._something.set()

    async def __aiter__(self) -> AsyncIterator[Item]:
        """Iterate for ever."""
        while True:
            await self._something.wait()
            self._something.clear()
            latest, self._latest = self._latest, {}
            for item in latest.values():
                yield item
