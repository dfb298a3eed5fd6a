"""The node's server-sent events, connected again for as long as the seat is held.

There is no replay: after each connect the node sends the whole roster between ``participant_sync_begin``
and ``participant_sync_end``, so a cut loses nothing that lasts.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
from httpx_sse import EventSource, SSEError

from kit.meeting.pexip.api import ANSWER_S, Api
from kit.meeting.room import Refused, SeatLost

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 5.0
_JITTER = 0.2


class EventStream:
    """Hands each event's name and data to ``handle``, in order."""

    def __init__(
        self, api: Api, handle: Callable[[str, str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``handle`` must not raise; ``clock`` counts seconds."""
        self._api = api
        self._handle = handle
        self._clock = clock
        self._down_since: float | None = clock()
        self._bound: asyncio.Timeout | None = None
        self._retry_s = FIRST_RETRY_S
        self.connected = asyncio.Event()
        """Set from the first connect on."""

    @property
    def unheard_s(self) -> float:
        """Seconds without a connected stream; 0 while it is connected."""
        return 0.0 if self._down_since is None else self._clock() - self._down_since

    async def run(self) -> None:
        """Read until cancelled; SeatLost when the node no longer takes the token."""
        while True:
            await self._until_cut()
            if self._down_since is None:
                self._down_since, self._retry_s = self._clock(), FIRST_RETRY_S
            await self._until_hurried(
                asyncio.sleep(self._retry_s * random.uniform(1 - _JITTER, 1 + _JITTER))  # noqa: S311
            )
            self._retry_s = min(self._retry_s * 2, LAST_RETRY_S)

    def reconnect(self) -> None:
        """Connect anew at once: the stream's path may be dead without anybody saying so."""
        self._retry_s = FIRST_RETRY_S
        bound, self._bound = self._bound, None
        if bound is not None:
            bound.reschedule(asyncio.get_running_loop().time())

    async def _until_cut(self) -> None:
        try:
            async with contextlib.AsyncExitStack() as stack:
                async with asyncio.timeout(ANSWER_S):
                    source = await stack.enter_async_context(self._api.events())
                self._down_since = None
                self.connected.set()
                await self._until_hurried(self._read(source))
        except Refused as refused:
            if not refused.passing:
                raise SeatLost from None
        except (httpx.HTTPError, httpx.StreamError, SSEError, OSError):
            # Also TimeoutError: it is an OSError.
            return

    async def _read(self, source: EventSource) -> None:
        async for event in source.aiter_sse():
            self._handle(event.event, event.data)

    async def _until_hurried(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do something that :meth:`reconnect` cuts short."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as self._bound:
                try:
                    await doing
                finally:
                    # A timeout that has ended, or is ending, must not be touched.
                    self._bound = None
