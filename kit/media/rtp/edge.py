"""The transport's edge: what of the network's datagrams reaches aiortc, and what comes out of its SRTP.

Of aioice 0.13 and aiortc 1.16.0 it takes over where they trust a datagram too far. One that is empty, or
longer than 1,500 bytes, ends their transport, whoever sent it; a STUN attribute of a wrong length is an error
in the event loop; a queue that nobody reads grows for ever, as do DTLS records that come two to a datagram.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import aioice.stun
import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsTransport, State

from kit.log import failed, log
from kit.media.rtp.guard import (
    DTLS_BURST,
    DTLS_PER_S,
    MAX_DATAGRAM,
    MAX_WAITING,
    Allowance,
    Refusals,
    Refused,
    Streams,
)
from kit.media.rtp.handshake import Flight

_RECORD_HEADER, _RECORD_LENGTH_AT = 13, 11
_STUN, _DTLS, _DTLS_1_3, _SRTP = range(4), range(20, 64), range(32, 64), range(128, 192)
"""First bytes of what shares a port (RFC 7983)."""

Datagram = tuple[bytes, int]
_parse_message: Callable[[bytes], aioice.stun.Message] = aioice.stun.parse_message


def careful_stun(data: bytes) -> aioice.stun.Message:
    """Parse as aioice does, and raise for every malformed message what it expects: ValueError."""
    if not data or data[0] not in _STUN:
        raise ValueError("not STUN")
    try:
        return _parse_message(data)
    except ValueError:
        raise
    except Exception as error:
        raise ValueError("malformed") from error


class Datagrams(asyncio.Queue[Datagram | None]):
    """In place of aioice's queue of what is not STUN: bounded, and only with what may be DTLS or SRTP."""

    def __init__(self, refusals: Refusals) -> None:
        super().__init__()
        self._refusals = refusals
        self._records = Allowance(DTLS_PER_S, DTLS_BURST)

    def put_nowait(self, item: Datagram | None) -> None:
        """Take a datagram or refuse it; None is the end."""
        if item is None:
            super().put_nowait(None)
            return
        data, component = item
        if not 0 < len(data) <= MAX_DATAGRAM:
            self._refusals.add(Refused.LENGTH)
        elif data[0] in _SRTP:
            self._append(data, component)
        elif data[0] in _DTLS:
            self._put_records(data, component)
        else:
            self._refusals.add(Refused.PROTOCOL)

    def _put_records(self, data: bytes, component: int) -> None:
        now = time.monotonic()
        for record in records(data):
            if self._records.take(now):
                self._append(record, component)
            else:
                self._refusals.add(Refused.DTLS)

    def _append(self, data: bytes, component: int) -> None:
        if self.qsize() < MAX_WAITING:
            super().put_nowait((data, component))
        else:
            self._refusals.add(Refused.WAITING)


def records(data: bytes) -> Iterator[bytes]:
    """Split a datagram into its DTLS records: aiortc reads one for each datagram."""
    while data:
        end = len(data)
        if len(data) >= _RECORD_HEADER and data[0] not in _DTLS_1_3:
            end = _RECORD_HEADER + int.from_bytes(data[_RECORD_LENGTH_AT:_RECORD_HEADER], "big")
        yield data[:end]
        data = data[end:]


class CountingSession:
    """An inbound SRTP session that counts what was not from the peer; copies are no fault of anybody."""

    def __init__(self, session: Any, refusals: Refusals) -> None:
        self._session, self._refusals = session, refusals

    def unprotect(self, data: bytes) -> bytes:
        """Decrypt a packet; raises ``pylibsrtp.Error``."""
        return self._counted(self._session.unprotect, data)

    def unprotect_rtcp(self, data: bytes) -> bytes:
        """Decrypt a compound; raises ``pylibsrtp.Error``."""
        return self._counted(self._session.unprotect_rtcp, data)

    def forget(self, ssrc: int) -> None:
        """Free what is kept of a stream."""
        try:
            self._session.remove_stream(ssrc)
        except pylibsrtp.Error:
            return

    def _counted(self, unprotect: Callable[[bytes], bytes], data: bytes) -> bytes:
        try:
            return unprotect(data)
        except pylibsrtp.Error as error:
            if "replay" not in str(error):
                self._refusals.add(Refused.AUTHENTICITY)
            raise


class GuardedTransport(RTCDtlsTransport):
    """A DTLS transport that no datagram ends, and that fails as a whole when a task of its media does."""

    _rx_srtp: Any

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.refusals = Refusals()
        self._guarded = Streams(self._forget)
        self._told = 0
        self.transport._connection._queue = Datagrams(self.refusals)

    def supervise(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        """Let the whole connection fail when this task does: a new one is made, and no call is half dead."""
        task.add_done_callback(self._on_task_done)
        return task

    async def stop(self) -> None:
        """Stop, and say what was refused."""
        await super().stop()
        if self.refusals.total > self._told:
            self._told = self.refusals.total
            log.info("media_refused", **self.refusals.by_kind())

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Give the connection up: something that it cannot do without has failed."""
        failed("media_task_failed", error)
        self._set_state(State.FAILED)

    def _forget(self, ssrc: int) -> None:
        """Free what a stream took that has no place among those heard."""
        if self._rx_srtp is not None:
            self._rx_srtp.forget(ssrc)

    def _setup_srtp(self) -> None:
        super()._setup_srtp()
        if self._rx_srtp is not None:
            self._rx_srtp = CountingSession(self._rx_srtp, self.refusals)

    async def _do_handshake(self) -> None:
        """As aiortc does, and what gets no answer is soon sent again."""
        path = vars(self.transport)
        send, receive = path["_send"], path["_recv"]
        flight = Flight(send, receive)
        path.update(_send=flight.send, _recv=flight.receive)
        repeating = asyncio.create_task(flight.repeat())
        try:
            await super()._do_handshake()
        finally:
            repeating.cancel()
            path.update(_send=send, _recv=receive)

    async def _recv_next(self) -> None:
        """Take a datagram; one that makes code fail, aiortc's or ours, is counted, and the next one taken."""
        try:
            await super()._recv_next()
        except ConnectionError:
            raise
        except Exception as error:
            if not self.refusals[Refused.FAULT]:
                failed("datagram_failed", error)
            self.refusals.add(Refused.FAULT)
            await asyncio.sleep(0)


def sender_of(compound: bytes) -> int:
    """Return the SSRC that sent an RTCP compound; 0 of one that is too short."""
    return int(struct.unpack_from("!L", compound, 4)[0]) if len(compound) >= 8 else 0
