"""Typed calls of Pexip's client API over HTTPS, with limits on size and time, and no redirects."""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from httpx_sse import EventSource

from kit.meeting.pexip import reasons
from kit.meeting.pexip.messages import (
    Ask,
    Challenge,
    Envelope,
    Granted,
    Placed,
    Sdp,
    Token,
    Unreadable,
    decode,
)
from kit.meeting.room import Refused, SeatLost
from kit.visit.model import Refusal

MAX_ANSWER = 512 * 1024
MAX_EVENT = 256 * 1024
CONNECT_S = 5.0
ANSWER_S = 10.0
STATUS_S = 3.0
CALL_S = 62.0
"""``calls`` may hang while the node places a leg of a gateway call."""

_TOKEN_INVALID = 113
_NOBODY = "https://127.0.0.1:9/"
"""The port of the Discard protocol (RFC 863)."""

T = TypeVar("T")


class Answer(NamedTuple):
    """A node's answer: HTTP status and the raw ``result``, None when the body was not Pexip's JSON."""

    status: int
    result: msgspec.Raw | None

    def as_type(self, kind: type[T]) -> T:
        """Return the result as this type; Unreadable when it is another."""
        if self.result is None:
            raise Unreadable
        return decode(self.result, kind)

    @property
    def text(self) -> str:
        """The result when it is text, as errors are; else empty."""
        try:
            return self.as_type(str)
        except Unreadable:
            return ""


def _client(tls: ssl.SSLContext) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=tls,
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(CALL_S, connect=CONNECT_S, pool=CONNECT_S),
        limits=httpx.Limits(max_connections=12, keepalive_expiry=30),
        # A compressed answer could grow a thousandfold in one step.
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
    )


def trust(ca: Path | None) -> ssl.SSLContext:
    """Return the TLS settings for rooms; reads files, so not in the event loop."""
    return ssl.create_default_context(cafile=None if ca is None else str(ca))


async def rehearse(tls: ssl.SSLContext) -> None:
    """Load what a first request loads, by one to a port of this machine where nobody listens."""
    async with _client(tls) as client:
        with suppress(httpx.HTTPError):
            await client.get(_NOBODY)


