"""The automatic visit: its chapters in order, and what comes out of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial

from demo.browser import chromium, chromium_pid
from demo.costs import Costs
from demo.report.model import Report
from demo.story import after, before, call, counting, faults, joining, swap
from demo.story.stage import Stage
from demo.story.telling import Telling
from demo.world import World

CHAPTERS = (
    *before.CHAPTERS,
    *joining.CHAPTERS,
    *call.CHAPTERS,
    *faults.CHAPTERS,
    *after.CHAPTERS,
    *swap.CHAPTERS,
    *counting.CHAPTERS,
)


async def tell_visit(world: World) -> Report:
    """Make the visit and write its report."""
    async with staged(world) as stage:
        telling = Telling(stage, CHAPTERS)
        await telling.tell()
        return await telling.finish()


@contextlib.asynccontextmanager
async def staged(world: World) -> AsyncIterator[Stage]:
    """Everything that chapters act with: a browser, watchers of both kits, the costs of all processes."""
    names = world.supervisor.names()
    async with chromium() as browser:
        browser_pid = chromium_pid()
        costs = Costs(
            {name: partial(world.supervisor.pid, name) for name in names} | {"chromium": lambda: browser_pid}
        )
        stage = Stage(world, browser, costs)
        kits = (stage.kit, stage.spare, stage.owned)
        tasks = [asyncio.create_task(work) for work in (costs.run(), *(kit.run() for kit in kits))]
        try:
            yield stage
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
