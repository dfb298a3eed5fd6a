"""What a change of agreement means for the kits that are there already."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from fleet.agreements.responsibility import DUTIES, Duty
from fleet.contract.limits import Agreement

ChangeCode: TypeAlias = Literal[
    "support_changes", "return_or_buy_out", "hand_over", "region_spares_end", "own_spares"
]


class Change(Struct, frozen=True):
    """One consequence. `kits` are those it concerns."""

    code: ChangeCode
    kits: tuple[str, ...]


class Changes(Struct, frozen=True):
    """All consequences for existing kits, and the duties that move to the other body."""

    kits: tuple[Change, ...]
    duties: tuple[Duty, ...]


def changes(
    current: Agreement, wanted: Agreement, region_kits: tuple[str, ...], own_kits: tuple[str, ...]
) -> Changes:
    """What happens when the agreement goes from one kind to another.

    `region_kits` and `own_kits` are the municipality's kits by who owns them. A change of agreement never
    changes the owner of a kit by itself: that is a purchase or a return, and somebody has to do it.
    """
    if current == wanted:
        return Changes((), ())
    everything = (*region_kits, *own_kits)
    if wanted == "owned":
        found = (
            Change("support_changes", everything),
            Change("return_or_buy_out", region_kits),
            Change("region_spares_end", everything),
        )
    else:
        found = (
            Change("support_changes", everything),
            Change("hand_over", own_kits),
            Change("own_spares", everything),
        )
    moved = tuple(duty for duty in DUTIES if duty.under(current) != duty.under(wanted))
    return Changes(tuple(change for change in found if change.kits), moved)