class Api:
    """One conference at one node, or one device. ``token`` goes with each call once it is known."""

    def __init__(self, node: str, alias: str, tls: ssl.SSLContext, *, device: bool = False) -> None:
        """``node`` is ``host`` or ``host:port``; ``alias``, a room's or a device's, is not yet escaped."""
        self.token: str | None = None
        self._kind = "registrations" if device else "conferences"
        self.at(node, alias)
        self._tls = tls
        self._client = _client(tls)
        self._former: deque[tuple[float, httpx.AsyncClient]] = deque()

    def at(self, node: str, alias: str) -> None:
        """Speak to this node about this room or device from now on."""
        self._root = f"https://{node}/api/client/v2/"
        self._base = f"{self._root}{self._kind}/{quote(alias, safe='')}/"

    async def close(self) -> None:
        """Close all connections."""
        for client in (self._client, *(client for _, client in self._former)):
            await client.aclose()

    def reconnect(self) -> None:
        """Use no connection again that is open now: what it goes over may be dead without a word."""
        self._former.append((time.monotonic(), self._client))
        self._client = _client(self._tls)

    async def status(self) -> None:
        """Refused when this is no node, or one that takes nobody now."""
        answer = await self._send("GET", self._root + "status", b"", {}, STATUS_S)
        if answer.status != 200:
            raise _refusal(answer)

    async def request_token(self, ask: Ask) -> Granted | Challenge:
        """Ask for a seat. Refused when the node says no for good."""
        headers = {} if ask.pin is None else {"pin": ask.pin}
        answer = await self._post("request_token", ask.body, headers=headers)
        with _readable():
            if answer.status == 200:
                return answer.as_type(Granted)
            if answer.status == 403 and not answer.text:
                return answer.as_type(Challenge)
        raise _refusal(answer)

    async def register(self, user: str, password: str) -> Token:
        """Ask for a device's token. Refused: ROOM_LOGIN_NEEDED when user, password or alias are wrong."""
        secret = base64.b64encode(f"{user}:{password}".encode()).decode()
        answer = await self._post("request_token", {}, headers={"Authorization": f"x-pexip-basic {secret}"})
        if answer.status in {401, 403, 404}:
            raise Refused(Refusal.ROOM_LOGIN_NEEDED)
        if answer.status != 200:
            raise _refusal(answer)
        with _readable():
            return answer.as_type(Token)

    async def refresh_token(self) -> Token:
        """Exchange the token for a new one; SeatLost when it is no longer good."""
        answer = await self._post("refresh_token")
        _expect_seat(answer, unknown_is_lost=True)
        with _readable():
            return answer.as_type(Token)

    async def release_token(self, reason: str = "User initiated disconnect") -> None:
        """Leave; the node drops all calls."""
        await self._post("release_token", {"reason": reason})

    async def place_call(self, me: str, offer: str) -> Placed:
        """Offer a media leg for the participant ``me``."""
        body = {"call_type": "WEBRTC", "sdp": offer, "media_type": "video", "fecc_supported": False}
        answer = await self._post(f"participants/{me}/calls", body, deadline_s=CALL_S)
        _expect_seat(answer, unknown_is_lost=True)
        with _readable():
            return answer.as_type(Placed)

    async def update_call(self, me: str, call: str, offer: str) -> str:
        """Offer a change of the leg; returns the answer's SDP."""
        body = {"sdp": offer, "fecc_supported": False}
        answer = await self._post(f"participants/{me}/calls/{call}/update", body)
        _expect_seat(answer)
        with _readable():
            changed = answer.as_type(Sdp | Placed)  # type: ignore[arg-type]  # a union is a type to msgspec
        return changed if isinstance(changed, str) else changed.sdp

    async def acknowledge(self, me: str, call: str) -> None:
        """Say that the node's answer is in place: media starts now."""
        answer = await self._post(f"participants/{me}/calls/{call}/ack", {})
        _expect_seat(answer, unknown_is_lost=True)

    async def command(self, path: str, body: object = None) -> None:
        """Post any other command; SeatLost or Refused when the node did not take it."""
        _expect_seat(await self._post(path, body))

    @asynccontextmanager
    async def events(self) -> AsyncIterator[EventSource]:
        """Open the event stream; SeatLost when the token is no longer good, else Refused or httpx errors."""
        async with self._client.stream(
            "GET",
            self._base + "events",
            headers={**self._token_header, "Accept": "text/event-stream", "Cache-Control": "no-store"},
            timeout=httpx.Timeout(None, connect=CONNECT_S, pool=CONNECT_S, write=ANSWER_S),
        ) as response:
            if response.status_code != 200:
                _expect_seat(Answer(response.status_code, None), unknown_is_lost=True)
            if "content-encoding" in response.headers:
                raise _invalid()
            yield bounded_events(response)

    @property
    def _token_header(self) -> dict[str, str]:
        return {} if self.token is None else {"token": self.token}

    async def _post(
        self,
        path: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> Answer:
        await self._close_former()
        sent = {**self._token_header, **(headers or {})}
        content = b""
        if body is not None:
            content = msgspec.json.encode(body)
            sent["Content-Type"] = "application/json"
        return await self._send("POST", self._base + path, content, sent, deadline_s or ANSWER_S)

    async def _send(
        self, method: str, url: str, content: bytes, headers: dict[str, str], deadline_s: float
    ) -> Answer:
        try:
            async with asyncio.timeout(deadline_s):
                async with self._client.stream(method, url, headers=headers, content=content) as got:
                    return _answer(got.status_code, await _bounded(got))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            # TimeoutError is an OSError.
            raise _no_answer(error) from None

    async def _close_former(self) -> None:
        """Close connections that were given up, when the requests on them have had their time."""
        while self._former and time.monotonic() - self._former[0][0] > ANSWER_S:
            _, client = self._former.popleft()
            await client.aclose()


def bounded_events(response: httpx.Response) -> EventSource:
    """The events of an answer; reading them raises httpx errors or SSEError."""
    response.stream = _BoundedLines(response.stream)
    # An event stream is UTF-8 whatever its header says (HTML, 9.2); other codecs fail, or grow.
    response.encoding = "utf-8"
    return EventSource(response)


@contextmanager
def _readable() -> Iterator[None]:
    """Turn an answer of another shape into the refusal that it is."""
    try:
        yield
    except Unreadable:
        raise _invalid() from None


class _BoundedLines(httpx.AsyncByteStream):
    """A stream whose lines and events end: httpx-sse keeps both in memory without a limit."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        if not isinstance(stream, httpx.AsyncByteStream):
            raise TypeError("an asynchronous stream")
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        since_blank = 0
        async for chunk in self._stream:
            at = max(chunk.rfind(b"\n\n"), chunk.rfind(b"\r\n\r\n"))
            since_blank = len(chunk) - at if at >= 0 else since_blank + len(chunk)
            if since_blank > MAX_EVENT:
                raise httpx.DecodingError("event too long")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bounded(response: httpx.Response) -> bytes:
    parts, size = [], 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > MAX_ANSWER:
            raise _invalid()
        parts.append(part)
    return b"".join(parts)


def _answer(status: int, body: bytes) -> Answer:
    if 300 <= status < 400:
        raise _invalid()
    try:
        return Answer(status, decode(body, Envelope).result)
    except Unreadable:
        if status == 200:
            raise _invalid() from None
        # A gateway before the node answers in HTML.
        return Answer(status, None)


def _expect_seat(answer: Answer, *, unknown_is_lost: bool = False) -> None:
    """Refuse what is not 200.

    403 means a token that is no longer good, or, with other words, that this one thing is not allowed. 404 of
    what every node has means that the meeting was taken down (``unknown_is_lost``); of anything else, that
    this node does not know the command.
    """
    if answer.status == 200:
        return
    gone = answer.status == 403 and (not answer.text or reasons.meaning(answer.text).code == _TOKEN_INVALID)
    if gone or answer.status == 401 or (unknown_is_lost and answer.status == 404):
        raise SeatLost
    raise _refusal(answer)


def _refusal(answer: Answer) -> Refused:
    meaning = reasons.meaning(answer.text, answer.status)
    passing = meaning.refusal in reasons.PASSING
    return Refused(meaning.refusal, reasons.support_code(meaning.code), passing=passing)


def _invalid() -> Refused:
    return Refused(Refusal.ROOM_ANSWER_INVALID, reasons.support_code(reasons.UNKNOWN.code), passing=True)


def _no_answer(error: BaseException) -> Refused:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Refused(Refusal.ROOM_CERTIFICATE)
        cause = cause.__cause__ or cause.__context__
    return Refused(Refusal.ROOM_UNREACHABLE, passing=True)
