"""Framed msgpack over a Unix socket: four bytes of length (big endian), then one tagged message.

The agent listens; engine and screen connect and say who they are with :class:`Hello`. A frame that does not
fit its type is refused and counted, and the connection goes on; a frame beyond :data:`MAX_FRAME` ends the
connection, because nothing after it can be trusted.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

MAX_FRAME = 1 << 20
_LENGTH = struct.Struct(">I")

Incoming = TypeVar("Incoming")


class Peer(StrEnum):
    """Who connects to the agent."""

    ENGINE = "engine"
    SCREEN = "screen"


class Hello(msgspec.Struct, frozen=True, tag=True):
    """First frame of a connection."""

    peer: Peer
    pid: int


class FrameTooLong(Exception):  # noqa: N818 - it names the refusal
    """The peer announced a frame beyond :data:`MAX_FRAME`."""


class Link(Generic[Incoming]):
    """One connection: ``send`` messages, iterate over decoded ones until the peer is gone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, incoming: Any) -> None:
        """``incoming`` is the type (union) of what the peer may send."""
        self._reader = reader
        self._writer = writer
        self._decoder = msgspec.msgpack.Decoder(incoming)
        self.refused = 0
        """Frames that did not fit their type."""

    async def send(self, message: msgspec.Struct) -> None:
        """Send one message; ConnectionError when the peer is gone."""
        payload = msgspec.msgpack.encode(message)
        self._writer.write(_LENGTH.pack(len(payload)) + payload)
        await self._writer.drain()

    async def receive(self) -> Incoming | None:
        """Return the next message that fits, or None when the peer is gone."""
        while True:
            try:
                payload = await self._frame()
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            try:
                message: Incoming = self._decoder.decode(payload)
            except (msgspec.ValidationError, msgspec.DecodeError):
                self.refused += 1
                continue
            return message

    async def __aiter__(self) -> AsyncIterator[Incoming]:
        """Iterate over messages until the peer is gone."""
        while (message := await self.receive()) is not None:
            yield message

    async def close(self) -> None:
        """End the connection; harmless when it is gone already."""
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _frame(self) -> bytes:
        (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
        if length > MAX_FRAME:
            raise FrameTooLong
        return await self._reader.readexactly(length)


def agent_socket(run_dir: Path) -> Path:
    """Where the agent listens."""
    return run_dir / "agent.sock"


async def connect(path: Path, peer: Peer, incoming: Any) -> Link[Any]:
    """Connect to the agent and say who this is; OSError when it does not listen."""
    reader, writer = await asyncio.open_unix_connection(path)
    link: Link[Any] = Link(reader, writer, incoming)
    await link.send(Hello(peer, os.getpid()))
    return link


async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Hello | None:
    """Read a new connection's Hello, or None when it is not one."""
    link: Link[Hello] = Link(reader, writer, Hello)
    with contextlib.suppress(FrameTooLong, TimeoutError):
        async with asyncio.timeout(5):
            return await link.receive()
    return None
