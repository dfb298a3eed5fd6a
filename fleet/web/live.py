"""Tells open pages that something was committed, by server-sent events.

They fetch what they show themselves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

from sse_starlette import ServerSentEvent

from fleet.store.watch import Watch

LOOK_EVERY_S: Final = 0.25
AT_LEAST_EVERY_S: Final = 5.0
"""Time alone changes pages too: how long ago a kit was heard, and that ingest has stopped without a word."""
QUIET_S: Final = 0.75
"""Between two events to one page. A busy fleet commits many times a second; nobody reads faster than this."""


class Changes:
    """One observer for all pages.

    A page that is behind skips to the newest change; nothing is queued for it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._number = 0
        self._changed = asyncio.Condition()

    async def look(self) -> None:
        """Look for commits until cancelled."""
        watch = await asyncio.to_thread(Watch, self._url)
        try:
            await asyncio.to_thread(watch.changed)
            told = time.monotonic()
            while True:
                changed = await asyncio.to_thread(watch.changed)
                if changed or time.monotonic() - told > AT_LEAST_EVERY_S:
                    await self._tell()
                    told = time.monotonic()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            watch.close()

    async def _tell(self) -> None:
        async with self._changed:
            self._number += 1
            self._changed.notify_all()

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """An event `changed` for each change from now on.

        The first comes at once, for what was missed meanwhile.
        """
        seen = -1
        while True:
            async with self._changed:
                while self._number == seen:
                    await self._changed.wait()
                seen = self._number
            yield ServerSentEvent(event="changed", data=str(seen))
            await asyncio.sleep(QUIET_S)
