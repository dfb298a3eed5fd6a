"""A portal of our own, its identity provider and the rest of the world, over TLS, for the real Chromium.

Chromium takes the names for this machine: ``portal.example`` is the portal, ``idp.example`` its login, and
``elsewhere.example`` whatever lies outside.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import segno
import uvicorn
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from provisioning.site import Site

PAGES = Path(__file__).parent / "site"
PORTAL, IDP, ELSEWHERE = "portal.example", "idp.example", "elsewhere.example"


SWITCHES = ("--use-fake-device-for-media-stream", "--allow-loopback-in-peer-connection")
"""A camera and a microphone of software; and a call from the page to itself."""


class World(Struct):
    """What the servers saw. ``told`` is what pages said; ``evil`` counts visits outside the portal."""

    ca: Path
    port: int
    untrusted_port: int
    told: list[str] = []
    evil: list[str] = []
    scanned: set[str] = set()
    """Logins that a phone has approved."""
    orders: list[str] = []
    page: str = ""
    """Path of the page that spoke last."""
    places: dict[str, tuple[int, int]] = {}
    """Middle of each of its parts, in its window."""
    spoken: int = 0
    languages: set[str] = set()
    words: str = ""
    """What the portal's first page says, in its title too."""

    @property
    def addresses(self) -> dict[str, str]:
        """Where the kit finds the names."""
        here = f"127.0.0.1:{self.port}"
        known = (f"{PORTAL}:443", f"{PORTAL}:8443", f"{IDP}:443", f"{ELSEWHERE}:443", f"sub.{PORTAL}:443")
        return {
            **dict.fromkeys(known, here),
            "untrusted.example:443": f"127.0.0.1:{self.untrusted_port}",
            "dead.example:443": "127.0.0.1:9",
        }

    async def until_page(self, path: str, seconds: float = 60.0) -> None:
        """Wait until this page is there, as it says itself from now on."""
        before = self.spoken
        async with asyncio.timeout(seconds):
            while self.page != path or self.spoken < before + 2:  # noqa: ASYNC110 - a page tells nobody
                await asyncio.sleep(0.02)

    async def until_told(self, word: str, seconds: float = 60.0) -> str:
        """Wait until a page has said something that begins with ``word``."""
        async with asyncio.timeout(seconds):
            while True:
                for text in self.told:
                    if text.startswith(word):
                        return text
                await asyncio.sleep(0.05)


async def style(_request: Request) -> Response:
    """How the pages look."""
    return Response((PAGES / "style.css").read_text(), media_type="text/css")


async def script(_request: Request) -> Response:
    """What every page says of itself."""
    return Response((PAGES / "places.js").read_text(), media_type="text/javascript")


async def code(request: Request) -> Response:
    """The login's QR code, a new one each second."""
    picture = io.BytesIO()
    text = f"login.{request.query_params['order']}.{request.query_params['at']}"
    segno.make(text).save(picture, kind="svg", scale=8, border=2)
    return Response(picture.getvalue(), media_type="image/svg+xml")


async def redirect(_request: Request) -> Response:
    """Lead outside."""
    return RedirectResponse(f"https://{ELSEWHERE}/evil", 302)


async def attachment(_request: Request) -> Response:
    """Something to be saved."""
    head = {"content-disposition": 'attachment; filename="bilaga.pdf"'}
    return Response(b"%PDF-evil", media_type="application/pdf", headers=head)


class _Pages:
    """What depends on the world. Which host is meant says the Host header."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def page(self, request: Request) -> Response:
        """A page of the portal or of its login; anything else is evil."""
        host = request.url.hostname or ""
        if host not in {PORTAL, IDP} or request.url.path == "/evil":
            self._world.evil.append(f"{host}{request.url.path}")
            return HTMLResponse("<h1>evil</h1>")
        name = request.path_params.get("name") or "index"
        if host == PORTAL and name == "login":
            order = f"order-{time.monotonic_ns()}"
            self._world.orders.append(order)
            return RedirectResponse(f"https://{IDP}/login?order={order}", 303)
        text = (PAGES / f"{name}.html").read_text()
        text = text.replace('<p id="said"></p>', f'<p id="said">{self._world.words}</p>')
        return HTMLResponse(text.replace("<title>Portalen", f"<title>Portalen {self._world.words}"))

    async def told(self, request: Request) -> Response:
        """What a page says."""
        self._world.told.append((await request.body()).decode())
        return PlainTextResponse("")

    async def places(self, request: Request) -> Response:
        """Where the parts of a page are."""
        content = json.loads(await request.body())
        self._world.page, self._world.places = content["page"], content["places"]
        self._world.spoken += 1
        self._world.languages.add(request.headers.get("accept-language", ""))
        return PlainTextResponse("")

    async def collect(self, request: Request) -> Response:
        """How far a login has come."""
        if request.query_params["order"] in self._world.scanned:
            return JSONResponse({"status": "complete", "back": f"https://{PORTAL}/second"})
        return JSONResponse({"status": "pending", "at": int(time.time())})


def application(world: World) -> Starlette:
    """All hosts in one."""
    pages = _Pages(world)
    routes = [
        Route("/style.css", style),
        Route("/places.js", script),
        Route("/places", pages.places, methods=["POST"]),
        Route("/told", pages.told, methods=["POST"]),
        Route("/kept", pages.told, methods=["POST"]),
        Route("/collect", pages.collect),
        Route("/qr.svg", code),
        Route("/redirect", redirect),
        Route("/attachment", attachment),
        Route("/{name}", pages.page, methods=["GET", "POST"]),
        Route("/", pages.page),
    ]
    return Starlette(routes=routes)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[World]:
    """Serve until the end of the block; keys and certificates are made in ``folder``."""
    region, stranger = Site(folder / "region"), Site(folder / "stranger", region="Främmande")
    hosts = (PORTAL, IDP, ELSEWHERE, f"sub.{PORTAL}")
    trusted = region.server("portal", hosts)
    untrusted = stranger.server("portal", ("untrusted.example",))
    listeners = [_listen(), _listen()]
    ports = [listener.getsockname()[1] for listener in listeners]
    world = World(ca=trusted.ca, port=ports[0], untrusted_port=ports[1])
    app = application(world)
    servers = [
        _Server(
            uvicorn.Config(
                app,
                ssl_certfile=identity.certificate,
                ssl_keyfile=identity.key,
                log_level="critical",
                timeout_graceful_shutdown=1,
            )
        )
        for identity in (trusted, untrusted)
    ]
    tasks = [
        asyncio.create_task(server.serve([listener]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
    try:
        yield world
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)


def _listen() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener
