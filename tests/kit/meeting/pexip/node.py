"""A node that says exactly the bytes a test wants, over TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec

from tests.kit.meeting.pexip.certificates import Certificates

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]

GRANTED = {
    "token": "t0",
    "expires": "120",
    "participant_uuid": "me",
    "display_name": "Hembesök",
    "role": "GUEST",
    "current_service_type": "conference",
    "version": {"version_id": "36", "pseudo_version": "79019.0.0"},
    "client_stats_update_interval": 4411.07,
    "stun": [{"url": "stun:turn.region.test"}],
    "turn": [{"urls": ["turn:turn.region.test?transport=udp"], "username": "u", "credential": "c"}],
}
SYNC = (
    b"event: participant_sync_begin\ndata: null\n\n"
    b'event: participant_create\ndata: {"uuid":"me","display_name":"Hembes\xc3\xb6k","role":"guest",'
    b'"service_type":"conference","is_muted":"NO"}\n\n'
    b"event: participant_sync_end\ndata: null\n\n"
)


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        decoded: dict[str, object] = msgspec.json.decode(self.body)
        return decoded


def reply(status: int, body: bytes, kind: str = "application/json", extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


def result(value: object, status: int = 200, word: str = "success") -> bytes:
    return reply(status, msgspec.json.encode({"status": word, "result": value}))


def stream(*parts: bytes, kind: str = "text/event-stream") -> Script:
    """An event stream that stays open after these bytes."""

    async def script(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode())
        for part in parts:
            writer.write(part)
            await writer.drain()
        await asyncio.Event().wait()

    return script


def cut(*parts: bytes) -> Script:
    """An event stream that ends after these bytes."""

    async def script(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        writer.write(b"".join(parts))
        await writer.drain()

    return script


@dataclass
class Node:
    """Answers by the end of the path: queued answers first, then the standing one, else 404."""

    certificates: Certificates
    standing: dict[str, bytes | Script] = field(default_factory=dict)
    queued: dict[str, deque[bytes | Script]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    host: str = ""
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        defaults: dict[str, bytes | Script] = {
            "request_token": result(GRANTED),
            "refresh_token": result({"token": "t1", "expires": "120"}),
            "release_token": result(True),
            "events": stream(SYNC),
        }
        self.standing = defaults | self.standing

    def queue(self, path: str, *answers: bytes | Script) -> None:
        self.queued.setdefault(path, deque()).extend(answers)

    def asked(self, end: str) -> list[Request]:
        return [request for request in self.requests if request.path.endswith("/" + end)]

    async def start(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates.certificate, self.certificates.key)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.host = f"localhost:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append(Request(method, path, headers, body))
        answer = self._pick(path)
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
            return True
        await answer(writer)
        return False

    def _pick(self, path: str) -> bytes | Script:
        end = path.rpartition("/")[2]
        if self.queued.get(end):
            return self.queued[end].popleft()
        return self.standing.get(end, result("Neither conference nor gateway found", 404))


async def drip(writer: asyncio.StreamWriter) -> None:
    """Answer with a blank every 50 ms, and never to the end."""
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)
