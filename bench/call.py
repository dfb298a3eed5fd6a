"""`python -m bench.call`: calls in bad networks, the kit with Chromium beside Chromium with Chromium.

The near side is the kit, or the Chromium in its place; the far side is always Chromium. *up* is what the far
side saw and heard, *down* is what the near side did. What the networks are stands in
bench/calls/conditions.toml; more can be given. Each choice may stand in the environment too, in capitals:
`make bench-call CONDITIONS=loss10,rate500 SEEDS=7,8 SECONDS=30 CONDITIONS_FILE=own.toml BEHIND=janus`.
Leaves build/bench/call.json and prints what is reached.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

import msgspec

import bench
from bench.calls import choices, verdict
from bench.calls.call import WARM_UP_S, Outcome, hold
from bench.calls.choices import Choices
from bench.calls.chromium import ChromiumPeer
from bench.calls.conditions import Condition
from bench.calls.figures import Row, figures
from bench.calls.peer import KitPeer, Peer

ATTEMPTS = 2
_AROUND_S = 8.0
"""What starting and ending a call takes, roughly."""


def main(arguments: Sequence[str]) -> int:
    """Run the chosen calls; ends with 0 when all were held, whatever they showed."""
    chosen = choices.read(arguments, __doc__)
    cells = [(condition, seed) for condition in chosen.conditions for seed in chosen.seeds]
    rows: list[Row] = []
    for number, (condition, seed) in enumerate(cells):
        left = sum(_takes(chosen, later) for later, _ in cells[number:])
        print(
            f"[{number + 1}/{len(cells)}, about {left / 60:.0f} min left] {condition.name} seed {seed}:",
            end="",
        )
        rows += asyncio.run(_side_by_side(condition, seed, chosen))
        _write(rows)
        if seed == chosen.seeds[-1]:
            verdict.show([row for row in rows if row.condition == condition.name], [condition])
    return 0


def _takes(chosen: Choices, condition: Condition) -> float:
    """Seconds of one cell."""
    return (1 + len(chosen.against)) * (WARM_UP_S + _counted(chosen, condition) + _AROUND_S)


def _counted(chosen: Choices, condition: Condition) -> float:
    return max(chosen.seconds, condition.seconds) if condition.steps else chosen.seconds


async def _side_by_side(condition: Condition, seed: int, chosen: Choices) -> list[Row]:
    seconds = _counted(chosen, condition)
    print(" kit", end="", flush=True)
    kit = await _held(chosen.codec, condition, seed, seconds, kit=True)
    chromium: dict[str, Outcome] = {}
    for other in chosen.against:
        print(f", Chromium {other}", end="", flush=True)
        chromium[other] = await _held(other, condition, seed, seconds, kit=False)
    print()
    first, *others = chosen.against
    return [
        Row(
            condition=condition.name,
            seed=seed,
            direction=direction,
            kit=figures(kit, direction, condition, seconds),
            chromium=figures(chromium[first], direction, condition, seconds),
            chromium_others={
                other: figures(chromium[other], direction, condition, seconds) for other in others
            },
            load=os.getloadavg()[0],
        )
        for direction in ("up", "down")
    ]


async def _held(codec: str, condition: Condition, seed: int, seconds: float, *, kit: bool) -> Outcome:
    """Hold a call; once more when a peer could not start on a busy machine."""
    for attempt in range(ATTEMPTS):
        near: Peer = KitPeer(codec) if kit else ChromiumPeer(codec)
        try:
            return await hold(near, ChromiumPeer(codec), condition, seed, seconds, WARM_UP_S)
        except (TimeoutError, msgspec.DecodeError):
            if attempt == ATTEMPTS - 1:
                raise
            print(" (again)", end="", flush=True)
    raise AssertionError


def _write(rows: list[Row]) -> None:
    bench.RESULTS.mkdir(parents=True, exist_ok=True)
    bench.path("call").write_bytes(msgspec.json.format(msgspec.json.encode(rows)) + b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
