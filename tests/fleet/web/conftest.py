"""The dashboard as an ASGI application over the example register."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from fleet.clock import now_ms
from fleet.contract import Fault
from fleet.ingest.intake import Incoming
from fleet.store import Store
from fleet.web.app import create_app
from tests.fleet.samples import STREAM, WELL, online, report, take_in

ADDRESS = "http://127.0.0.1:8090"


@pytest.fixture
def dashboard(store: Store, tmp_path: Path) -> FastAPI:
    """The application.

    Made outside the event loop, as the program does: it reads templates and opens the database.
    """
    return create_app(store, tmp_path)


@pytest.fixture
async def client(dashboard: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A program on this machine that asks the dashboard."""
    transport = httpx.ASGITransport(dashboard)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as result:
        yield result


async def commit(store: Store, *messages: Incoming, now: int | None = None) -> None:
    """Take in messages beside the event loop, as another process would."""
    await asyncio.to_thread(take_in, store, *messages, now=now or now_ms())


@pytest.fixture
def case(store: Store) -> int:
    """kit-0001 and its spare are online and well; kit-0001 has reported a fault. Its number."""
    now = now_ms()
    take_in(
        store, online("kit-0001"), online("kit-0002", 2), report(WELL), report(WELL, kit="kit-0002"), now=now
    )
    fault = Fault(local_id=STREAM, category="picture", text="Bilden är svart", facts=WELL)
    take_in(store, report(fault, seq=2), now=now)
    return 1
