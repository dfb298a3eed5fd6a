"""`python -m bench.linktest`: a link test, and then a call of two kits in the same network.

What is to hold: after "bra" no bad call, after "räcker inte" no good one. The networks are those of the calls
(bench/calls/conditions.toml), recorded ones, and some round the lines that the verdict draws
(bench/linktests/conditions.toml). Networks that change once, after the test is over, are left out: nothing
foresees them. `make bench-linktest CONDITIONS=loss5,rate300 SEEDS=7,8 SECONDS=30`; QUICK=1 takes four.
Leaves build/bench/linktest.json; rows of earlier runs stay with ADD=1.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

import bench
from bench.calls import choices, conditions
from bench.calls.call import Plan, hold
from bench.calls.conditions import Condition
from bench.calls.figures import figures
from bench.calls.peer import KitPeer
from bench.linktests import side
from bench.linktests.row import Call, Row, show
from kit.media import ice, rtp
from kit.meeting.pexip.api import trust
from kit.network.linktest import judge
from tests.kit.meeting.pexip.certificates import Certificates, make

ONCE = ("steps", "outage", "rebind")
QUICK = ("clean", "loss5", "rate300", "rate60")
SECONDS, WARM_UP_S = 20.0, 6.0
OWN = Path(__file__).parent / "linktests" / "conditions.toml"


def main() -> int:
    """Measure; 0 when every pair of test and call was held and no verdict was wrong."""
    rows = list(_kept()) if os.environ.get("ADD") else []
    with tempfile.TemporaryDirectory() as folder:
        certificates = make(Path(folder))
        for seed in [int(word) for word in os.environ.get("SEEDS", "7").split(",")]:
            for condition in _chosen():
                row = asyncio.run(_beside(condition, seed, certificates))
                print(row.line, flush=True)
                rows = [one for one in rows if (one.condition, one.seed) != (row.condition, row.seed)] + [row]
                _write(rows)
    return show(rows)


async def _beside(condition: Condition, seed: int, certificates: Certificates) -> Row:
    """One test, then one call."""
    async with side.room(certificates) as host:
        tls = await asyncio.to_thread(trust, certificates.ca)
        tried = await side.try_link(condition, seed, host, tls)
    seconds = float(os.environ.get("SECONDS", SECONDS))
    plan = Plan(condition, seed, seconds, WARM_UP_S)
    outcome = await hold(KitPeer("H264"), KitPeer("H264"), plan)
    ways = [Call.of(figures(outcome, direction, plan), seconds) for direction in ("up", "down")]
    return Row(
        condition=condition.name,
        seed=seed,
        end=tried.end,
        figures=tried.figures,
        verdict=None if tried.figures is None else judge(tried.figures),
        seconds=round(tried.seconds, 1),
        megabytes=round(tried.megabytes, 2),
        up=ways[0],
        down=ways[1],
        late_ms=max(tried.account.late_ms, outcome.account.late_ms),
    )


def _chosen() -> Sequence[Condition]:
    recorded = conditions.recorded(choices.TRACES) if choices.TRACES.is_dir() else []
    known = {one.name: one for one in (*conditions.read(), *conditions.read(OWN), *recorded)}
    names = [name for name in os.environ.get("CONDITIONS", "").split(",") if name]
    if not names:
        names = list(QUICK) if os.environ.get("QUICK") else [name for name in known if name not in ONCE]
    if unknown := set(names) - set(known):
        raise SystemExit(f"no such condition: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    return [known[name] for name in names]


def _kept() -> Sequence[Row]:
    path = bench.path("linktest")
    return msgspec.json.decode(path.read_bytes(), type=list[Row]) if path.is_file() else []


def _write(rows: Sequence[Row]) -> None:
    bench.RESULTS.mkdir(parents=True, exist_ok=True)
    bench.path("linktest").write_bytes(msgspec.json.format(msgspec.json.encode(rows)) + b"\n")


if __name__ == "__main__":
    side.only_loopback()
    rtp.install()
    ice.hasten()
    sys.exit(main())
