"""The guard as the agent has it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from kit.network.guard.words import (
    MAX_LINE,
    SOCKET,
    Answer,
    Guest,
    Own,
    Unreadable,
    Word,
    encode,
    read_answer,
)
from kit.network.wifi.traces import Trace

log = structlog.get_logger()

ANSWER_S: Final = 40.0
"""A removal that does not come to its end takes 20 s, and asking for names 5 s."""
_NO: Final = Answer(done=False, left=frozenset({Trace.UNSEEN}))


class Client:
    """One connection, made when it is needed; its end is the strict form. One question at a time."""

    def __init__(self, path: Path = SOCKET) -> None:
        self._path = path
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._form: type[Word] | None = None
        self._silent = False

    @property
    def stands(self) -> bool:
        """Whether what was asked for last still holds."""
        return self._form is not None and self._reader is not None and not self._reader.at_eof()

    @property
    def is_own(self) -> bool:
        """Whether the kit's own form holds."""
        return self.stands and self._form is Own

    async def guest(self, resolvers: Sequence[str] = ()) -> bool:
        """Have only the meeting reached by Wi-Fi, with these name servers; True when that is so."""
        # Those of a link have its name behind them.
        addresses = tuple(resolver.partition("%")[0] for resolver in resolvers)[:8]
        try:
            return (await self._ask(Guest(resolvers=addresses))).done
        except ValueError:
            log.warning("wifi_resolver_invalid")
            return False

    async def own(self) -> Answer:
        """Have removed what is left of a patient's network, and then the kit's own form."""
        return await self._ask(Own())

    def close(self) -> None:
        """End the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = self._form = None

    async def _ask(self, word: Word) -> Answer:
        answer = _NO
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await self._exchanged(word)
        except (OSError, Unreadable, ValueError) as error:
            # Said once: it is asked again every other second.
            if not self._silent:
                log.warning("guard_silent", error=type(error).__name__)
        finally:
            self._silent = answer is _NO
            if answer.done:
                self._form = type(word)
            elif answer is _NO:
                # Also where whoever asked was cancelled: the answer would be taken for the next one's.
                self.close()
            else:
                self._form = None
        return answer

    async def _exchanged(self, word: Word) -> Answer:
        if self._reader is None or self._reader.at_eof():
            self.close()
            self._reader, self._writer = await asyncio.open_unix_connection(self._path, limit=MAX_LINE)
        assert self._writer is not None
        self._writer.write(encode(word))
        await self._writer.drain()
        return read_answer(await self._reader.readline())
