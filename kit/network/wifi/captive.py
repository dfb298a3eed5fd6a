"""Whether a network leads out, or to somebody's page for logging in.

Asked is the region's own server, by plain HTTP, since a portal can only stand in the way of that; over the
network in question and no other. Nobody else is ever asked. A network that gives the right answer by itself
gains nothing: the meeting's server shows its certificate.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

import httpx

from kit.config import Probe
from kit.ipc.network import WifiTrouble

LIMIT_S: Final = 12.0
TRY_S: Final = 4.0
AGAIN_S: Final = 0.5
MOST_BYTES: Final = 1024


async def ask(probe: Probe, interface: str, limit_s: float = LIMIT_S) -> WifiTrouble:
    """Return NONE, PORTAL or NO_INTERNET. Asks again while nothing answers: a router may need a moment."""
    try:
        async with asyncio.timeout(limit_s):
            while True:
                found = await _once(probe, interface)
                if found is not WifiTrouble.NO_INTERNET:
                    return found
                await asyncio.sleep(AGAIN_S)
    except TimeoutError:
        return WifiTrouble.NO_INTERNET


async def _once(probe: Probe, interface: str) -> WifiTrouble:
    bound = [(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())]
    transport = httpx.AsyncHTTPTransport(socket_options=bound, trust_env=False)
    try:
        async with (
            asyncio.timeout(TRY_S),
            httpx.AsyncClient(
                transport=transport, trust_env=False, follow_redirects=False, timeout=TRY_S
            ) as client,
            client.stream("GET", probe.url, headers={"User-Agent": "hembesok"}) as answer,
        ):
            right = answer.status_code == httpx.codes.OK and await _body(answer) == probe.answer.encode()
            return WifiTrouble.NONE if right else WifiTrouble.PORTAL
    except httpx.ProtocolError:
        # Somebody answers, and it is no web server of the region.
        return WifiTrouble.PORTAL
    except (httpx.HTTPError, OSError):
        return WifiTrouble.NO_INTERNET


async def _body(answer: httpx.Response) -> bytes:
    """Return the beginning of the answer, as it came: an unpacked one could be any size."""
    body = b""
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            break
    return body
