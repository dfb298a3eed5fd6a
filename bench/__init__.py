"""Measurements of the running system.

Each module here is one: `python -m bench.<name>` measures and ends with :func:`write`. `make bench-<name>`
runs it, `make bench` runs all. What a module may be told, it reads from its environment, where make puts it:
`make bench-x SECONDS=5`.
"""

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

RESULTS = Path(__file__).resolve().parents[1] / "build" / "bench"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured value; `peer_value` is the same thing done by `peer`, in the same run and unit."""

    what: str
    value: float
    unit: str
    better: Literal["less", "more"]
    peer: str = ""
    peer_value: float | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one module, and the machine that they hold for."""

    name: str
    figures: tuple[Figure, ...]
    python: str
    machine: str
    cpus: int
    load_before: float
    """One-minute load average when the measuring began: above `cpus`, times are not to be trusted."""


def path(name: str) -> Path:
    """Where the result of a module is."""
    return RESULTS / f"{name}.json"


def write(name: str, figures: Sequence[Figure], load_before: float) -> None:
    """Leave the result in build/bench."""
    result = Result(
        name=name,
        figures=tuple(figures),
        python=platform.python_version(),
        machine=platform.machine(),
        cpus=os.cpu_count() or 1,
        load_before=load_before,
    )
    RESULTS.mkdir(parents=True, exist_ok=True)
    path(name).write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
