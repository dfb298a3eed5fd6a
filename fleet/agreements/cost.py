"""A simple comparison over years, from the municipality's own numbers.

SEK without VAT and without interest.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Kronor = Annotated[float, Meta(ge=0, le=10_000_000)]


class Numbers(Struct, frozen=True, kw_only=True):
    """The municipality's own numbers; the defaults are only examples to begin from.

    The base fee for the central solution is paid in both alternatives. An owned kit is bought again when it
    is worn out, and a share of the kits is bought in addition as spares of its own.
    """

    kits: Annotated[int, Meta(ge=1, le=10_000)] = 4
    years: Annotated[int, Meta(ge=1, le=15)] = 6
    base_fee_year: Kronor = 24_000
    rent_kit_month: Kronor = 950
    price_kit: Kronor = 19_000
    life_years: Annotated[int, Meta(ge=1, le=15)] = 4
    spare_share: Annotated[float, Meta(ge=0, le=1)] = 0.15
    broadband_kit_month: Kronor = 150
    support_hours_kit_year: Annotated[float, Meta(ge=0, le=500)] = 6
    hour_cost: Kronor = 650
    setup_hours_kit: Annotated[float, Meta(ge=0, le=500)] = 5
    training_year: Kronor = 8_000


class YearCost(Struct, frozen=True):
    """Cost during a year (1 is the first) and in total up to and including it."""

    year: int
    rental: float
    owned: float
    rental_total: float
    owned_total: float


def compare(numbers: Numbers) -> list[YearCost]:
    """Year by year, both alternatives."""
    result: list[YearCost] = []
    rental_total = owned_total = 0.0
    for year in range(1, numbers.years + 1):
        rental, owned = _rental(numbers), _owned(numbers, year)
        rental_total += rental
        owned_total += owned
        result.append(YearCost(year, rental, owned, rental_total, owned_total))
    return result


def _rental(numbers: Numbers) -> float:
    return numbers.base_fee_year + numbers.kits * numbers.rent_kit_month * 12


def _owned(numbers: Numbers, year: int) -> float:
    running = (
        numbers.base_fee_year
        + numbers.training_year
        + numbers.kits * numbers.broadband_kit_month * 12
        + numbers.kits * numbers.support_hours_kit_year * numbers.hour_cost
    )
    if (year - 1) % numbers.life_years:
        return running
    bought = _bought(numbers)
    return running + bought * (numbers.price_kit + numbers.setup_hours_kit * numbers.hour_cost)


def _bought(numbers: Numbers) -> int:
    """Kits and spares, rounded up to whole kits."""
    exact = numbers.kits * (1 + numbers.spare_share)
    return int(exact) if exact == int(exact) else int(exact) + 1
