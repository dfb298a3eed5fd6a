"""`python -m bench.chart`: build/bench/call.json becomes docs/pictures/calls.svg and the tables of a page."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import msgspec

import bench
from bench.calls import choices, conditions
from bench.calls.figures import Row
from bench.chart import page, svg

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main() -> int:
    """Ends with 1 when nothing was measured yet."""
    source = bench.path("call")
    try:
        rows = msgspec.json.decode(source.read_bytes(), type=list[Row])
    except (OSError, msgspec.DecodeError) as error:
        print(f"{source}: {error}; `make bench-call` makes it")
        return 1
    if not rows:
        print(f"{source}: no rows")
        return 1
    known = (*conditions.read(), *conditions.recorded(choices.TRACES))
    text = DOCS / "measurements.md"
    text.write_text(page.filled(text.read_text(encoding="utf-8"), rows, known, _machine()), encoding="utf-8")
    straight = [row for row in rows if row.behind == "direct"] or rows
    (DOCS / "pictures" / "calls.svg").write_text(svg.draw(straight), encoding="utf-8")
    return 0


def _machine() -> str:
    graphics = "a graphics card" if Path("/dev/dri").exists() else "no graphics card"
    return f"{os.cpu_count()} shared {platform.machine()} cores, {graphics}"


if __name__ == "__main__":
    sys.exit(main())
