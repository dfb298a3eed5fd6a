"""Chores are done in order, one that fails harms no other, and what is too much is counted."""

from __future__ import annotations

import asyncio
from collections import Counter

from kit.agent.chores import KEPT, Chores


async def test_they_are_done_in_order_and_one_that_fails_is_counted() -> None:
    counted, done = Counter[str](), list[int]()

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        if number == 1:
            raise LookupError("as it was meant")
        done.append(number)

    chores = Chores(lambda code: counted.update([code]))
    running = asyncio.create_task(chores.run())
    for number in range(3):
        chores.add(work(number))
    await chores.done()
    assert done == [0, 2]
    assert counted == {"chore_failed": 1}
    running.cancel()
    await asyncio.wait([running])


async def test_what_is_too_much_or_too_late_is_dropped_and_nobody_waits_for_it() -> None:
    counted, never = Counter[str](), asyncio.Event()

    async def work() -> None:
        await never.wait()

    chores = Chores(lambda code: counted.update([code]))
    running = asyncio.create_task(chores.run())
    for _ in range(KEPT + 1):
        chores.add(work())
    assert counted == {"chore_dropped": 1}
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    chores.add(work())
    await chores.done()
    assert counted == {"chore_dropped": 2}
