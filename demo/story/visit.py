"""The automatic visit: its chapters in order, and what comes out of them."""

from __future__ import annotations

import asyncio
from functools import partial

from demo.browser import chromium
from demo.costs import Costs
from demo.story.stage import Chapter, Stage
from demo.story.telling import Telling
from demo.world import World

CHAPTERS: tuple[Chapter, ...] = ()


async def tell_visit(world: World) -> int:
    """Make the visit; return the exit code: 0 when everything went as promised."""
    costs = Costs({name: partial(world.supervisor.pid, name) for name in world.supervisor.names()})
    sampling = asyncio.create_task(costs.run())
    try:
        async with chromium() as browser:
            telling = Telling(Stage(world, browser, costs), CHAPTERS)
            await telling.tell()
            report = await telling.finish()
    finally:
        sampling.cancel()
    return 0 if report.passed else 1
