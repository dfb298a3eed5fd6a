"""Keeping a seat: the token is exchanged for a new one long before it ends, one exchange at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kit.meeting.pexip.api import Api
from kit.meeting.pexip.messages import Token
from kit.meeting.room import Refused, SeatLost

FIRST_RETRY_S = 1.0
LAST_RETRY_S = 5.0


class TokenKeeper:
    """Refreshes ``api.token`` at half of its lifetime, and sooner when asked."""

    def __init__(self, api: Api, lifetime_s: float, rotated: Callable[[Token], None]) -> None:
        """``rotated`` is told each new token."""
        self._api = api
        self._lifetime_s = lifetime_s
        self._rotated = rotated
        self._exchange = asyncio.Lock()
        self._count = 0
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Refresh until cancelled; SeatLost when the node no longer takes the token."""
        retry_s = 0.0
        while True:
            await self._pause(retry_s or self._lifetime_s / 2)
            try:
                await self.refresh()
                retry_s = 0.0
            except Refused as refused:
                if not refused.passing:
                    raise SeatLost from None
                retry_s = min(max(FIRST_RETRY_S, retry_s * 2), LAST_RETRY_S, self._lifetime_s / 4)

    async def refresh(self) -> None:
        """Exchange the token now; callers at the same time share one exchange. SeatLost or Refused."""
        seen = self._count
        async with self._exchange:
            if self._count != seen:
                return
            token = await self._api.refresh_token()
            self._api.token = token.token
            self._lifetime_s = token.expires_s
            self._count += 1
        self._rotated(token)

    def hurry(self) -> None:
        """Let :meth:`run` refresh at once: the node asked for it, or the path may have changed."""
        self._hurry.set()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return
        finally:
            self._hurry.clear()
