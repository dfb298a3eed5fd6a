"""`python -m bench.call`: calls in bad networks, the kit with Chromium beside Chromium with Chromium.

The near side is the kit, or the Chromium in its place; the far side is always Chromium. *up* is what the far
side saw and heard, *down* is what the near side did. Choices: `--quick`, `--conditions loss10,rate500`,
`--seeds 7,8`, `--seconds 30`, `--conditions-file own.toml`, `--traces folder` (pairs of `name.up` and
`name.down`), `--codec H264|VP8`, `--against VP8,H264`; the environment has the same in capitals: QUICK,
CONDITIONS, SEEDS, SECONDS, CONDITIONS_FILE, TRACES. Leaves build/bench/call.json and prints what is reached.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

import bench
from bench.calls import conditions, verdict
from bench.calls.call import WARM_UP_S, Outcome, hold
from bench.calls.chromium import ChromiumPeer
from bench.calls.conditions import Condition
from bench.calls.figures import Row, figures
from bench.calls.peer import KitPeer, Peer

QUICK = ("clean", "loss10", "rate300", "steps")
QUICK_SECONDS, SECONDS = 12.0, 30.0
SEEDS = "7,8,9"
TRACES = Path(__file__).resolve().parents[2] / "shared" / "traces"
ATTEMPTS = 2


def main(arguments: Sequence[str]) -> int:
    """Run the chosen calls; ends with 0 when all were held, whatever they showed."""
    chosen = _choices().parse_args(arguments)
    known = (*conditions.read(Path(chosen.conditions_file)), *_recorded(Path(chosen.traces)))
    names = chosen.conditions.split(",") if chosen.conditions else None
    if chosen.quick and names is None:
        names = list(QUICK)
    wanted = [condition for condition in known if names is None or condition.name in names]
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    against = chosen.against.split(",")
    if chosen.quick:
        seeds, against = seeds[:1], against[:1]
    seconds = chosen.seconds or (QUICK_SECONDS if chosen.quick else SECONDS)
    rows: list[Row] = []
    for condition in wanted:
        for seed in seeds:
            rows += asyncio.run(_side_by_side(condition, seed, seconds, chosen.codec, against))
            _write(rows)
        verdict.show([row for row in rows if row.condition == condition.name], [condition])
    return 0


def _choices() -> argparse.ArgumentParser:
    environment = os.environ
    parser = argparse.ArgumentParser(prog="bench.call", description=__doc__)
    parser.add_argument("--quick", action="store_true", default=bool(environment.get("QUICK")))
    parser.add_argument("--conditions", default=environment.get("CONDITIONS", ""))
    parser.add_argument("--seeds", default=environment.get("SEEDS", SEEDS))
    parser.add_argument("--seconds", type=float, default=float(environment.get("SECONDS", 0)))
    default = environment.get("CONDITIONS_FILE", str(conditions.DEFAULT))
    parser.add_argument("--conditions-file", default=default)
    parser.add_argument("--traces", default=environment.get("TRACES", str(TRACES)))
    parser.add_argument("--codec", default="H264", choices=("H264", "VP8"))
    parser.add_argument("--against", default="VP8,H264")
    return parser


def _recorded(folder: Path) -> list[Condition]:
    """One condition for each pair of traces in a folder."""
    return [
        Condition(
            name=up.stem,
            says=f"recorded network {up.stem}",
            delay=30,
            queue=1000,
            trace_up=str(up),
            trace_down=str(up.with_suffix(".down")),
            compared=("freeze_seconds", "sound", "latency_p95_ms"),
        )
        for up in sorted(folder.glob("*.up"))
        if up.with_suffix(".down").is_file()
    ]


async def _side_by_side(
    condition: Condition, seed: int, seconds: float, codec: str, against: list[str]
) -> list[Row]:
    seconds = max(seconds, condition.seconds) if condition.steps else seconds
    print(f"{condition.name} seed {seed}: kit", end="", flush=True)
    kit = await _held(codec, condition, seed, seconds, kit=True)
    chromium: dict[str, Outcome] = {}
    for other in against:
        print(f", Chromium {other}", end="", flush=True)
        chromium[other] = await _held(other, condition, seed, seconds, kit=False)
    print()
    return [
        Row(
            condition=condition.name,
            seed=seed,
            direction=direction,
            kit=figures(kit, direction, condition, seconds),
            chromium=figures(chromium[against[0]], direction, condition, seconds),
            chromium_others={
                other: figures(chromium[other], direction, condition, seconds) for other in against[1:]
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
