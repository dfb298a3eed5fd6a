"""DTLS' first flights, sent again sooner than OpenSSL does.

Its timer begins with a second (RFC 6347, 4.2.4.1), and a server that has only just chosen its path may pass
over what comes in the same moment: Janus does so in one join of six. libwebrtc begins with 50 ms for this.
A datagram is sent as it was: one that has arrived already is to the other side a copy, and dropped as such.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

REPEATS_S = (0.05, 0.1, 0.2, 0.4)
"""From one to the next; together less than OpenSSL's first."""


class Flight:
    """What was sent since something came. Stands between a handshake and its path."""

    def __init__(
        self, send: Callable[[bytes], Awaitable[None]], receive: Callable[[], Awaitable[bytes]]
    ) -> None:
        self._send, self._receive = send, receive
        self._unanswered: list[bytes] = []

    async def send(self, data: bytes) -> None:
        """Send a datagram, and remember it."""
        self._unanswered.append(data)
        await self._send(data)

    async def receive(self) -> bytes:
        """Return the next datagram: it answers what was sent."""
        data = await self._receive()
        self._unanswered.clear()
        return data

    async def repeat(self) -> None:
        """Send what has no answer, at each of :data:`REPEATS_S`."""
        with contextlib.suppress(ConnectionError):
            for wait_s in REPEATS_S:
                await asyncio.sleep(wait_s)
                for data in tuple(self._unanswered):
                    await self._send(data)
