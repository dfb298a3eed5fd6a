"""The transport's edge: what of the network's datagrams reaches aiortc, and what comes out of its SRTP.

Of aioice 0.13 and aiortc 1.16.0 it takes over where they trust a datagram too far. One that is empty, or
longer than 1,500 bytes, ends their transport, whoever sent it; a STUN attribute of a wrong length is an error
in the event loop; a queue that nobody reads grows for ever, as do DTLS records that come two to a datagram.

And where they make each datagram dear: the loop wakes up once to read it and once more for the task that
waits for it, and four coroutines send it, none of which ever waits. A picture's packets come together: all
that wait are read at once, media is not queued, and sending is a plain call.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import aioice.ice
import aioice.stun
import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsTransport, State
from aiortc.rtp import is_rtcp

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

_ROOM = 2 * MAX_DATAGRAM
"""Bytes for one datagram: enough to see that it is too long."""
_COMPONENT = 1
"""RTP and RTCP share it (RFC 5761)."""
_AT_ONCE = 64
"""Datagrams read in one wake-up: others of the loop get their turn under a flood too."""

Datagram = tuple[bytes, int]
Address = tuple[Any, ...]
_parse_message: Callable[[bytes], aioice.stun.Message] = aioice.stun.parse_message
_Protocol = aioice.ice.StunProtocol
"""As it was when this module was read: another one may have taken its place, which inherits from it."""
_connection_made, _datagram_received = _Protocol.connection_made, _Protocol.datagram_received


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


def hasten() -> None:
    """Let aioice's sockets read all that waits in one wake-up of the loop. For the whole process."""
    seam: Any = _Protocol
    seam.connection_made, seam.datagram_received = _made, _take_all


def _made(protocol: aioice.ice.StunProtocol, transport: asyncio.DatagramTransport) -> None:
    # For each datagram asyncio makes room of 256 KB, which the kernel may have to give and to take back.
    vars(transport)["max_size"] = _ROOM
    _connection_made(protocol, transport)


def _take_all(protocol: aioice.ice.StunProtocol, data: bytes, address: Address) -> None:
    """Take a datagram, and all that wait behind it on the same socket."""
    _take(protocol, data, address)
    # A relayed path has no socket of its own: what it brings was unpacked from another one.
    waiting: socket.socket | None = getattr(protocol.transport, "_sock", None)
    if waiting is None:
        return
    try:
        for _ in range(_AT_ONCE):
            _take(protocol, *waiting.recvfrom(_ROOM))
    except (BlockingIOError, InterruptedError):
        return
    except OSError as error:
        protocol.error_received(error)


def _take(protocol: aioice.ice.StunProtocol, data: bytes, address: Address) -> None:
    if data and data[0] in _SRTP:
        protocol.receiver.data_received(data, protocol.local_candidate.component)
    else:
        _datagram_received(protocol, data, address)


class Datagrams(asyncio.Queue[Datagram | None]):
    """In place of aioice's queue of what is not STUN: bounded, and only with what may be DTLS or SRTP."""

    def __init__(self, refusals: Refusals) -> None:
        super().__init__()
        self.media: Callable[[bytes], None] | None = None
        """Takes SRTP at once, once there are keys for it; what waits before it goes first."""
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
            if self.media is not None and self.empty():
                self.media(data)
            else:
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
    _tx_srtp: Any

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.refusals = Refusals()
        self._guarded = Streams(self._forget)
        self._told = 0
        self.taken_packets = self.taken_bytes = self.sent_packets = self.sent_bytes = 0
        """Of media that did not pass aiortc's own reading and sending, which count what does."""
        self._datagrams = Datagrams(self.refusals)
        self.transport._connection._queue = self._datagrams

    def supervise(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        """Let the whole connection fail when this task does: a new one is made, and no call is half dead."""
        task.add_done_callback(self._on_task_done)
        return task

    def later(self, seconds: float, job: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back in so many seconds, and let the whole connection fail when that does."""
        return asyncio.get_running_loop().call_later(seconds, self.attempt, job)

    def attempt(self, job: Callable[[], None]) -> None:
        """Do something without which there is no call: the whole connection fails when it does."""
        try:
            job()
        except Exception as error:
            self.fail(error)

    async def stop(self) -> None:
        """Stop, and say what was refused."""
        self._datagrams.media = None
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
            self._datagrams.media = self._take_media

    def on_rtp_data(self, data: bytes) -> None:
        """Take decrypted RTP."""
        raise NotImplementedError

    def on_rtcp_data(self, data: bytes) -> None:
        """Take a decrypted compound."""
        raise NotImplementedError

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:  # noqa: ARG002
        self.on_rtp_data(data)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        self.on_rtcp_data(data)

    def send_media(self, data: bytes) -> None:
        """Encrypt and send RTP or RTCP; without a path it is passed over, which others notice."""
        pair = self.transport._connection._nominated.get(_COMPONENT)
        if self._state is not State.CONNECTED or pair is None:
            return
        protect = self._tx_srtp.protect_rtcp if is_rtcp(data) else self._tx_srtp.protect
        protected = protect(data)
        pair.protocol.transport.sendto(protected, pair.remote_addr)
        self.sent_packets += 1
        self.sent_bytes += len(protected)

    def _take_media(self, data: bytes) -> None:
        """What aiortc does with a datagram of SRTP that it has waited for; nothing more once it has ended."""
        if self._state is not State.CONNECTED:
            return
        self.taken_packets += 1
        self.taken_bytes += len(data)
        try:
            if is_rtcp(data):
                self.on_rtcp_data(self._rx_srtp.unprotect_rtcp(data))
            else:
                self.on_rtp_data(self._rx_srtp.unprotect(data))
        except pylibsrtp.Error:
            return
        except Exception as error:
            self._on_fault(error)

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
            self._on_fault(error)
            await asyncio.sleep(0)

    def _on_fault(self, error: Exception) -> None:
        if not self.refusals[Refused.FAULT]:
            failed("datagram_failed", error)
        self.refusals.add(Refused.FAULT)


def sender_of(compound: bytes) -> int:
    """Return the SSRC that sent an RTCP compound; 0 of one that is too short."""
    return int(struct.unpack_from("!L", compound, 4)[0]) if len(compound) >= 8 else 0
