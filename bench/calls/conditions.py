"""The conditions of a call: data, read from TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from bench.calls.link import Impairment

Share = Annotated[float, Meta(ge=0, le=1)]
Milliseconds = Annotated[float, Meta(ge=0, le=10_000)]

DEFAULT = Path(__file__).with_name("conditions.toml")


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change ``at`` seconds of the counted time, in both directions unless one is named."""

    at: Annotated[float, Meta(ge=0)]
    direction: str = "both"
    rate: float | None = None
    """kbit/s; 0 is an outage, a negative number lifts the limit."""
    loss: Share | None = None
    delay: Milliseconds | None = None
    rebind: bool = False
    """The near side's address changes, as seen from the far side."""


class Demand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures that must be reached whatever Chromium does; None is not demanded."""

    fps: float | None = None
    height: int | None = None
    latency_p95_ms: float | None = None
    sound_concealed_ratio: float | None = None
    freeze_seconds: float | None = None
    recovery_seconds: float | None = None
    sound_back_seconds: float | None = None
    half_sound: bool = False
    """Concealed and lost sound must be at most half of Chromium's."""


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A network, and what a call must be in it."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    says: str = ""
    loss: Share = 0.0
    burst: Annotated[float, Meta(ge=1)] = 1.0
    delay: Milliseconds = 25.0
    jitter: Milliseconds = 0.0
    reorder: Share = 0.0
    rate: float | None = None
    queue: Milliseconds = 400.0
    trace_up: str = ""
    trace_down: str = ""
    seconds: Annotated[float, Meta(ge=5)] = 30.0
    """The least that is counted."""
    steps: tuple[Step, ...] = ()
    compared: tuple[str, ...] = ()
    """Figures in which the kit must be at least as good as Chromium."""
    demand: Demand = Demand()

    def impairment(self) -> Impairment:
        """Return what both directions begin with."""
        return Impairment(self.delay, self.jitter, self.reorder, self.loss, self.burst, self.rate, self.queue)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    condition: tuple[Condition, ...]


def read(path: Path = DEFAULT) -> tuple[Condition, ...]:
    """Read a file of ``[[condition]]`` tables; traces are relative to it."""
    found = msgspec.toml.decode(path.read_bytes(), type=_File).condition
    return tuple(
        msgspec.structs.replace(
            condition,
            trace_up=_resolve(path, condition.trace_up),
            trace_down=_resolve(path, condition.trace_down),
        )
        for condition in found
    )


def trace(path: str) -> list[int]:
    """Read a trace in the form of Mahimahi: one line for each 1,500 bytes, in milliseconds, ascending."""
    moments = [int(line) for line in Path(path).read_text(encoding="ascii").split()]
    if not moments or moments[-1] <= 0:
        raise ValueError("empty trace")
    return moments


def _resolve(path: Path, name: str) -> str:
    return str((path.parent / name).resolve()) if name else ""
