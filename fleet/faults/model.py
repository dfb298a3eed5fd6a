"""Who handles a fault, and the states of a case."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fleet.contract.limits import Agreement, CaseState, Responsible

CASE_STATES: Final[tuple[CaseState, ...]] = ("received", "handling", "swapping", "swapped", "closed")

STEPS: Final[dict[CaseState, tuple[CaseState, ...]]] = {
    "received": ("handling", "swapping", "closed"),
    "handling": ("swapping", "closed"),
    "swapping": ("swapped", "handling"),
    "swapped": ("handling", "closed"),
    "closed": (),
}
"""A swap that is undone leads back to `handling`."""


class Route(Struct, frozen=True):
    """Who takes the fault first, and to whom it is taken further."""

    first: Responsible
    further: Responsible | None


class TransitionError(ValueError):
    """The case cannot go from its state to the one asked for."""


def route(agreement: Agreement) -> Route:
    """Rental: the region's equipment service, which exchanges the kit.

    Owned: the municipality's own IT support, which takes what it cannot solve further to the region's.
    """
    return Route("region", None) if agreement == "rental" else Route("municipality", "region")


def may_become(state: CaseState, wanted: CaseState) -> bool:
    """Whether a case may go from one state to another."""
    return wanted in STEPS[state]


def transition(state: CaseState, wanted: CaseState) -> CaseState:
    """The new state, or `TransitionError`."""
    if not may_become(state, wanted):
        raise TransitionError(f"{state} to {wanted}")
    return wanted
