"""Many joins and leaves in a row by one engine: what it and the server hold afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from bench.joins.kit import Engine, Held
from bench.joins.meetings import Kind, Meeting, meeting
from kit.ipc import engine as ng
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.media.pulse import Pulse

WARM_UP = 0.1
"""Share of the joins after which all that is made once has been made."""
REST_S = 2.0
"""After this a connection that was left is closed on both sides."""
CALL_S = 1.5
"""A call of this length has been measured."""
GROWN_MB = 5.0


class Growth(msgspec.Struct, frozen=True):
    """Before and after, the engine being in no room; tasks are those of the first and of the last call."""

    joins: int
    before: Held
    after: Held
    tasks: tuple[int, int]
    left_behind: str
    """What the server still held; empty: nothing."""

    @property
    def faults(self) -> list[str]:
        """What grew, in words."""
        before, after = self.before, self.after
        found = [
            f"{name}: {was} → {now}"
            for name, was, now in (
                ("descriptors", before.descriptors, after.descriptors),
                ("threads", before.threads, after.threads),
                ("tasks", *self.tasks),
            )
            if now > was
        ]
        if after.rss_mb - before.rss_mb > GROWN_MB:
            found.append(f"memory: {before.rss_mb:.1f} → {after.rss_mb:.1f} MB")
        return [*found, *([f"at the server: {self.left_behind}"] if self.left_behind else [])]


async def measure(kind: Kind, joins: int, folder: Path, certificates: Certificates, pulse: Pulse) -> Growth:
    """Join and leave; each time a picture must have come."""
    async with (
        meeting(kind, certificates) as there,
        Engine(folder / kind, certificates.ca, there.host, pulse) as engine,
    ):
        return await grown(there, engine, joins)


async def grown(there: Meeting, engine: Engine, joins: int) -> Growth:
    """See :func:`measure`."""
    warm = max(1, round(joins * WARM_UP))
    await _in_and_out(there, engine, warm - 1)
    tasks_before = await _tasks(there, engine)
    await asyncio.sleep(REST_S)
    before = engine.held()
    await _in_and_out(there, engine, joins - warm - 1)
    tasks_after = await _tasks(there, engine)
    await asyncio.sleep(REST_S)
    return Growth(joins, before, engine.held(), (tasks_before, tasks_after), await there.left_behind())


async def _in_and_out(there: Meeting, engine: Engine, times: int) -> None:
    for _ in range(times):
        await engine.join(there)
        await engine.seen_ms()
        await engine.told(ng.RoomJoined)
        await engine.leave(there)


async def _tasks(there: Meeting, engine: Engine) -> int:
    """In a call that lasts: those that are always there, without those that come and go."""
    known = len(engine.lines())
    await engine.join(there)
    await engine.seen_ms()
    await asyncio.sleep(2 * CALL_S)
    found = engine.lines()[known:]
    await engine.leave(there)
    return min(line.tasks for line in found)


def show(kind: Kind, growth: Growth) -> None:
    """Print what was held before and after."""
    before, after = growth.before, growth.after
    print(
        f"{kind}: {growth.joins} joins and leaves; memory {before.rss_mb:.1f} → {after.rss_mb:.1f} MB,"
        f" descriptors {before.descriptors} → {after.descriptors},"
        f" threads {before.threads} → {after.threads},"
        f" tasks in a call {growth.tasks[0]} → {growth.tasks[1]},"
        f" at the server {growth.left_behind or 'nothing'}"
    )
    print("  reached" if not growth.faults else f"  NOT REACHED: {'; '.join(growth.faults)}")
