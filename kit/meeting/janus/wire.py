"""One WebSocket to a Janus: requests and their answers, and what comes unasked."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
from collections.abc import Callable
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, WebSocketException
from websockets.typing import Subprotocol

from kit.meeting.janus.messages import MAX_MESSAGE, Incoming, Unreadable, decode, invalid
from kit.meeting.janus.reasons import server_refusal
from kit.meeting.room import Refused
from kit.visit.model import Refusal

PROTOCOL = Subprotocol("janus-protocol")
CONNECT_S, ANSWER_S, CLOSE_S = 5.0, 10.0, 1.0
PING_S = 4.0
"""A way that died without a word is noticed within two of these."""
NONSENSE = Incoming(janus="nonsense")
_MAX_PENDING = 64


class _Straight(connect):
    """Goes where it was sent and nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow none."""
        return exc


class Wire:
    """Made by :meth:`open`. Everything unasked goes to ``heard``, in the event loop and in order.

    What is no message of Janus' comes as :data:`NONSENSE`.
    """

    def __init__(self, socket: ClientConnection, heard: Callable[[Incoming], None]) -> None:
        self._socket = socket
        self._heard = heard
        self._pending: dict[str, tuple[asyncio.Future[Incoming], bool]] = {}
        self.lost = asyncio.Event()
        """The connection has ended."""
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, tls: ssl.SSLContext, heard: Callable[[Incoming], None]) -> Wire:
        """Connect. Refused when nobody answers, or somebody who is no Janus."""
        try:
            socket = await _Straight(
                url,
                ssl=tls,
                subprotocols=[PROTOCOL],
                compression=None,
                proxy=None,
                user_agent_header=None,
                open_timeout=CONNECT_S,
                close_timeout=CLOSE_S,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                max_size=MAX_MESSAGE,
                max_queue=32,
            )
        except ssl.SSLCertVerificationError:
            raise Refused(Refusal.ROOM_CERTIFICATE) from None
        except (OSError, EOFError, InvalidMessage):
            raise unreachable() from None
        except (WebSocketException, ValueError):
            raise invalid() from None
        if socket.subprotocol != PROTOCOL:
            await socket.close()
            raise invalid()
        return cls(socket, heard)

    async def ask(self, request: dict[str, Any], *, acknowledged: bool = False) -> Incoming:
        """Send a request; return its answer. SeatLost or Refused for an error.

        The answer to what takes time comes after an ``ack``; ``acknowledged`` takes that for the answer.
        """
        if len(self._pending) >= _MAX_PENDING:
            raise unreachable()
        transaction = secrets.token_hex(8)
        answer: asyncio.Future[Incoming] = asyncio.get_running_loop().create_future()
        self._pending[transaction] = answer, acknowledged
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._socket.send(
                    msgspec.json.encode({**request, "transaction": transaction}), text=True
                )
                found = await answer
        except (ConnectionClosed, OSError):
            # TimeoutError is an OSError.
            raise unreachable() from None
        finally:
            self._pending.pop(transaction, None)
        if found.error is not None:
            raise server_refusal(found.error.code)
        return found

    async def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(OSError, WebSocketException):
            await self._socket.close()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                if self._take(data):
                    # Who asked acts on the answer before what was said after it is heard.
                    await asyncio.sleep(0)
        except ConnectionClosed:
            pass
        finally:
            self.lost.set()
            for answer, _ in self._pending.values():
                if not answer.done():
                    answer.set_exception(unreachable())

    def _take(self, data: str | bytes) -> bool:
        """Take a message; return whether it was an answer that somebody waits for."""
        try:
            message: Incoming = decode(data, Incoming)
        except Unreadable:
            self._heard(NONSENSE)
            return False
        answer, acknowledged = self._pending.get(message.transaction, (None, False))
        if answer is None:
            self._heard(message)
        elif (message.janus != "ack" or acknowledged) and not answer.done():
            answer.set_result(message)
            return True
        return False


def unreachable() -> Refused:
    """Nobody answers now."""
    return Refused(Refusal.ROOM_UNREACHABLE, passing=True)
