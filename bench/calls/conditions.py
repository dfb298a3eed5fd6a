"""The conditions of a call: data, read from TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bench.calls.link import Impairment

Share = Annotated[float, Meta(ge=0, le=1)]
Milliseconds = Annotated[float, Meta(ge=0, le=10_000)]
Burst = Annotated[float, Meta(ge=1, le=1000)]
Rate = Annotated[float, Meta(ge=0, le=1_000_000)]
Compared = Literal["fps", "latency_p50_ms", "latency_p95_ms", "freeze_seconds", "sound"]

DEFAULT = Path(__file__).with_name("conditions.toml")
_TRACE_BYTES = 1 << 24


class BadInputError(Exception):
    """A file that cannot be used; says which, where in it and why."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change ``at`` seconds of the counted time; what is not named stays."""

    at: Annotated[float, Meta(ge=0, le=3600)]
    direction: Literal["up", "down", "both"] = "both"
    rate: Annotated[float, Meta(ge=-1, le=1_000_000)] | None = None
    """kbit/s; 0 is an outage, -1 lifts the limit."""
    loss: Share | None = None
    burst: Burst | None = None
    delay: Milliseconds | None = None
    jitter: Milliseconds | None = None
    reorder: Share | None = None
    queue: Milliseconds | None = None
    rebind: bool = False
    """The near side's address changes, as seen from the far side."""

    def applied(self, before: Impairment) -> Impairment:
        """Return what a direction becomes."""
        lifted = self.rate is not None and self.rate < 0
        changed = {
            "rate_kbps": self.rate, "loss": self.loss, "burst": self.burst, "delay_ms": self.delay,
            "jitter_ms": self.jitter, "reorder": self.reorder, "queue_ms": self.queue,
        }  # fmt: skip
        after = before._replace(**{name: value for name, value in changed.items() if value is not None})
        return after._replace(rate_kbps=None) if lifted else after


class Demand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures that must be reached whatever Chromium does; None is not demanded."""

    fps: float | None = None
    or_stopped: bool = False
    """Seconds in which the sender said that it stops its pictures do not count for ``fps``."""
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

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    says: Annotated[str, Meta(max_length=200)] = ""
    loss: Share = 0.0
    burst: Burst = 1.0
    """Mean length of a loss in packets; 1 is independent loss."""
    delay: Milliseconds = 25.0
    """One way."""
    jitter: Milliseconds = 0.0
    """Standard deviation of a normal distribution around the delay."""
    reorder: Share = 0.0
    rate: Rate | None = None
    """kbit/s."""
    queue: Milliseconds = 400.0
    """The longest that a packet waits for a narrow way; what comes beyond is dropped."""
    trace_up: str = ""
    trace_down: str = ""
    """Files of recorded capacity, relative to the file that names them; see :func:`trace`."""
    seconds: Annotated[float, Meta(ge=5, le=3600)] = 30.0
    """The least that is counted where there are steps."""
    steps: Annotated[tuple[Step, ...], Meta(max_length=100)] = ()
    compared: tuple[Compared, ...] = ()
    """Figures in which the kit must be at least as good as Chromium."""
    demand: Demand = Demand()

    def impairment(self) -> Impairment:
        """Return what both directions begin with."""
        return Impairment(self.delay, self.jitter, self.reorder, self.loss, self.burst, self.rate, self.queue)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    condition: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=1000)]


def read(path: Path = DEFAULT) -> tuple[Condition, ...]:
    """Read a file of ``[[condition]]`` tables, and see that its traces can be read.

    Raises:
        BadInputError: with the file, and the line or the field.
    """
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=_File).condition
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path}: {error}") from error
    seen: set[str] = set()
    for number, condition in enumerate(found, 1):
        if fault := _fault(condition, seen):
            raise BadInputError(f"{path}: condition {number}, {condition.name!r}: {fault}")
        seen.add(condition.name)
    return tuple(_with_traces(path, condition) for condition in found)


def trace(path: str) -> list[int]:
    """Read a trace in the form of Mahimahi: one line for each 1,500 bytes, in milliseconds, ascending.

    Raises:
        BadInputError: with the file and the line.
    """
    try:
        with Path(path).open(encoding="ascii") as file:
            lines = file.read(_TRACE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path}: {error}") from error
    if len(lines) > _TRACE_BYTES:
        raise BadInputError(f"{path}: more than {_TRACE_BYTES} bytes")
    moments: list[int] = []
    for number, line in enumerate(lines.splitlines(), 1):
        if not line.strip():
            continue
        if not line.strip().isdecimal():
            raise BadInputError(f"{path}: line {number}: not a number of milliseconds: {line[:40]!r}")
        moments.append(int(line))
        if len(moments) > 1 and moments[-1] < moments[-2]:
            raise BadInputError(f"{path}: line {number}: {moments[-1]} comes after {moments[-2]}")
    if not moments or moments[-1] <= 0:
        raise BadInputError(f"{path}: no moment after 0")
    return moments


def _fault(condition: Condition, seen: set[str]) -> str:
    if condition.name in seen:
        return "name: given twice"
    if bool(condition.trace_up) != bool(condition.trace_down):
        return "trace_up and trace_down belong together"
    if condition.trace_up and condition.rate is not None:
        return "rate: the traces say it already"
    return ""


def _with_traces(path: Path, condition: Condition) -> Condition:
    if not condition.trace_up:
        return condition
    up, down = (str((path.parent / name).resolve()) for name in (condition.trace_up, condition.trace_down))
    for name in (up, down):
        trace(name)
    return msgspec.structs.replace(condition, trace_up=up, trace_down=down)


def recorded(folder: Path) -> list[Condition]:
    """One condition for each pair of traces in a folder: ``name.up`` and ``name.down``."""
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
