"""Agreements as they are shown."""

from __future__ import annotations

from typing import cast

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.agreements import Numbers, Period, YearCost, changes, compare
from fleet.agreements.change import Changes
from fleet.contract import SupportContact
from fleet.contract.limits import Agreement
from fleet.store.agreements import periods_of
from fleet.store.desired import contact, support_of
from fleet.store.tables import CostNumbers, Kit, Municipality


class AgreementView(Struct, frozen=True, kw_only=True):
    """One municipality: its agreement, its kits by owner, whom its staff calls, and what it would cost.

    `own_numbers` is False while the costs are computed from the example numbers.
    """

    id: str
    name: str
    kind: Agreement
    periods: tuple[Period, ...]
    support: SupportContact
    other_support: SupportContact
    region_kits: tuple[str, ...]
    own_kits: tuple[str, ...]
    numbers: Numbers
    own_numbers: bool
    costs: list[YearCost]

    def changes_to(self, kind: Agreement) -> Changes:
        """What a change to that kind would mean."""
        return changes(self.kind, kind, self.region_kits, self.own_kits)


def agreement_views(session: Session) -> list[AgreementView]:
    """All municipalities, by name."""
    return [_view(session, row) for row in session.scalars(select(Municipality).order_by(Municipality.name))]


def agreement_view(session: Session, municipality: str) -> AgreementView | None:
    """One municipality, or None."""
    row = session.get(Municipality, municipality)
    return None if row is None else _view(session, row)


def _view(session: Session, row: Municipality) -> AgreementView:
    kind = cast("Agreement", row.agreement)
    kits = session.execute(
        select(Kit.id, Kit.owner)
        .where(Kit.municipality_id == row.id, Kit.role != "scrapped")
        .order_by(Kit.id)
    ).all()
    numbers = _numbers(session, row.id, len(kits))
    return AgreementView(
        id=row.id,
        name=row.name,
        kind=kind,
        periods=periods_of(session, row.id),
        support=support_of(session, kind, row.id),
        other_support=contact(session, row.id if kind == "rental" else "region"),
        region_kits=tuple(kit for kit, owner in kits if owner == "region"),
        own_kits=tuple(kit for kit, owner in kits if owner == "municipality"),
        numbers=numbers,
        own_numbers=session.get(CostNumbers, row.id) is not None,
        costs=compare(numbers),
    )


def _numbers(session: Session, municipality: str, kits: int) -> Numbers:
    row = session.get(CostNumbers, municipality)
    return Numbers(kits=max(1, kits)) if row is None else msgspec.convert(row.numbers, Numbers)
