"""The asset register, the agreements, what each kit is told, and who did what."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from fleet.store.tables.base import AutoKey, Base, Code, KitKey, Ms, Word


class Municipality(Base):
    """A municipality. `agreement` is the one in force today; the periods are in `AgreementPeriod`.

    `allowed_hosts` and `portals` (origins) are where its meetings may be held; `phone` is the number by which
    one takes part without video, `test_room` the link to where one practises.
    """

    __tablename__ = "municipality"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    agreement: Mapped[Word]
    allowed_hosts: Mapped[list[str]] = mapped_column(JSON)
    portals: Mapped[list[str]] = mapped_column(JSON, default=list)
    phone: Mapped[str | None] = mapped_column(String(24))
    test_room: Mapped[str | None] = mapped_column(String(1024))


class Support(Base):
    """Whom the staff calls: the region's equipment service (`body` = region) or a municipality's own IT (its
    id).
    """

    __tablename__ = "support"

    body: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(24))
    hours: Mapped[str] = mapped_column(String(80))


class Kit(Base):
    """An asset. It outlives its certificate, its settings and its place.

    `owner` is region or municipality; `role` is active, spare, locked, repair or scrapped; `parts` are the
    parts of the package that belong to it. `unit_name` and `place` are its settings, and move in a swap.
    """

    __tablename__ = "kit"

    id: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    owner: Mapped[Word]
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"), index=True)
    role: Mapped[Word]
    serial: Mapped[str] = mapped_column(String(60))
    parts: Mapped[list[str]] = mapped_column(JSON)
    unit_name: Mapped[str] = mapped_column(String(80))
    place: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(2))
    lock_reason: Mapped[Word | None]
    locked_since: Mapped[Ms | None]
    replaced_by: Mapped[str | None] = mapped_column(String(10))
    takes_over_from: Mapped[str | None] = mapped_column(String(10))
    takes_over_since: Mapped[Ms | None]


class MeetingRow(Base):
    """A meeting that the kit shall show on its day. `title` is one of `fleet.store.meetings.KINDS`.

    `source` is api, sent (by hand) or booking, and `system` the booking system's id; `status` is booked or
    cancelled; `revision` grows with each change; `version` is that of the desired state which brought it to
    the kit, None before its day. Link, PIN and phone id are secrets: never logged or listed.
    """

    __tablename__ = "meeting"

    kit_id: Mapped[KitKey]
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    start: Mapped[Ms]
    link: Mapped[str] = mapped_column(String(1024))
    pin: Mapped[str | None] = mapped_column(String(32))
    end: Mapped[Ms | None]
    phone: Mapped[str | None] = mapped_column(String(24))
    phone_id: Mapped[str | None] = mapped_column(String(33))
    source: Mapped[Word] = mapped_column(default="api")
    system: Mapped[str | None] = mapped_column(String(16), index=True)
    status: Mapped[Word] = mapped_column(default="booked")
    revision: Mapped[int] = mapped_column(BigInteger, default=1)
    changed_at: Mapped[Ms] = mapped_column(default=0)
    version: Mapped[int | None] = mapped_column(BigInteger)


class BookingSystem(Base):
    """A system that may book meetings. Of its token only the SHA-256 digest is kept (256 random bits).

    `municipalities` are whose kits it may book; none stands for all.
    """

    __tablename__ = "booking_system"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    municipalities: Mapped[list[str]] = mapped_column(JSON)
    since: Mapped[Ms]
    revoked_at: Mapped[Ms | None]


class DesiredVersion(Base):
    """Each desired state that a kit has been given, why, and when it was sent and applied."""

    __tablename__ = "desired_version"

    kit_id: Mapped[KitKey]
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[Ms]
    cause: Mapped[Code]
    sent_at: Mapped[Ms | None]
    applied_at: Mapped[Ms | None]
    problem: Mapped[Code | None]


class Outgoing(Base):
    """The latest message of a retained topic: the transactional outbox towards the kits.

    It is state, not a queue: a newer message replaces an unsent older one. It is unsent while `sent_revision`
    is lower than `revision`.
    """

    __tablename__ = "outgoing"
    __table_args__ = (Index("outgoing_unsent", "sent_revision", "revision"),)

    kit_id: Mapped[KitKey]
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(BigInteger)
    sent_revision: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[Ms]
    sent_at: Mapped[Ms | None]


class AgreementPeriod(Base):
    """Rental or owned from `start` (ISO day) until the day before `end`, or until further notice."""

    __tablename__ = "agreement_period"

    id: Mapped[AutoKey]
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"), index=True)
    kind: Mapped[Word]
    start: Mapped[str] = mapped_column(String(10))
    end: Mapped[str | None] = mapped_column(String(10))


class CostNumbers(Base):
    """The municipality's own numbers for comparing rental and owned (`fleet.agreements.cost.Numbers` as
    JSON).
    """

    __tablename__ = "cost_numbers"

    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditEntry(Base):
    """Who did what to which kit, case or municipality, and when."""

    __tablename__ = "audit"

    id: Mapped[AutoKey]
    at: Mapped[Ms]
    who: Mapped[str] = mapped_column(String(80))
    action: Mapped[Code]
    subject: Mapped[str] = mapped_column(String(60), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
