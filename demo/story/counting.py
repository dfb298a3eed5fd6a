"""At the end: what the kits numbered against what the fleet has, and what it all cost."""

from __future__ import annotations

import asyncio

from demo.fleet import Fleet, Numbered, count, numbered
from demo.ready import until
from demo.report.model import Text, View
from demo.story.stage import Chapter, Stage

_DRAIN_S = 15.0


async def _count(stage: Stage) -> None:
    await stage.visit_dashboard()
    await stage.look(View.DASHBOARD)
    await _silence(stage)
    async with Fleet(stage.world.dashboard) as fleet:
        kits = await asyncio.to_thread(_outboxes, stage)

        async def drained() -> bool:
            safe = {stream.stream: stream.contiguous for stream in await fleet.streams()}
            return all(safe.get(kit.stream, 0) >= kit.last - len(kit.held) for kit in kits)

        await until(drained, _DRAIN_S, "the fleet's database has what was acknowledged")
        counted = count(await fleet.streams(), kits)
    stage.measured(health_reports_committed=counted.committed, health_reports_lost=counted.lost)
    stage.measured(peak_rss_mb=stage.costs.peak_rss_mb(), pictures_drawn=stage.kit.pictures.count())


async def _silence(stage: Stage) -> None:
    """End the agents: an outbox can be read by one process at a time."""
    await asyncio.gather(
        *(stage.world.supervisor.stop(kit.process("agent")) for kit in stage.world.kits.values())
    )


def _outboxes(stage: Stage) -> list[Numbered]:
    return [stream for kit in stage.world.kits.values() for stream in numbered(kit.folder / "state")]


CHAPTERS = (
    Chapter(
        name="counting",
        title=Text("Ingen rapport förlorad", "No report lost"),
        about=Text(
            "Vad kiten har numrerat jämförs med vad som ligger i flottans databas.",
            "What the kits have numbered is compared with what lies in the fleet's database.",
        ),
        act=_count,
    ),
)
