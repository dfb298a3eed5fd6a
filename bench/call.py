"""`python -m bench.call`: calls in bad networks, the kit with Chromium beside Chromium with Chromium.

The near side is the kit, or the Chromium in its place; the far side is always Chromium. *up* is what the far
side saw and heard, *down* is what the near side did. What the networks are stands in
bench/calls/conditions.toml; more can be given. Each choice may stand in the environment too, in capitals:
`make bench-call CONDITIONS=loss10,rate500 SEEDS=7,8 SECONDS=30 CONDITIONS_FILE=own.toml BEHIND=janus`.
A call from which the host took the processor is held again, and the least disturbed one counts.
Leaves build/bench/call.json and prints what is reached; rows of earlier runs stay with ADD=1.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from playwright.async_api import Error as BrowserError

import bench
from bench.calls import choices, verdict
from bench.calls.call import Outcome, Plan, hold
from bench.calls.choices import Choices
from bench.calls.chromium import ChromiumPeer
from bench.calls.conditions import Condition
from bench.calls.figures import DIRECTIONS, Row, figures
from bench.calls.janus_server import JanusError
from bench.calls.machine import DISTURBED
from bench.calls.peer import KitPeer, Peer

ATTEMPTS = 3
NOT_HELD = (TimeoutError, msgspec.DecodeError, JanusError, BrowserError)
"""A peer did not start, did not answer or ended in the call; or there is no meeting server."""
_AROUND_S = 8.0
"""What starting and ending a call takes, roughly."""


def main(arguments: Sequence[str]) -> int:
    """Run the chosen calls; ends with 0 when all were held, whatever they showed, and with 1 otherwise."""
    chosen = choices.read(arguments, __doc__)
    cells = [
        Plan(condition, seed, _counted(chosen, condition), behind=behind)
        for condition in chosen.conditions
        for behind in chosen.behind
        for seed in chosen.seeds
    ]
    try:
        rows = _kept(cells) if chosen.add else []
    except msgspec.DecodeError as error:
        print(f"{bench.path('call')}: no rows of an earlier run: {error}")
        return 2
    failed = 0
    for number, plan in enumerate(cells):
        left = sum(_takes(chosen, later) for later in cells[number:])
        progress = f"[{number + 1}/{len(cells)}, about {left / 60:.0f} min left]"
        print(f"{progress} {plan.name} seed {plan.seed}:", end="")
        try:
            rows += asyncio.run(_side_by_side(plan, chosen))
        except NOT_HELD as error:
            failed += 1
            print(f": not held, {type(error).__name__} {error}")
        _write(rows)
        if plan.seed == chosen.seeds[-1]:
            verdict.show(rows, plan.condition, plan.behind)
    return 1 if failed else 0


def _kept(cells: Sequence[Plan]) -> list[Row]:
    """Rows of earlier runs, without those of calls that are held again."""
    held = {(plan.name, plan.seed) for plan in cells}
    file = bench.path("call")
    rows = msgspec.json.decode(file.read_bytes(), type=list[Row]) if file.exists() else []
    return [row for row in rows if (row.condition, row.seed) not in held]


def _takes(chosen: Choices, plan: Plan) -> float:
    """Seconds of one cell."""
    return (1 + len(chosen.against)) * (plan.warm_up + plan.seconds + _AROUND_S)


def _counted(chosen: Choices, condition: Condition) -> float:
    return max(chosen.seconds, condition.seconds) if condition.steps else chosen.seconds


async def _side_by_side(plan: Plan, chosen: Choices) -> list[Row]:
    print(" kit", end="", flush=True)
    kit = await _held(chosen.codec, plan, kit=True)
    chromium: dict[str, Outcome] = {}
    for other in chosen.against:
        print(f", Chromium {other}", end="", flush=True)
        chromium[other] = await _held(other, plan, kit=False)
    print()
    first, *others = chosen.against
    return [
        Row(
            condition=plan.name,
            seed=plan.seed,
            direction=direction,
            behind=plan.behind,
            kit=figures(kit, direction, plan),
            chromium=figures(chromium[first], direction, plan),
            against=first,
            chromium_others={other: figures(chromium[other], direction, plan) for other in others},
            load=os.getloadavg()[0],
        )
        for direction in DIRECTIONS
    ]


async def _held(codec: str, plan: Plan, *, kit: bool) -> Outcome:
    def once() -> Awaitable[Outcome]:
        near: Peer = KitPeer(codec) if kit else ChromiumPeer(codec)
        return hold(near, ChromiumPeer(codec), plan)

    return await undisturbed(once)


async def undisturbed(once: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """Hold a call; again when a peer could not start or it was disturbed. The least disturbed one counts."""
    held: list[Outcome] = []
    for attempt in range(ATTEMPTS):
        try:
            held.append(await once())
        except NOT_HELD:
            if attempt == ATTEMPTS - 1 and not held:
                raise
            print(" (again)", end="", flush=True)
            continue
        if held[-1].stolen_ratio < DISTURBED:
            break
        print(f" ({held[-1].stolen_ratio:.0%} stolen)", end="", flush=True)
    return min(held, key=lambda outcome: outcome.stolen_ratio)


def _write(rows: list[Row]) -> None:
    bench.RESULTS.mkdir(parents=True, exist_ok=True)
    bench.path("call").write_bytes(msgspec.json.format(msgspec.json.encode(rows)) + b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
