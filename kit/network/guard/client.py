"""The guard as the agent has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog

from kit.network.guard.words import (
    MAX_LINE,
    SOCKET,
    Answer,
    Guest,
    Own,
    Still,
    Unreadable,
    Word,
    encode,
    read_answer,
)
from kit.network.wifi.traces import Trace

log = structlog.get_logger()

ANSWER_S: Final = 40.0
"""A removal that does not come to its end takes 20 s, and asking for names 5 s."""
STILL_S: Final = 30.0
"""For an answer that needs no work, but may come behind a ruleset that is just being put in force."""
_NO: Final = Answer(done=False, left=frozenset({Trace.UNSEEN}))


class Guarding(StrEnum):
    """How the guard is, as far as it was heard."""

    OK = "ok"
    SILENT = "silent"
    """It is not there, or does not answer. What was in force last still is."""
    FAILED = "failed"
    """It answers that the kernel does not take the firewall."""


def unheard(_: Guarding) -> None:
    """For ``changed`` until somebody listens."""


class Client:
    """One connection, made when it is needed; its end is the strict form. One question at a time."""

    def __init__(self, path: Path = SOCKET, *, answer_s: float = ANSWER_S, still_s: float = STILL_S) -> None:
        self.changed: Callable[[Guarding], None] = unheard
        """Told how the guard is, first when it was asked first; a connection that it ended means silence."""
        self._path = path
        self._answer_s = answer_s
        self._still_s = still_s
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._form: type[Word] | None = None
        self._guarding: Guarding | None = None

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

    async def holds(self) -> bool:
        """Ask whether what was asked for last still holds."""
        return self.stands and (await self._ask(Still(), self._still_s)).done

    def close(self) -> None:
        """End the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = self._form = None

    async def _ask(self, word: Word, limit_s: float | None = None) -> Answer:
        try:
            async with asyncio.timeout(self._answer_s if limit_s is None else limit_s):
                answer = await self._exchanged(word)
        except (OSError, Unreadable, ValueError) as error:
            self.close()
            self._tell(Guarding.SILENT, error)
            return _NO
        except BaseException:
            # Whoever asked was cancelled: the answer would be taken for the next one's.
            self.close()
            raise
        if not answer.done:
            self._form = None
        elif not isinstance(word, Still):
            self._form = type(word)
        self._tell(Guarding.OK if answer.done or answer.left else Guarding.FAILED)
        return answer

    async def _exchanged(self, word: Word) -> Answer:
        if self._reader is not None and self._reader.at_eof():
            self.close()
            self._tell(Guarding.SILENT)
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_unix_connection(self._path, limit=MAX_LINE)
        self._writer.write(encode(word))
        await self._writer.drain()
        return read_answer(await self._reader.readline())

    def _tell(self, guarding: Guarding, error: Exception | None = None) -> None:
        """Say what is new: it is asked every other second."""
        if guarding is self._guarding:
            return
        self._guarding = guarding
        if guarding is not Guarding.OK:
            log.warning(
                "guard_not_well", guarding=guarding.value, error=type(error).__name__ if error else ""
            )
        self.changed(guarding)
