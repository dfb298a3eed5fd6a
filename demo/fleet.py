"""The fleet as another program sees it: its JSON API, and what the kits themselves say they numbered."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import httpx
import msgspec
from msgspec import Struct

OUTBOX = "outbox.db"

Answer = TypeVar("Answer")


class Stream(Struct, frozen=True, kw_only=True):
    """What the fleet has of one kit's numbered reports; fields as in its API."""

    kit: str
    stream: str
    contiguous: int
    committed: int
    lost: int
    dropped: int
    refused: int


class _Reports(Struct, frozen=True):
    streams: list[Stream]


class Case(Struct, frozen=True, kw_only=True):
    """A fault case."""

    number: int
    kit: str
    state: str


class Swap(Struct, frozen=True, kw_only=True):
    """A swap; ``seconds`` from the fault report until both kits had answered, by the fleet's clock."""

    id: int
    state: str
    seconds: float | None = None


class _CasePage(Struct, frozen=True, kw_only=True):
    swap: Swap | None = None


class Numbered(Struct, frozen=True, kw_only=True):
    """What a kit's own outbox says: the last number it gave, and the numbers that it still holds."""

    stream: str
    last: int
    held: frozenset[int]


class Counted(Struct, frozen=True):
    """Reports of all kits: safe in the fleet's database, and gone for ever."""

    committed: int
    lost: int


class Fleet:
    """A client of the fleet's API."""

    def __init__(self, address: str) -> None:
        """``address`` is where the dashboard is, with a slash at its end."""
        self._client = httpx.AsyncClient(base_url=f"{address}api/v1/", timeout=10, trust_env=False)

    async def __aenter__(self) -> Fleet:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def book(self, kit: str, title: str, link: str) -> None:
        """Let the kit have one meeting today, beginning now."""
        meeting = {"id": "demo", "title": title, "start": int(time.time() * 1000), "link": link}
        (await self._client.put(f"kits/{kit}/meetings", json=[meeting])).raise_for_status()

    async def streams(self) -> list[Stream]:
        """Return what has been committed of each kit's reports."""
        return (await self._get("reports", _Reports)).streams

    async def open_cases(self, kit: str) -> list[Case]:
        """Return the open cases of a kit, the newest first."""
        return [case for case in await self._get("cases", list[Case]) if case.kit == kit]

    async def swap_of(self, case: int) -> Swap | None:
        """Return the swap of a case, if there is one."""
        return (await self._get(f"cases/{case}", _CasePage)).swap

    async def _get(self, path: str, kind: type[Answer]) -> Answer:
        answer = await self._client.get(path)
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=kind)


def numbered(state_dir: Path) -> list[Numbered]:
    """Read the outbox of a kit whose agent has ended: while it runs it shares the file with nobody."""
    with closing(sqlite3.connect(f"file:{state_dir / OUTBOX}?mode=ro", uri=True)) as outbox:
        streams = outbox.execute("SELECT number, id, last FROM stream").fetchall()
        held = outbox.execute("SELECT stream, seq FROM report").fetchall()
    return [
        Numbered(stream=id_, last=last, held=frozenset(seq for stream, seq in held if stream == number))
        for number, id_, last in streams
    ]


def count(fleet: Iterable[Stream], kits: Iterable[Numbered]) -> Counted:
    """Compare both sides: a number that a kit gave, and that neither of them has any more, is lost."""
    known = {stream.stream: stream for stream in fleet}
    lost = sum(stream.lost + stream.dropped + stream.refused for stream in known.values())
    for kit in kits:
        safe = known[kit.stream].contiguous if kit.stream in known else 0
        lost += sum(number not in kit.held for number in range(safe + 1, kit.last + 1))
    return Counted(sum(stream.committed for stream in known.values()), lost)
