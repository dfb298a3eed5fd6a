"""The DevTools protocol over Chromium's own pipe: nothing listens, nobody else can speak.

With ``DeveloperToolsAvailability`` 2 Chromium lets nobody attach to a page, the pipe included: what is left
are the domains of the browser itself (``Browser``, ``Target``).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

ANSWER_S: Final = 5.0
LONGEST: Final = 1 << 20
"""Bytes of a message; the browser's own are far shorter."""


class TargetInfo(Struct, frozen=True, rename="camel"):
    """One target: a page, a frame in a process of its own, a worker."""

    target_id: Annotated[str, Meta(max_length=64)]
    type: Annotated[str, Meta(max_length=64)]
    url: str = ""
    title: str = ""
    opener_id: str = ""

    def __repr__(self) -> str:
        """Say nothing: addresses name the meeting."""
        return "TargetInfo(…)"


class _Params(Struct, frozen=True, rename="camel"):
    target_info: TargetInfo | None = None
    target_id: str = ""
    state: str = ""


class Event(Struct, frozen=True):
    """What the browser tells by itself."""

    method: str
    params: _Params


class _Message(Struct, frozen=True):
    id: int | None = None
    method: str = ""
    params: _Params = _Params()
    error: dict[str, Any] | None = None


class PipeClosed(Exception):  # noqa: N818 - it names what happened
    """The browser is gone, or does not answer."""


class Pipe:
    """``hear`` gets each event, in the loop; ``gone`` is called once, when the browser closed its end."""

    def __init__(self, hear: Callable[[Event], None], gone: Callable[[], None]) -> None:
        """Nothing is open before :meth:`open`."""
        self._hear = hear
        self._gone = gone
        self._number = 0
        self._waiting: dict[int, asyncio.Future[bool]] = {}
        self._decoder = msgspec.json.Decoder(_Message)
        self._writer: asyncio.WriteTransport | None = None
        self._reader: asyncio.ReadTransport | None = None
        self._reading: asyncio.Task[None] | None = None
        self.misfits = 0
        """Messages that did not fit their type."""

    async def open(self, commands: int, events: int) -> None:
        """Take the descriptors of both ends' near sides: ``commands`` is written, ``events`` read."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(LONGEST)
        self._reader, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(events, "rb", 0)
        )
        self._writer, _ = await loop.connect_write_pipe(asyncio.Protocol, os.fdopen(commands, "wb", 0))
        self._reading = asyncio.create_task(self._read(reader))

    async def ask(self, method: str, **params: Any) -> bool:
        """Ask the browser; whether it did. PipeClosed when there is none."""
        if self._writer is None or self._writer.is_closing():
            raise PipeClosed
        self._number += 1
        answer = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = answer
        message = {"id": self._number, "method": method, "params": params}
        self._writer.write(msgspec.json.encode(message) + b"\0")
        try:
            async with asyncio.timeout(ANSWER_S):
                return bool(await answer)
        except TimeoutError:
            raise PipeClosed from None
        finally:
            self._waiting.pop(message["id"], None)  # type: ignore[call-overload]

    def close(self) -> None:
        """Let go of the browser; harmless when it is gone."""
        if self._reading is not None:
            self._reading.cancel()
        for end in (self._writer, self._reader):
            if end is not None:
                end.close()
        for answer in self._waiting.values():
            answer.cancel()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            while True:
                self._take((await reader.readuntil(b"\0"))[:-1])
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(PipeClosed())
        self._gone()

    def _take(self, raw: bytes) -> None:
        try:
            message = self._decoder.decode(raw)
        except (msgspec.ValidationError, msgspec.DecodeError):
            self.misfits += 1
            return
        if message.id is None:
            self._hear(Event(message.method, message.params))
        elif (answer := self._waiting.get(message.id)) is not None and not answer.done():
            answer.set_result(message.error is None)
