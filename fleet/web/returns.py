"""Where a login on a phone leads back to, and where the kit that asked for it collects what it gave.

``python -m fleet.web.returns``. Two addresses: one for phones, which may stand behind the region's proxy, and
one for kits, which show their certificates. A kit announces the hash of a secret of its own; the phone comes
back to an address with that hash and the room's token; the kit collects with the secret. All of it stays in
memory: at most :data:`MOST` logins, a token for :data:`KEEP_S`, and it is given away once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import msgspec
import structlog
import typer
import uvicorn
from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from fleet import log as logging
from fleet.web.security import HEADERS

log = structlog.get_logger()

MOST: Final = 500
KEEP_S: Final = 120.0
ANNOUNCED_S: Final = 330.0
"""A little more than a kit waits for somebody to log in."""
HOLD_S: Final = 25.0
_MOST_BODY: Final = 1024
_MOST_TOKEN: Final = 4096


class Collector(Struct, frozen=True):
    """What a kit says."""

    secret: Annotated[str, Meta(min_length=32, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]

    @property
    def nonce(self) -> str:
        """What the phone's address holds in its place."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


class _Login(Struct):
    until: float
    token: str | None = None


class Returns:
    """Logins under way, by the hash of the kit's secret. ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._logins: dict[str, _Login] = {}
        self._came = asyncio.Condition()

    def announce(self, nonce: str) -> bool:
        """Expect a login; False when there are too many."""
        self._forget()
        if nonce not in self._logins and len(self._logins) >= MOST:
            return False
        self._logins.setdefault(nonce, _Login(self._clock() + ANNOUNCED_S))
        return True

    async def bring(self, nonce: str, token: str) -> bool:
        """Take what a login gave; False when no kit waits for it, or when it came already."""
        self._forget()
        login = self._logins.get(nonce)
        if login is None or login.token is not None or not 0 < len(token) <= _MOST_TOKEN:
            return False
        login.token, login.until = token, self._clock() + KEEP_S
        async with self._came:
            self._came.notify_all()
        return True

    async def collect(self, nonce: str, hold_s: float = HOLD_S) -> str | None:
        """Give the token away, once; wait for it for some time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(hold_s), self._came:
                await self._came.wait_for(lambda: self._is_over(nonce))
        self._forget()
        login = self._logins.get(nonce)
        if login is None or login.token is None:
            return None
        del self._logins[nonce]
        return login.token

    def _is_over(self, nonce: str) -> bool:
        login = self._logins.get(nonce)
        return login is None or login.token is not None

    def _forget(self) -> None:
        now = self._clock()
        for nonce in [nonce for nonce, login in self._logins.items() if login.until <= now]:
            del self._logins[nonce]


_PAGE = """<!doctype html><html lang="sv"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""
_DONE = _PAGE.format(title="Klart", text="Du är inloggad. Enheten går in i mötet. Stäng den här sidan.")
_OVER = _PAGE.format(
    title="Inloggningen gäller inte längre", text="Tryck på Avbryt på enheten och anslut till mötet igen."
)


def for_phones(returns: Returns) -> Starlette:
    """What the login leads back to: ``/<nonce>/<token>`` below any path."""

    async def come_back(request: Request) -> Response:
        came = await returns.bring(request.path_params["nonce"], request.path_params["token"])
        headers = {**HEADERS, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return HTMLResponse(_DONE if came else _OVER, 200 if came else 404, headers)

    app = Starlette(routes=[Route("/{nonce}/{token:path}", come_back, methods=["GET"])])
    app.router.redirect_slashes = False
    return app


def for_kits(returns: Returns, hold_s: float = HOLD_S) -> Starlette:
    """What kits ask: POST ``announce``, then ``collect``."""

    async def announce(request: Request) -> Response:
        collector = await _collector(request)
        if collector is None:
            return Response(status_code=400)
        return _answer() if returns.announce(collector.nonce) else Response(status_code=503)

    async def collect(request: Request) -> Response:
        collector = await _collector(request)
        if collector is None:
            return Response(status_code=400)
        return _answer(await returns.collect(collector.nonce, hold_s))

    return Starlette(
        routes=[
            Route("/announce", announce, methods=["POST"]),
            Route("/collect", collect, methods=["POST"]),
        ]
    )


async def _collector(request: Request) -> Collector | None:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST_BODY:
                return None
        return msgspec.json.decode(bytes(body), type=Collector)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ClientDisconnect):
        return None


def _answer(token: str | None = None) -> Response:
    return Response(msgspec.json.encode({"token": token}), media_type="application/json")


def main(
    certificate: Annotated[Path, typer.Option(help="of this server, PEM")],
    key: Annotated[Path, typer.Option(help="its key, PEM")],
    kits: Annotated[Path, typer.Option(help="authority of the kits' certificates, PEM")],
    listen: Annotated[str, typer.Option(help="address:port for phones")] = "127.0.0.1:8446",
    kit_listen: Annotated[str, typer.Option(help="address:port for kits")] = "127.0.0.1:8447",
) -> None:
    """Run until SIGTERM or SIGINT."""
    logging.configure()
    returns = Returns()
    phones = _server(for_phones(returns), listen, certificate, key)
    own = _server(for_kits(returns), kit_listen, certificate, key, kits)

    async def serve() -> None:
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(own.serve())
            await phones.serve()
            own.should_exit = True
            await serving

    asyncio.run(serve())


def _server(
    app: Starlette, listen: str, certificate: Path, key: Path, clients: Path | None = None
) -> uvicorn.Server:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        sys.exit(f"{listen}: address:port is needed")
    config = uvicorn.Config(
        app,
        host=host.strip("[]"),
        port=int(port),
        lifespan="off",
        log_level="warning",
        # Addresses hold the tokens.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_ca_certs=None if clients is None else str(clients),
        ssl_cert_reqs=ssl.CERT_NONE if clients is None else ssl.CERT_REQUIRED,
    )
    return uvicorn.Server(config)


if __name__ == "__main__":
    typer.run(main)
