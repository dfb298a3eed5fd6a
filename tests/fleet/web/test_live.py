"""Live changes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fleet.store import Store
from fleet.web.live import Changes
from tests.fleet.samples import WELL, report, take_in


async def test_a_commit_is_told_to_every_open_page(store: Store) -> None:
    changes = Changes(store.url)
    watching = asyncio.create_task(changes.look())
    pages = [changes.events(), changes.events()]
    first = [await asyncio.wait_for(anext(page), 5) for page in pages]
    await asyncio.to_thread(take_in, store, report(WELL))
    second = [await asyncio.wait_for(anext(page), 5) for page in pages]
    assert {event.event for event in (*first, *second)} == {"changed"}
    assert all(a.data != b.data for a, b in zip(first, second, strict=True))
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def test_nothing_is_told_while_nothing_happens(store: Store) -> None:
    changes = Changes(store.url)
    watching = asyncio.create_task(changes.look())
    page = changes.events()
    await asyncio.wait_for(anext(page), 5)
    again = asyncio.ensure_future(anext(page))
    done, _ = await asyncio.wait([again], timeout=1.5)
    assert not done
    for task in (again, watching):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
