"""The swap as the list of its steps. Its state, its duration and what may come next all follow from the list.

The settings have moved when the new kit says so. The old kit must say that it is locked too, unless it is
silent: a kit that is swapped because it is dead cannot answer, its lock waits for it at the broker and
applies when it comes back.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

Step: TypeAlias = Literal[
    "fault_reported",
    "confirmed",
    "new_applied",
    "old_applied",
    "old_silent",
    "undone",
    "returned",
    "repair",
    "scrapped",
    "back_as_spare",
]
SwapState: TypeAlias = Literal[
    "proposed", "moving", "swapped", "undone", "returned", "repair", "scrapped", "back_as_spare"
]

REPLY_DEADLINE_MS: Final = 15 * 60_000
"""A new kit that has not answered by then is said to be overdue: undo, and take another."""

RETURN_STEPS: Final[tuple[Step, ...]] = ("returned", "repair", "scrapped", "back_as_spare")


class Taken(Struct, frozen=True):
    """A step and when it was taken, UTC ms."""

    step: Step
    at: int


class Swap(Struct, frozen=True):
    """All steps taken, in order."""

    taken: tuple[Taken, ...] = ()

    def at(self, step: Step) -> int | None:
        """When the step was taken, or None."""
        return next((taken.at for taken in self.taken if taken.step == step), None)


class StepError(ValueError):
    """The step cannot be taken in this state."""


_AFTERWARDS: Final[dict[Step, SwapState]] = {
    "undone": "undone",
    "returned": "returned",
    "repair": "repair",
    "scrapped": "scrapped",
    "back_as_spare": "back_as_spare",
}

_NEXT: Final[dict[SwapState, tuple[Step, ...]]] = {
    "proposed": ("fault_reported", "confirmed"),
    "moving": ("new_applied", "old_applied", "old_silent", "undone"),
    "swapped": ("old_applied", "undone", "returned"),
    "undone": (),
    "returned": ("repair", "scrapped", "back_as_spare"),
    "repair": ("scrapped", "back_as_spare"),
    "scrapped": (),
    "back_as_spare": (),
}


def state_of(swap: Swap) -> SwapState:
    """The state that the steps lead to."""
    for taken in reversed(swap.taken):
        if taken.step in _AFTERWARDS:
            return _AFTERWARDS[taken.step]
    if swap.at("confirmed") is None:
        return "proposed"
    return "moving" if swapped_at(swap) is None else "swapped"


def next_steps(swap: Swap) -> tuple[Step, ...]:
    """The steps that may be taken now; each at most once."""
    return tuple(step for step in _NEXT[state_of(swap)] if swap.at(step) is None)


def take(swap: Swap, step: Step, at: int) -> Swap:
    """The swap with one more step, or `StepError`. Time never runs backwards along the steps."""
    if step not in next_steps(swap):
        raise StepError(f"{step} in {state_of(swap)}")
    latest = swap.taken[-1].at if swap.taken else at
    return replace(swap, taken=(*swap.taken, Taken(step, max(at, latest))))


def swapped_at(swap: Swap) -> int | None:
    """When the new kit had taken over and the old one was locked or known to be silent."""
    new = swap.at("new_applied")
    ends = [at for at in (swap.at("old_applied"), swap.at("old_silent")) if at is not None]
    return max(new, min(ends)) if new is not None and ends else None


def seconds_to_swapped(swap: Swap) -> float | None:
    """Seconds from the first step, which is the fault report, to swapped; None before that."""
    end = swapped_at(swap)
    start = swap.taken[0].at if swap.taken else None
    return None if end is None or start is None else (end - start) / 1000


def can_undo(swap: Swap) -> bool:
    """Until the old kit has been returned."""
    return "undone" in next_steps(swap)


def overdue(swap: Swap, now: int) -> bool:
    """The new kit should have answered by now."""
    confirmed = swap.at("confirmed")
    waiting = state_of(swap) == "moving" and swap.at("new_applied") is None
    return waiting and confirmed is not None and now - confirmed > REPLY_DEADLINE_MS
