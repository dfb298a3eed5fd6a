"""A login on somebody's own phone, and how what it gives comes back to the kit.

The kit has no browser for logins. It shows the room's login page as a QR code; the page leads the phone to an
address of the region's own backend, which keeps what it was given for a moment and hands it to this kit.
The address on the phone holds only the hash of what the kit collects with: who sees the code cannot collect.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import ssl
import time
from typing import Annotated, Protocol

import httpx
import msgspec
from msgspec import Meta, Struct

from kit.meeting.room import Refused
from kit.visit.model import Refusal

PLACE = "__pexip-sso-token__"
"""Pexip puts the token here in the address that a login leads back to."""
LOGIN_S = 300.0
"""How long somebody may take to log in."""
_ANSWER_S = 40.0
"""The backend holds a request for some 25 s until there is something to collect."""
_MAX_ANSWER = 16 * 1024
_RETRY_S = 1.0


class Ticket(Protocol):
    """One login under way."""

    @property
    def target(self) -> str:
        """Where the login must lead back to, with :data:`PLACE` in it."""

    async def announce(self) -> None:
        """Let the backend expect it; Refused when it cannot be reached."""

    async def collect(self) -> str:
        """Wait for what the login gave; Refused when nobody logged in within :data:`LOGIN_S`."""


class Logins(Protocol):
    """Where logins lead back to."""

    def begin(self) -> Ticket:
        """Begin one, with a secret of its own."""


class _Collected(Struct, frozen=True):
    token: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None


class BackendLogins:
    """By the region's own backend: ``fleet.web.returns``."""

    def __init__(self, shown: str, collect: str, tls: ssl.SSLContext) -> None:
        """``shown`` is for phones, ``collect`` for kits, both addresses; ``tls`` has the kit's own key."""
        self._shown = shown.rstrip("/")
        self._collect = collect.rstrip("/")
        self._tls = tls

    def begin(self) -> Ticket:
        """A secret of 256 bits."""
        return _BackendTicket(self._shown, self._collect, self._tls)


class _BackendTicket:
    def __init__(self, shown: str, collect: str, tls: ssl.SSLContext) -> None:
        self._secret = secrets.token_urlsafe(32)
        self._collect = collect
        self._tls = tls
        self.target = f"{shown}/{hashlib.sha256(self._secret.encode()).hexdigest()}/{PLACE}"

    async def announce(self) -> None:
        async with self._client() as client:
            await self._ask(client, "announce")

    async def collect(self) -> str:
        ends = time.monotonic() + LOGIN_S
        async with self._client() as client:
            while time.monotonic() < ends:
                try:
                    found = await self._ask(client, "collect")
                except Refused:
                    await asyncio.sleep(_RETRY_S)
                    continue
                if found.token is not None:
                    return found.token
        raise Refused(Refusal.ROOM_LOGIN_NEEDED)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=self._tls,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(_ANSWER_S, connect=5),
        )

    async def _ask(self, client: httpx.AsyncClient, what: str) -> _Collected:
        """POST the secret; Refused when the answer is none of the backend's."""
        asked = client.stream("POST", f"{self._collect}/{what}", json={"secret": self._secret})
        try:
            async with asyncio.timeout(_ANSWER_S), asked as got:
                body = b""
                async for part in got.aiter_raw():
                    body += part
                    if len(body) > _MAX_ANSWER:
                        raise httpx.DecodingError("answer too long")
                if got.status_code == 200:
                    return msgspec.json.decode(body, type=_Collected)
        except (httpx.HTTPError, httpx.StreamError, OSError, msgspec.MsgspecError, UnicodeDecodeError):
            raise Refused(Refusal.ROOM_LOGIN_NEEDED, passing=True) from None
        raise Refused(Refusal.ROOM_LOGIN_NEEDED, passing=True)
