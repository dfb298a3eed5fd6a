"""The server as an object: start it on free or given addresses, stop it, look into it."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog
import uvicorn
from starlette.applications import Starlette

from kit.media import ice, rtp
from kit.meeting.testroom import app, lab
from kit.meeting.testroom.config import Config, default_config
from kit.meeting.testroom.page import BUILT
from kit.meeting.testroom.registry import Rooms

log = structlog.get_logger()
Address = tuple[str, int]
_STOP_S = 3


class Tls(msgspec.Struct, frozen=True):
    """Where to listen with TLS, and the PEM files for it."""

    address: Address
    certificate: Path
    key: Path


class TestRoomServer:
    """``async with TestRoomServer() as server`` serves the default rooms on a free port of 127.0.0.1.

    OSError when an address is taken. The media ports are free ones of the machine; on loopback 127.0.0.1 is
    offered beside the machine's other addresses. Starting puts our RTP under aiortc in the whole process.
    """

    __test__ = False

    def __init__(
        self,
        config: Config | None = None,
        listen: Address = ("127.0.0.1", 0),
        tls: Tls | None = None,
        lab_listen: Address | None = None,
        page: Path = BUILT,
    ) -> None:
        self.rooms = Rooms(config or default_config())
        self.lab = lab.Lab(self.rooms)
        self.url = ""
        self.tls_url = ""
        self.lab_url = ""
        self._listen = listen
        self._tls = tls
        self._lab_listen = lab_listen
        self._page = page
        self._servers: list[_Server] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listen; returns when requests are answered."""
        rtp.install()
        if self._listen[0] in ("127.0.0.1", "localhost"):
            ice.add_loopback()
        self.rooms.start()
        application = app.build(self.rooms, self._page)
        try:
            self.url = await self._serve(application, self._listen, None)
            if self._tls is not None:
                self.tls_url = await self._serve(application, self._tls.address, self._tls)
            if self._lab_listen is not None:
                self.lab_url = await self._serve(lab.build(self.lab), self._lab_listen, None)
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End all meetings and stop listening."""
        for server in self._servers:
            server.should_exit = True
        await self.rooms.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._servers.clear()
        self._tasks.clear()

    async def __aenter__(self) -> "TestRoomServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, application: Starlette, address: Address, tls: Tls | None) -> str:
        listener = socket.create_server(address, backlog=128)
        # Inherited by each connection. asyncio sets it only where a socket was made for TCP by name, which
        # create_server does not; without it every answer waits 40 ms for the client's delayed ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            application,
            lifespan="off",
            log_config=None,
            # Addresses carry room aliases, and tokens in the query.
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_STOP_S,
            ssl_certfile=tls.certificate if tls is not None else None,
            ssl_keyfile=tls.key if tls is not None else None,
        )
        server = _Server(config)
        self._servers.append(server)
        task = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]))
        self._tasks.append(task)
        while not server.started:
            if task.done():
                listener.close()
                raise OSError("the web server did not start")
            await asyncio.sleep(0.01)
        host, port = listener.getsockname()[:2]
        return f"{'https' if tls is not None else 'http'}://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn as a guest in a process: signals belong to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def quiet_libraries() -> None:
    """aiortc and aioice log addresses of clients, and uvicorn what it serves: keep warnings only."""
    for name in ("aiortc", "aioice", "uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
