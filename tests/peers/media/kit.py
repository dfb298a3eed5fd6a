"""The real engine process, and this test in the agent's place at the other end of its socket."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from kit.ipc import engine as ng
from kit.ipc.pictures import Picture, PictureReader, Stream, picture_socket
from kit.ipc.wire import Hello, Link, Peer, accept, agent_socket
from kit.visit.model import Invitation

T = TypeVar("T", bound=msgspec.Struct)

LIMIT_S = 40.0
"""Far more than anything here takes: a machine that runs other tests too is slow."""
STARTING_S = 100.0
"""A fresh engine imports its libraries and tries its encoders: work for a processor that others use too."""

CONFIG = """
kit_id = "kit-0007"
run_dir = "run"
state_dir = "state"
loopback_media = {loopback}

[broker]
host = "localhost"
port = 8883
ca = "none"
certificate = "none"
key = "none"

[meeting]
allowed_hosts = ["{host}"]
ca = "{ca}"

[camera]
source = "{camera}"
width = 640
height = 360
fps = 25

[sound]
playback = "{playback}"
capture = "{capture}"
"""


def write_config(
    folder: Path,
    *,
    ca: Path,
    host: str = "localhost",
    camera: str = "generated",
    playback: str = "pulse",
    capture: str = "pulse",
) -> Path:
    path = folder / "kit.toml"
    text = CONFIG.format(loopback="true", host=host, ca=ca, camera=camera, playback=playback, capture=capture)
    path.write_text(text, encoding="utf-8")
    (folder / "run").mkdir(exist_ok=True)
    return path


class Window:
    """The screen's end of the engine's pictures; never waits: the test's loop carries the room too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._readers: dict[Stream, PictureReader] = {}

    def latest(self, stream: Stream) -> Picture | None:
        if self._socket is None or self._gone(self._socket):
            self._connect()
        reader = self._readers.get(stream)
        return None if reader is None else reader.latest()

    def _gone(self, connection: socket.socket) -> bool:
        try:
            return connection.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _connect(self) -> None:
        self._readers = {}
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.connect(str(self._path))
            _, descriptors, _, _ = socket.recv_fds(connection, 16, len(Stream))
        except OSError:
            connection.close()
            return
        connection.setblocking(False)
        self._socket = connection
        self._readers = {s: PictureReader(fd) for s, fd in zip(Stream, descriptors, strict=True)}


class Kit:
    """``async with Kit(...)`` starts the engine; ``wait_for`` reads its events in order."""

    def __init__(self, config: Path, environment: dict[str, str], *arguments: str) -> None:
        self._config = config
        self._environment = environment
        self._arguments = arguments
        self._run_dir = config.parent / "run"
        self.log = config.parent / "engine.log"
        self._server: asyncio.Server | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._links: asyncio.Queue[Link[ng.Event]] = asyncio.Queue()
        self.link: Link[ng.Event] | None = None
        self.events: list[ng.Event] = []
        self.pictures = Window(picture_socket(self._run_dir))

    async def __aenter__(self) -> Kit:
        await self.listen()
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end(signal.SIGTERM)
        await self.stop_listening()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def listen(self) -> None:
        path = agent_socket(self._run_dir)
        path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._accept, path)

    async def stop_listening(self) -> None:
        """The agent is gone."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self.link is not None:
            await self.link.close()
            self.link = None

    async def start(self) -> ng.EngineReady:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "kit.media", "--config", str(self._config), *self._arguments),
                env={**os.environ, **self._environment},
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
            )
        try:
            return await self.connected()
        except BaseException:
            await self.end(signal.SIGKILL)
            raise

    async def connected(self, limit_s: float = STARTING_S) -> ng.EngineReady:
        async with asyncio.timeout(limit_s):
            self.link = await self._links.get()
        return await self.wait_for(ng.EngineReady)

    async def end(self, how: signal.Signals) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        try:
            async with asyncio.timeout(LIMIT_S):
                return await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise AssertionError("the engine did not end when it was told to") from None

    async def order(self, order: ng.Order) -> None:
        assert self.link is not None
        await self.link.send(order)

    async def join(self, host: str, alias: str, pin: str | None = "", **options: object) -> None:
        invitation = Invitation(host=host, alias=alias, pin=pin)
        await self.order(ng.JoinRoom(invitation, "Hembesök", **options))  # type: ignore[arg-type]

    async def wait_for(
        self, kind: type[T], limit_s: float = LIMIT_S, where: Callable[[T], bool] = lambda _: True
    ) -> T:
        """The next event of this kind; those before it are kept in ``events``."""
        assert self.link is not None
        seen: list[str] = []
        try:
            async with asyncio.timeout(limit_s):
                while (event := await self.link.receive()) is not None:
                    self.events.append(event)
                    seen.append(type(event).__name__)
                    if isinstance(event, kind) and where(event):
                        return event
        except TimeoutError:
            raise AssertionError(
                f"no {kind.__name__} in {limit_s} s, but {seen}, {self.events[-1:]}"
            ) from None
        raise AssertionError(f"the engine went away; before that {seen}")

    async def picture(
        self, stream: Stream, limit_s: float = LIMIT_S, where: Callable[[Picture], bool] = lambda _: True
    ) -> Picture:
        """A picture as the screen sees it."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            picture = self.pictures.latest(stream)
            if picture is not None and where(picture) and picture.intact():
                return picture
            await asyncio.sleep(0.02)
        raise AssertionError(f"no picture of {stream} in {limit_s} s")

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await accept(reader, writer)
        assert isinstance(hello, Hello)
        assert hello.peer is Peer.ENGINE
        await self._links.put(Link(reader, writer, ng.Event))
