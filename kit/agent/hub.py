"""The agent's socket: one engine at a time, screens that each get the newest snapshot."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from kit.ipc.commands import Command
from kit.ipc.engine import Event, Order
from kit.ipc.state import KitState
from kit.ipc.wire import FrameTooLong, Hello, Link, Peer, accept, agent_socket

ORDERS_KEPT = 100
"""Orders under way; with more, the engine hangs and is cut off: a fresh one is told all it needs."""

log = structlog.get_logger()


class Listener(Protocol):
    """Who hears what the other two processes say. Called in the loop; must not block."""

    def touched(self, command: Command) -> None:
        """Staff touched the screen."""

    def heard(self, event: Event) -> None:
        """The engine says something."""

    def engine_lost(self) -> None:
        """The engine's connection ended."""

    def misfit(self) -> None:
        """A message did not fit its type and was refused."""


class _Engine(NamedTuple):
    orders: asyncio.Queue[Order]
    writer: asyncio.StreamWriter


class Hub:
    """Connections of engine and screens."""

    def __init__(self, run_dir: Path, listener: Listener) -> None:
        """``run_dir`` holds the socket."""
        self._path = agent_socket(run_dir)
        self._listener = listener
        self._engine: _Engine | None = None
        self._snapshot = KitState()
        self._changed: set[asyncio.Event] = set()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def engine_connected(self) -> bool:
        """Whether an engine is there to take orders."""
        return self._engine is not None

    def order(self, order: Order) -> None:
        """Send to the engine; without one the order is dropped, for a fresh engine is told all it needs."""
        if self._engine is None:
            return
        try:
            self._engine.orders.put_nowait(order)
        except asyncio.QueueFull:
            log.warning("engine_hangs")
            self._engine.writer.close()

    def publish(self, snapshot: KitState) -> None:
        """Give the screens a new snapshot; a slow screen gets only the newest."""
        self._snapshot = snapshot
        for changed in self._changed:
            changed.set()

    def listen(self) -> socket.socket:
        """Bind the agent's socket, for :meth:`serve`."""
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._path))
        return listener

    async def serve(self, listener: socket.socket) -> None:
        """Accept connections until cancelled; those that are there end then."""
        server = await asyncio.start_unix_server(self._connected, sock=listener)
        try:
            # Its own way to serve for ever waits, since Python 3.12, until every screen has gone by itself.
            await asyncio.Event().wait()
        finally:
            server.close()
            for connection in self._connections:
                connection.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)
        # asyncio logs a cancelled handler as an error up to Python 3.11.
        with contextlib.suppress(asyncio.CancelledError):
            await self._serve_peer(reader, writer)

    async def _serve_peer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            hello = await accept(reader, writer)
            match hello:
                case Hello(Peer.ENGINE):
                    await self._serve_engine(Link(reader, writer, Event), writer)
                case Hello(Peer.SCREEN):
                    await self._serve_screen(Link(reader, writer, Command))
                case _:
                    self._listener.misfit()
        finally:
            writer.close()

    async def _serve_engine(self, link: Link[Event], writer: asyncio.StreamWriter) -> None:
        engine = _Engine(asyncio.Queue(ORDERS_KEPT), writer)
        self._engine = engine
        async with self._sending(link, self._send_orders(link, engine.orders)):
            await self._read(link, self._listener.heard)
        if self._engine is engine:
            self._engine = None
            self._listener.engine_lost()

    async def _serve_screen(self, link: Link[Command]) -> None:
        changed = asyncio.Event()
        changed.set()
        self._changed.add(changed)
        async with self._sending(link, self._send_snapshots(link, changed)):
            await self._read(link, self._listener.touched)
        self._changed.discard(changed)

    @contextlib.asynccontextmanager
    async def _sending(
        self, link: Link[Event] | Link[Command], sending: Coroutine[None, None, None]
    ) -> AsyncIterator[None]:
        sender = asyncio.create_task(sending)
        try:
            yield
        finally:
            sender.cancel()
            for _ in range(link.refused):
                self._listener.misfit()

    async def _read(self, link: Link[Event] | Link[Command], hear: Callable[..., None]) -> None:
        with contextlib.suppress(FrameTooLong):
            async for message in link:
                hear(message)

    async def _send_orders(self, link: Link[Event], orders: asyncio.Queue[Order]) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await link.send(await orders.get())

    async def _send_snapshots(self, link: Link[Command], changed: asyncio.Event) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await changed.wait()
                changed.clear()
                await link.send(self._snapshot)
