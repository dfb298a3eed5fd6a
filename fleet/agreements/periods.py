"""Agreement periods of one municipality: they follow on each other without overlap."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from fleet.contract.limits import Agreement


class Period(Struct, frozen=True):
    """In force from `start` until the day before `end`; `end` None is until further notice."""

    kind: Agreement
    start: date
    end: date | None = None


class PeriodError(ValueError):
    """The change is not possible; `code` says why."""

    def __init__(self, code: Literal["before_current", "same_kind"]) -> None:
        super().__init__(code)
        self.code = code


def in_force(periods: tuple[Period, ...], day: date) -> Period | None:
    """The period that the day belongs to, or None."""
    return next(
        (p for p in periods if p.start <= day and (p.end is None or day < p.end)),
        None,
    )


def begin(periods: tuple[Period, ...], kind: Agreement, start: date) -> tuple[Period, ...]:
    """The periods with a new one from `start`, until further notice.

    What was to begin on that day or later is replaced. `PeriodError` when the start lies before the last
    period that has begun to count, or when nothing would change.
    """
    kept = tuple(p for p in periods if p.start < start)
    if periods and not kept and start != periods[0].start:
        raise PeriodError("before_current")
    if kept and kept[-1].kind == kind:
        raise PeriodError("same_kind")
    if kept:
        kept = (*kept[:-1], replace(kept[-1], end=start))
    result = (*kept, Period(kind, start))
    if result == periods:
        raise PeriodError("same_kind")
    return result
