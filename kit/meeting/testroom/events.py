"""Server-sent events to one client: bounded, and ended rather than thinned when the client does not read."""

import asyncio
from collections.abc import AsyncIterator

import msgspec

MAX_WAITING = 500
KEEPALIVE_S = 10.0


class EventStream:
    """Events waiting for one connection.

    A client that reads so slowly that more than :data:`MAX_WAITING` events wait loses the whole stream. It
    will connect again and get the complete state; one missing event would leave its roster wrong for ever.
    """

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._sent = 0
        self._closed = False

    def put(self, name: str, data: object) -> None:
        """Queue an event; ignored after ``close``."""
        if self._closed:
            return
        if self._waiting.qsize() >= MAX_WAITING:
            self.cut()
            return
        self._sent += 1
        self._waiting.put_nowait(frame(self._sent, name, data))

    def close(self) -> None:
        """End the stream after what is queued."""
        self._closed = True
        self._waiting.put_nowait(None)

    def cut(self) -> None:
        """End the stream now; what is queued is lost."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self.close()

    async def frames(self) -> AsyncIterator[bytes]:
        """The bytes for the connection, with a comment now and then so that a dead one is noticed."""
        while True:
            try:
                async with asyncio.timeout(KEEPALIVE_S):
                    item = await self._waiting.get()
            except TimeoutError:
                item = b": still here\n\n"
            if item is None:
                return
            yield item


def frame(number: int, name: str, data: object) -> bytes:
    """One event as text/event-stream; without data it says ``null``."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, name.encode(), msgspec.json.encode(data))
