"""Fault cases and swaps."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet.store.tables.base import AutoKey, Base, Code, KitRef, Ms, Word


class FaultCase(Base):
    """A fault case; `number` is what people say on the phone, `unit_name` what the kit was called then.

    `opened_at` is when the fault was reported on the kit, by the kit's clock where it can be trusted. `facts`
    is the health sample of the report. `responsible` is who handled such faults when the case was opened.
    """

    __tablename__ = "fault_case"

    number: Mapped[AutoKey]
    kit_id: Mapped[str] = mapped_column(ForeignKey("kit.id"), index=True)
    unit_name: Mapped[str] = mapped_column(String(80))
    category: Mapped[Word]
    text: Mapped[str] = mapped_column(String(200))
    source: Mapped[Word]
    opened_at: Mapped[Ms]
    local_id: Mapped[str | None] = mapped_column(String(32))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    responsible: Mapped[Word]
    state: Mapped[Word]
    state_since: Mapped[Ms]
    replacement: Mapped[str | None] = mapped_column(String(10))


class FaultCaseEvent(Base):
    """What has happened in a case."""

    __tablename__ = "fault_case_event"
    __table_args__ = (Index("fault_case_event_number", "number"),)

    id: Mapped[AutoKey]
    number: Mapped[int] = mapped_column(BigInteger, ForeignKey("fault_case.number"))
    at: Mapped[Ms]
    who: Mapped[str] = mapped_column(String(80))
    code: Mapped[Code]
    text: Mapped[str] = mapped_column(String(200))


class SwapRow(Base):
    """A swap. Its state follows from its steps (`fleet.swap.Swap`); `state` is kept for finding the open
    ones.

    `before` are the settings of both kits as they were, for undoing. The versions are those that complete the
    swap.
    """

    __tablename__ = "swap"

    id: Mapped[AutoKey]
    case_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("fault_case.number"), index=True)
    old_kit: Mapped[KitRef]
    new_kit: Mapped[KitRef]
    old_version: Mapped[int] = mapped_column(BigInteger)
    new_version: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(24), index=True)


class SwapStepRow(Base):
    """One step of a swap and when it was taken."""

    __tablename__ = "swap_step"
    __table_args__ = (Index("swap_step_swap", "swap_id"),)

    id: Mapped[AutoKey]
    swap_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("swap.id"))
    step: Mapped[Code]
    at: Mapped[Ms]
    who: Mapped[str] = mapped_column(String(80))
